import { rewriteObject } from '@/lib/manifest/documents';
import { editOf, rebase } from '@/lib/manifest/edit';
import type { StepPath } from '@/lib/manifest/field-path';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { readManifests } from '@/lib/manifest/read';
import { writeManifest } from '@/lib/manifest/write';

/** The YAML of one object while a person looks at it and perhaps changes it. */
export interface ObjectEdit {
  /** The object that the text is compared with: the newest whose changes are in the text. */
  opened: ManifestObject;
  text: string;
  /** The server's object when its changes could not be put under the edit. */
  ahead: Ahead | undefined;
  /** Changes of others that were put under the edit since it began: lines, counted anew after each save. */
  mergedLines: number;
}

export interface Ahead {
  latest: ManifestObject;
  /** Fields that both sides changed. Empty while the text can't be read, so that nobody knows. */
  conflicts: StepPath[];
  /** The reader has seen it and goes on editing. */
  isAccepted: boolean;
}

export function openObject(object: ManifestObject): ObjectEdit {
  return { opened: object, text: writeManifest(object), ahead: undefined, mergedLines: 0 };
}

/** Whether a person has changed the text. */
export function isChanged(edit: ObjectEdit): boolean {
  return edit.text !== writeManifest(edit.opened);
}

/** The object as the text has it; undefined while the text is not one readable object. */
export function editedObject(text: string): ManifestObject | undefined {
  const { manifests, source } = readManifests(text);
  const [manifest, second] = manifests;
  return manifest && !second && source.problems.length === 0 ? manifest.object : undefined;
}

/** What a person typed. A text that can be read again may take in what the server had changed. */
export function typeText(edit: ObjectEdit, text: string): ObjectEdit {
  const typed = { ...edit, text };
  if (!edit.ahead || edit.ahead.conflicts.length > 0) return typed;
  return editedObject(text) ? followObject(typed, edit.ahead.latest) : typed;
}

/**
 * Takes in the server's newest object. An unchanged text becomes the new one; a changed one takes what others
 * changed elsewhere; where both changed the same field, the object waits in `ahead`.
 */
export function followObject(edit: ObjectEdit, latest: ManifestObject): ObjectEdit {
  if (latest === edit.opened) return edit;
  if (!isChanged(edit)) return { ...openObject(latest), mergedLines: 0 };
  const edited = editedObject(edit.text);
  const isAccepted = edit.ahead?.isAccepted ?? false;
  if (!edited) return { ...edit, ahead: { latest, conflicts: [], isAccepted } };
  const { conflicts, merged } = rebase(edit.opened, edited, latest);
  const sameAsBefore = conflicts.length === (edit.ahead?.conflicts.length ?? 0);
  if (conflicts.length > 0) {
    return { ...edit, ahead: { latest, conflicts, isAccepted: isAccepted && sameAsBefore } };
  }
  const text = rewriteObject(edit.text, merged);
  if (text === undefined) return { ...edit, ahead: { latest, conflicts: [], isAccepted } };
  const { patch } = editOf(edit.opened, latest);
  const lines = Object.keys(patch).length > 0 ? differingLines(edit.text, text) : 0;
  return { opened: latest, text, ahead: undefined, mergedLines: edit.mergedLines + lines };
}

/** The server's object in place of the edit. */
export function takeTheirs(edit: ObjectEdit): ObjectEdit {
  return openObject(edit.ahead?.latest ?? edit.opened);
}

export function keepEditing(edit: ObjectEdit): ObjectEdit {
  return edit.ahead ? { ...edit, ahead: { ...edit.ahead, isAccepted: true } } : edit;
}

/** The text a person made of both sides; from now on it is a change of the server's object. */
export function settleConflict(edit: ObjectEdit, text: string): ObjectEdit {
  return { opened: edit.ahead?.latest ?? edit.opened, text, ahead: undefined, mergedLines: edit.mergedLines };
}

/** How many lines of `b` are not, as often, in `a`, or the other way round: whichever is more. */
export function differingLines(a: string, b: string): number {
  const counts = new Map<string, number>();
  for (const line of a.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  let added = 0;
  for (const line of b.split('\n')) {
    const left = counts.get(line) ?? 0;
    if (left > 0) counts.set(line, left - 1);
    else added += 1;
  }
  const removed = [...counts.values()].reduce((sum, left) => sum + left, 0);
  return Math.max(added, removed);
}

/** The edit with what others changed elsewhere; only the fields that both changed are still as the edit has them. */
export function threeWayText({ opened, text, ahead }: ObjectEdit): string {
  const edited = editedObject(text);
  if (!ahead || !edited) return text;
  return rewriteObject(text, rebase(opened, edited, ahead.latest).merged) ?? text;
}

/**
 * The same edit against another way to show the same object, e.g. with its secrets revealed: what the person didn't
 * touch changes its looks. Undefined while the text can't be read.
 */
export function restate(edit: ObjectEdit, opened: ManifestObject): ObjectEdit | undefined {
  if (!isChanged(edit)) return openObject(opened);
  const edited = editedObject(edit.text);
  const text = edited && rewriteObject(edit.text, rebase(edit.opened, edited, opened).merged);
  return text === undefined ? undefined : { ...edit, opened, text, ahead: undefined };
}
