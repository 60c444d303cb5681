import { sameJson } from '@/lib/k8s/patch';
import { entryName } from './align';
import { applyDifferences, type Difference, differences } from './changes';
import type { StepPath } from './field-path';
import { isMapping, type ManifestObject } from './manifest';

/** One operation of a JSON patch (RFC 6902), of the kinds that are sent. */
export type JsonPatchOp =
  | { op: 'test' | 'add' | 'replace'; path: string; value: unknown }
  | { op: 'remove'; path: string };

export const JSON_PATCH = 'application/json-patch+json';

/**
 * What turns `before` into `after`, as operations that the server refuses (422) when somebody else has changed the
 * same meanwhile: each index of a list is guarded by the name of its entry, each value that goes by itself. What is
 * added to a mapping can't be guarded so (`add` writes over what is there), so such a patch is guarded by the
 * version. Empty when nothing differs. `before` must be the object as the server gave it.
 */
export function patchOf(before: ManifestObject, after: ManifestObject): JsonPatchOp[] {
  const found = differences(before, after);
  const ops: JsonPatchOp[] = [];
  const version = isMapping(before.metadata) ? before.metadata.resourceVersion : undefined;
  if (found.some(addsKey) && version !== undefined) {
    ops.push({ op: 'test', path: '/metadata/resourceVersion', value: version });
  }
  // Each operation sees what those before it have left.
  let state = before;
  const tested = new Set<string>();
  for (const difference of found) {
    const { pointer, guards, parent } = resolve(state, difference.path);
    for (const guard of guards) {
      const key = JSON.stringify(guard);
      if (!tested.has(key)) ops.push(guard);
      tested.add(key);
    }
    ops.push(...operations(pointer, parent, difference));
    // Indexes of what follows may have moved.
    if (typeof difference.path.at(-1) === 'object') tested.clear();
    state = applyDifferences(state, [difference]);
  }
  return ops;
}

function operations(pointer: string, parent: unknown, difference: Difference): JsonPatchOp[] {
  const { before, after, follows } = difference;
  if (after === undefined) {
    return [
      { op: 'test', path: pointer, value: before },
      { op: 'remove', path: pointer },
    ];
  }
  if (before !== undefined) {
    return [
      { op: 'test', path: pointer, value: before },
      { op: 'replace', path: pointer, value: after },
    ];
  }
  if (!Array.isArray(parent)) return [{ op: 'add', path: pointer, value: after }];
  const list = pointer.slice(0, pointer.lastIndexOf('/'));
  const previous = parent.findIndex((entry) => entryName(entry) === follows);
  if (follows !== '' && (previous < 0 || previous === parent.length - 1)) {
    return [{ op: 'add', path: `${list}/-`, value: after }];
  }
  return [{ op: 'add', path: `${list}/${previous + 1}`, value: after }];
}

/** Whether a difference puts something where a mapping had nothing. */
function addsKey({ path, before, after }: Difference): boolean {
  return before === undefined && after !== undefined && typeof path.at(-1) === 'string';
}

/** The JSON pointer of a place, what guards its indexes, and what the last step leads out of. */
function resolve(root: unknown, path: StepPath): { pointer: string; guards: JsonPatchOp[]; parent: unknown } {
  const guards: JsonPatchOp[] = [];
  let pointer = '';
  let value = root;
  let parent: unknown;
  path.forEach((step, position) => {
    parent = value;
    if (typeof step === 'string') {
      pointer += `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      value = isMapping(value) ? value[step] : undefined;
      return;
    }
    const list: unknown[] = Array.isArray(value) ? value : [];
    const at = typeof step === 'number' ? step : list.findIndex((entry) => entryName(entry) === step.name);
    pointer += `/${at < 0 ? '-' : at}`;
    value = list[at];
    // A whole entry that goes is guarded by its own value.
    if (typeof step === 'object' && at >= 0 && position < path.length - 1) {
      const named = isMapping(value) && typeof value.name === 'string' ? 'name' : 'metadata/name';
      guards.push({ op: 'test', path: `${pointer}/${named}`, value: step.name });
    }
  });
  return { pointer, guards, parent };
}

/** Whether every `test` of a patch holds for an object: a refusal with 422 means something else then. */
export function testsHold(object: ManifestObject, ops: readonly JsonPatchOp[]): boolean {
  return ops.every((each) => each.op !== 'test' || sameJson(at(object, each.path), each.value));
}

function at(root: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, step) => {
      if (Array.isArray(value)) return value[Number(step)];
      return isMapping(value) ? value[step] : undefined;
    }, root);
}
