import type { JsonObject } from '@/lib/k8s/json';
import type { Text } from '@/lib/text';

/** A VirtualMachine as a manifest has it: written by a person, perhaps half finished. */
export type VmManifest = JsonObject;

/** What a form edits: a VM, and in creation the objects that are made with it (Secrets, DataVolumes, …). */
export interface VmDraft {
  vm: VmManifest;
  /** In the order of the manifest; empty where an existing VM is changed. */
  others: readonly JsonObject[];
}

/** A pure change of a draft; what it doesn't touch stays the same object. */
export type DraftEdit = (draft: VmDraft) => VmDraft;

/** One value of a VM that people edit: a pure pair of reading and writing. Unknown fields survive a write. */
export interface Field<T> {
  /** Stable: the id of the control and the anchor in addresses. */
  id: string;
  /** Where it stands, as the API spells it (`spec.template.spec.domain.cpu.cores`); lists without indexes. */
  paths: readonly string[];
  read(vm: VmManifest): T;
  /** Writing what was read gives an equal VM. */
  write(vm: VmManifest, value: T): VmManifest;
  /** What is wrong with a value, by rules that need no cluster. */
  problem?(value: T, vm: VmManifest): Text | undefined;
  /** What the API takes and yet is better known before. */
  warning?(value: T, vm: VmManifest): Text | undefined;
}

/** The VMI's spec inside a VM. */
export const GUEST = ['spec', 'template', 'spec'] as const;
export const DOMAIN = [...GUEST, 'domain'] as const;
export const DEVICES = [...DOMAIN, 'devices'] as const;

/** Whether a place in a VM, e.g. of a server's cause (`spec.template.spec.domain.cpu.cores`), belongs to a field. */
export function isWithin(place: string, path: string): boolean {
  const plain = place.replace(/\[[^\]]*\]/g, '').toLowerCase();
  const wanted = path.toLowerCase();
  return plain === wanted || plain.startsWith(`${wanted}.`);
}
