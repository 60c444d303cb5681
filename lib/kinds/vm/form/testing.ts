import { expect } from 'vitest';
import type { JsonObject } from '@/lib/k8s/json';
import type { Field } from './field';

/** VMs as nobody should write them, and everybody does once: what belongs elsewhere stands where a mapping belongs. */
export function oddVms(paths: readonly string[]): JsonObject[] {
  const wrong = ['odd', 3, true, null, [], ['odd'], [null, { name: 3 }], {}, { odd: { deep: 1 } }];
  return [
    {},
    ...paths.flatMap((path) => prefixes(path).flatMap((at) => wrong.map((value) => build(at, value)))),
  ];
}

/** Every field reads odd VMs without an error, finds words for them, and leaves them alone when nothing has changed. */
export function expectFieldsToKeep(
  fields: readonly Field<unknown>[],
  more: readonly JsonObject[] = [],
): void {
  for (const field of fields) {
    for (const vm of [...oddVms(field.paths), ...more]) {
      const value = field.read(vm);
      field.problem?.(value, vm);
      field.warning?.(value, vm);
      expect(field.write(vm, value), `${field.id} of ${JSON.stringify(vm)}`).toEqual(vm);
    }
  }
  const ids = fields.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
}

/** `a.b.c` as `[a]`, `[a, b]`, `[a, b, c]`; keys with dots in them (`kubevirt.io/x`) end a path. */
function prefixes(path: string): string[][] {
  const slash = /^(metadata\.(?:labels|annotations)|.*\.nodeSelector)\.(.+)$/.exec(path);
  const steps = slash ? [...(slash[1] ?? '').split('.'), slash[2] ?? ''] : path.split('.');
  return steps.map((_, index) => steps.slice(0, index + 1));
}

function build(steps: string[], value: unknown): JsonObject {
  const [step = '', ...rest] = steps;
  return { [step]: rest.length > 0 ? build(rest, value) : value };
}
