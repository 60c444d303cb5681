import { isJsonObject, type JsonPath, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import { amountProblem, quantityAt } from './amount';
import type { Field, VmManifest } from './field';

type Checks<T> = Pick<Field<T>, 'problem' | 'warning'>;

/** A field whose `write` leaves the VM alone when the value is the one that `read` gives, however odd it is written. */
export function field<T>(made: Field<T>): Field<T> {
  return {
    ...made,
    write: (vm, value) => (isSame(value, made.read(vm)) ? vm : made.write(vm, value)),
  };
}

/** A text; empty removes it. What is no text reads as empty, and stays until another is written. */
export function wordField(id: string, path: JsonPath, checks: Checks<string> = {}): Field<string> {
  return field<string>({
    id,
    paths: [path.join('.')],
    read: (vm) => wordAt(vm, path),
    write: (vm, value) => withValueAt(vm, path, value || undefined),
    ...checks,
  });
}

/** A quantity as it is written; empty removes it. */
export function amountField(id: string, path: JsonPath, checks: Checks<string> = {}): Field<string> {
  return field<string>({
    id,
    paths: [path.join('.')],
    read: (vm) => quantityAt(vm, path),
    write: (vm, value) => withValueAt(vm, path, value || undefined),
    ...checks,
    problem: (value, vm) => amountProblem(value) ?? checks.problem?.(value, vm),
  });
}

/** A whole number that is `min` or more; undefined removes it. */
export function numberField(
  id: string,
  path: JsonPath,
  { min = 0, ...checks }: Checks<number | undefined> & { min?: number } = {},
): Field<number | undefined> {
  return field<number | undefined>({
    id,
    paths: [path.join('.')],
    read: (vm) => numberAt(vm, path),
    write: (vm, value) => withValueAt(vm, path, value),
    ...checks,
    problem: (value, vm) => wholeProblem(value, min) ?? checks.problem?.(value, vm),
  });
}

/** Yes or no; what the API takes for granted is not written. */
export function flagField(
  id: string,
  path: JsonPath,
  { usual = false, ...checks }: Checks<boolean> & { usual?: boolean } = {},
): Field<boolean> {
  return field<boolean>({
    id,
    paths: [path.join('.')],
    read: (vm) => (valueAt(vm, path) === !usual ? !usual : usual),
    write: (vm, value) => withValueAt(vm, path, value === usual ? undefined : value),
    ...checks,
  });
}

/** Yes, no, or left to preference and cluster, which is what the API's missing booleans mean. */
export type Tri = '' | 'on' | 'off';

export function triField(id: string, path: JsonPath, checks: Checks<Tri> = {}): Field<Tri> {
  return field<Tri>({
    id,
    paths: [path.join('.')],
    read: (vm) => {
      const value = valueAt(vm, path);
      return value === true ? 'on' : value === false ? 'off' : '';
    },
    write: (vm, value) => withValueAt(vm, path, value === '' ? undefined : value === 'on'),
    ...checks,
  });
}

/** Something that is on by being there: `rng: {}`. What it has inside stays while it is on. */
export function presenceField(id: string, path: JsonPath, checks: Checks<boolean> = {}): Field<boolean> {
  return field<boolean>({
    id,
    paths: [path.join('.')],
    read: (vm) => isJsonObject(valueAt(vm, path)),
    write: (vm, value) => withValueAt(vm, path, value ? {} : undefined),
    ...checks,
  });
}

/** A mapping of texts such as labels. Entries that are no texts or hidden are not shown, and stay. */
export function pairsField(
  id: string,
  path: JsonPath,
  {
    isHidden = () => false,
    ...checks
  }: Checks<Readonly<Record<string, string>>> & { isHidden?: (key: string) => boolean } = {},
): Field<Readonly<Record<string, string>>> {
  return field<Readonly<Record<string, string>>>({
    id,
    paths: [path.join('.')],
    read: (vm) =>
      Object.fromEntries(Object.entries(textsOf(valueAt(vm, path))).filter(([key]) => !isHidden(key))),
    write: (vm, value) => {
      const before = valueAt(vm, path);
      const kept = Object.entries(isJsonObject(before) ? before : {}).filter(
        ([key, each]) => typeof each !== 'string' || isHidden(key) || Object.hasOwn(value, key),
      );
      const after = { ...Object.fromEntries(kept), ...value };
      return withValueAt(vm, path, Object.keys(after).length > 0 ? after : undefined);
    },
    ...checks,
  });
}

/** The texts of a mapping such as `metadata.labels`; what is no text is left out. */
export function textsOf(mapping: unknown): Record<string, string> {
  if (!isJsonObject(mapping)) return {};
  return Object.fromEntries(
    Object.entries(mapping).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

/** A list, entry by entry as it is written; an empty one removes it. */
export function listField(
  id: string,
  path: JsonPath,
  checks: Checks<readonly unknown[]> = {},
): Field<readonly unknown[]> {
  return field<readonly unknown[]>({
    id,
    paths: [path.join('.')],
    read: (vm) => {
      const value = valueAt(vm, path);
      return Array.isArray(value) ? value : [];
    },
    write: (vm, value) => withValueAt(vm, path, value.length > 0 ? value : undefined),
    ...checks,
  });
}

/** The number at a path; undefined when something else stands there. */
export function numberAt(vm: VmManifest, path: JsonPath): number | undefined {
  const value = valueAt(vm, path);
  return typeof value === 'number' ? value : undefined;
}

function wholeProblem(value: number | undefined, min: number): Text | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min)) return undefined;
  return text('compute.problem.notWhole', { min });
}

/** Whether two values that come from JSON say the same, key by key in one order. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
