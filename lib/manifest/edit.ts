import { isEmptyPatch, type MergePatch, mergePatch, sameJson } from '@/lib/k8s/patch';
import { mergeThreeWay } from './changes';
import type { StepPath } from './field-path';
import { type JsonPatchOp, patchOf } from './json-patch';
import { isMapping, type ManifestObject } from './manifest';
import { maskedPaths } from './secret';
import { tidy } from './write';

/** Fields of `metadata` that only the server writes. */
const SERVER_METADATA = [
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'managedFields',
  'selfLink',
];

/** Fields by which an object is known; changing one would make another object. */
const IDENTITY = [['apiVersion'], ['kind'], ['metadata', 'name'], ['metadata', 'namespace']] as const;

/** The part of an object that a person may edit: no status, no fields of the server's own. */
export function editable(object: ManifestObject): ManifestObject {
  const { status: _status, ...rest } = object;
  if (isMapping(rest.metadata)) {
    const metadata = { ...rest.metadata };
    for (const field of SERVER_METADATA) delete metadata[field];
    rest.metadata = metadata;
  }
  return rest;
}

export interface Edit {
  /** What is to be sent, as a merge patch; empty when nothing is. */
  patch: MergePatch;
  /** Paths that were changed though they say which object this is: such an edit is refused. */
  identity: string[][];
  /** Paths that were changed and are not sent, because the cluster writes them. */
  unsent: string[][];
}

/** The difference between an object as opened and as edited. */
export function editOf(opened: ManifestObject, edited: ManifestObject): Edit {
  const unsent: string[][] = [];
  if (!sameJson(opened.status, edited.status)) unsent.push(['status']);
  for (const field of SERVER_METADATA) {
    // Never shown, so never changed by a person.
    if (field === 'managedFields') continue;
    if (!sameJson(metadataOf(opened)[field], metadataOf(edited)[field])) unsent.push(['metadata', field]);
  }
  const identity = IDENTITY.filter((path) => !sameJson(at(opened, path), at(edited, path))).map((path) => [
    ...path,
  ]);
  return { patch: mergePatch(editable(opened), editable(edited)), identity, unsent };
}

/**
 * The difference as operations to send, guarded by what they expect to find; see `patchOf`. Undefined where that
 * would send a mask: what is hidden can't be expected.
 */
export function operationsOf(opened: ManifestObject, edited: ManifestObject): JsonPatchOp[] | undefined {
  const { resourceVersion } = metadataOf(opened);
  const versioned = (object: ManifestObject) => {
    const part = editable(object);
    return { ...part, metadata: { ...metadataOf(part), resourceVersion } };
  };
  const ops = patchOf(versioned(opened), versioned(edited));
  const isMasked = ops.some((each) => 'value' in each && maskedPaths({ value: each.value }).length > 0);
  return isMasked ? undefined : ops;
}

/** How an edit fares when the object has become another meanwhile. */
export interface Rebase {
  /** Fields that both sides changed, and differently. */
  conflicts: StepPath[];
  /** Both changes together; where they clash, the edit's. Status and the server's own fields are the newest. */
  merged: ManifestObject;
}

/** Puts an edit of `opened` on top of what the server has made of it since. */
export function rebase(opened: ManifestObject, edited: ManifestObject, latest: ManifestObject): Rebase {
  const newest = tidy(latest);
  const { merged, conflicts } = mergeThreeWay(editable(opened), editable(edited), editable(newest));
  const metadata = { ...metadataOf(merged) };
  for (const field of SERVER_METADATA) {
    const value = metadataOf(newest)[field];
    if (value !== undefined) metadata[field] = value;
  }
  const { status } = newest;
  return { conflicts, merged: tidy({ ...merged, metadata, ...(status === undefined ? {} : { status }) }) };
}

/** Whether the part that people edit is the same in both. */
export function sameEditable(a: ManifestObject, b: ManifestObject): boolean {
  return (
    isEmptyPatch(mergePatch(editable(a), editable(b))) && isEmptyPatch(mergePatch(editable(b), editable(a)))
  );
}

function metadataOf(object: ManifestObject): Record<string, unknown> {
  return isMapping(object.metadata) ? object.metadata : {};
}

function at(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isMapping(value) ? value[key] : undefined), object);
}
