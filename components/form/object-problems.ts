import { isEmptyPatch } from '@/lib/k8s/patch';
import { type Edit, editOf } from '@/lib/manifest/edit';
import { fieldPathText, type Path } from '@/lib/manifest/field-path';
import type { Manifest, ManifestObject } from '@/lib/manifest/manifest';
import { hasErrors, type Problem, type Severity } from '@/lib/manifest/problem';
import { placeIn, type Reading, readManifests } from '@/lib/manifest/read';
import { maskedPaths } from '@/lib/manifest/secret';
import { placeSaid, type Said } from '@/lib/manifest/server-words';
import { type Text, text } from '@/lib/text';

/** What the text of an object says, next to the object. */
export interface Review {
  problems: Problem[];
  /** Why it can't be sent as it is; undefined when it can. */
  unsendable: Text | undefined;
}

/** Checks the text of an edit against the object it was opened from, with what the server said to the last attempt. */
export function reviewObject(opened: ManifestObject, content: string, said: readonly Said[]): Review {
  const reading = readManifests(content);
  // `uid` and the like belong to an object that exists.
  const problems = reading.problems.filter(({ message }) => message.key !== 'yaml.problem.serverFields');
  const [manifest, second] = reading.manifests;
  if (second) problems.push(at(reading, second, [], 'error', text('yaml.problem.oneObject')));
  const edit = manifest && !second && !hasErrors(problems) ? editOf(opened, manifest.object) : undefined;
  if (manifest && edit) {
    problems.push(...editProblems(reading, manifest, edit));
    problems.push(...placeSaid(reading, manifest, said));
  }
  problems.sort((a, b) => a.range.from - b.range.from);
  return { problems, unsendable: unsendable(problems, said, edit) };
}

function unsendable(
  problems: readonly Problem[],
  said: readonly Said[],
  edit: Edit | undefined,
): Text | undefined {
  const words = new Set(said.map((each) => each.words));
  // What the server refused may be tried again: the cause can lie elsewhere and be gone.
  const own = problems.filter(({ message }) => !words.has(String(message.values?.words)));
  if (!edit || hasErrors(own)) return text('yaml.object.hasErrors');
  if (!isEmptyPatch(edit.patch)) return undefined;
  return text(edit.unsent.length > 0 ? 'yaml.object.onlyUnsent' : 'yaml.object.sameMeaning');
}

function editProblems(reading: Reading, manifest: Manifest, edit: Edit): Problem[] {
  const field = (path: Path) => ({ field: fieldPathText(path) });
  return [
    ...edit.identity.map((path) =>
      at(reading, manifest, path, 'error', text('yaml.problem.identity', field(path))),
    ),
    ...edit.unsent.map((path) =>
      at(reading, manifest, path, 'warning', text('yaml.problem.unsent', field(path))),
    ),
    ...maskedPaths(edit.patch).map((path) =>
      at(reading, manifest, path, 'error', text('yaml.problem.masked')),
    ),
  ];
}

function at(reading: Reading, manifest: Manifest, path: Path, severity: Severity, message: Text): Problem {
  return { severity, message, document: manifest.document.index, range: placeIn(reading, manifest, path) };
}
