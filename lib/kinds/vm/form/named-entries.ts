import { type JsonObject, mappingsAt, wordAt } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { DEVICES, GUEST, type VmManifest } from './field';

const PLACES = {
  volumes: [...GUEST, 'volumes'],
  networks: [...GUEST, 'networks'],
  disks: [...DEVICES, 'disks'],
  interfaces: [...DEVICES, 'interfaces'],
} as const;

export type NamedEntries = ReadonlyMap<string, JsonObject>;

/** The entries of a list of a VM's template by their names. */
export function entriesOf(vm: VmManifest, list: keyof typeof PLACES): NamedEntries {
  return new Map(mappingsAt(vm, PLACES[list]).map((entry) => [wordAt(entry, ['name']), entry]));
}

/** The names of entries that are not the same on both sides. */
export function changedNames(before: NamedEntries, after: NamedEntries): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => !sameJson(before.get(name), after.get(name)));
}
