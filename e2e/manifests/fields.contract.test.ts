import { describe, expect, it } from 'vitest';
import { isJsonObject } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { ALL_FIELDS } from '@/lib/kinds/vm/form/all-fields';
import type { Field, VmManifest } from '@/lib/kinds/vm/form/field';
import { readDocuments, rewriteDocuments } from '@/lib/manifest/documents';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { CORPUS } from './corpus';

const machines = CORPUS.flatMap(({ name, text }) => {
  const objects = readDocuments(text)?.objects ?? [];
  return objects.flatMap((vm, at) => (vm.kind === 'VirtualMachine' ? [{ name, text, objects, vm, at }] : []));
});

function comments(text: string): string[] {
  return text.split('\n').flatMap((line) => /(?:^|\s)(#.*?)\r?$/.exec(line)?.[1] ?? []);
}

/** Where a field says the same in another way once it was changed, or takes with it what belonged to the old value. */
const ONE_WAY: Record<string, RegExp> = {
  // `running` gives way to `runStrategy`.
  'run-strategy': /^running-/,
  // Another platform's label gives way to the console's own.
  folder: /^labels-annotations-folder/,
  // The revision was one of the old choice.
  'instance-type': /^instancetype-/,
  preference: /^instancetype-/,
  // A number of CPUs is a topology of one kind or another.
  vcpus: /./,
  // What a firmware has beside its kind is of that kind alone, and secure boot can be said by saying nothing.
  'boot-mode': /./,
  // A list that was there with nothing in it goes with what came into it.
  tablet: /^empty-collections/,
  // Entries without names that change places are written out.
  'access-credentials': /^access-credentials/,
  // What says as much as nothing goes.
  'machine-type': /^features-and-clock/,
  acpi: /^features-and-clock/,
  // A number of bytes becomes a quantity.
  memory: /^number-/,
};

/** Another label on what is merged into other labels is one that those would take in: they are written out. */
const WRITTEN_OUT = /^merge-keys/;

/** Without the mappings on the way to a field that say nothing: they go when what came into them goes. */
function withoutEmpties(value: unknown, keys: ReadonlySet<string>): unknown {
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpties(inner, keys)] as const);
  const says = (inner: unknown) =>
    inner !== null && !(isJsonObject(inner) && Object.keys(inner).length === 0);
  return Object.fromEntries(entries.filter(([key, inner]) => !keys.has(key) || says(inner)));
}

/** How much a value says; an empty mapping says something too (`rng: {}`). */
function leaves(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + leaves(each), 0);
  return isJsonObject(value) ? Math.max(1, leaves(Object.values(value))) : 1;
}

/** Another value of a field's kind; undefined where none can be made up. */
function other(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value}2`;
  if (Array.isArray(value)) return value.length > 1 ? [...value].reverse() : undefined;
  if (!isJsonObject(value)) return undefined;
  const [key] = Object.keys(value).filter((each) => typeof value[each] === 'string');
  return key === undefined ? undefined : { ...value, [key]: `${value[key]}2` };
}

/** What the field reads after its value went into the text and was read from it again. */
function throughText(
  { text, objects, at }: (typeof machines)[number],
  vm: VmManifest,
): { text: string; objects: ManifestObject[] } {
  const written = rewriteDocuments(text, objects.with(at, vm));
  const read = written === undefined ? undefined : readDocuments(written);
  if (written === undefined || !read) throw new Error('cannot be written');
  return { text: written, objects: read.objects };
}

describe.each(ALL_FIELDS.map((field): [string, Field<unknown>] => [field.id, field]))('%s', (_id, field) => {
  it('writes what it reads and leaves every text as it is', () => {
    for (const machine of machines) {
      const vm = field.write(machine.vm, field.read(machine.vm));
      expect(vm, machine.name).toEqual(machine.vm);
      if (vm !== machine.vm) expect(throughText(machine, vm).text, machine.name).toBe(machine.text);
    }
  });

  it('reads from the text what it has written, and goes back', () => {
    for (const machine of machines) {
      const before = field.read(machine.vm);
      const next = other(before);
      if (next === undefined) continue;
      const changed = field.write(machine.vm, next);
      // One of a few words, of which this is none.
      if (field.read(changed) === undefined) continue;
      const there = throughText(machine, changed);
      const vm = there.objects[machine.at] ?? {};
      expect(sameJson(vm, changed), machine.name).toBe(true);
      expect(field.read(vm), machine.name).toEqual(field.read(changed));
      // What goes takes the comment on its own line with it.
      const isOneWay = ONE_WAY[field.id]?.test(machine.name) ?? false;
      if (leaves(changed) >= leaves(machine.vm) && !isOneWay && !WRITTEN_OUT.test(machine.name)) {
        expect(comments(there.text).length, machine.name).toBe(comments(machine.text).length);
      }
      const back = throughText({ ...machine, ...there }, field.write(vm, before));
      expect(field.read(back.objects[machine.at] ?? {}), machine.name).toEqual(before);
      if (isOneWay) continue;
      const keys = new Set(field.paths.flatMap((path) => path.split('.')));
      expect(withoutEmpties(back.objects[machine.at], keys), machine.name).toEqual(
        withoutEmpties(machine.vm, keys),
      );
    }
  });
});
