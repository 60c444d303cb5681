import type { JsonObject } from '@/lib/k8s/json';
import { wordAt } from '@/lib/k8s/json';
import type { VmDraft } from '@/lib/kinds/vm/form/field';

/** A draft, and which of the manifest's documents its VM is. */
export interface PlacedDraft {
  draft: VmDraft;
  at: number;
}

/** The first VM among documents with all the others; undefined when there is none. */
export function draftOf(objects: readonly JsonObject[]): PlacedDraft | undefined {
  const at = objects.findIndex(isVm);
  const vm = objects[at];
  return vm && { draft: { vm, others: objects.filter((_, index) => index !== at) }, at };
}

/** The documents again, each at its place; what the draft has more than before comes last. */
export function objectsOf(before: PlacedDraft, { vm, others }: VmDraft): JsonObject[] {
  const kept = new Set(others.map(identity));
  const at = before.draft.others.slice(0, before.at).filter((each) => kept.has(identity(each))).length;
  return [...others.slice(0, at), vm, ...others.slice(at)];
}

export function isVm(object: JsonObject): boolean {
  return object.kind === 'VirtualMachine' && wordAt(object, ['apiVersion']).startsWith('kubevirt.io/');
}

function identity(object: JsonObject): string {
  return `${wordAt(object, ['kind'])}/${wordAt(object, ['metadata', 'name'])}`;
}
