import { isJsonObject } from '@/lib/k8s/json';
import type { VmManifest } from '@/lib/kinds/vm/form/field';
import type { PlacedProblem } from '../form/vm-form';
import type { StepState } from './step-nav';
import { STEPS, stepOfPath } from './steps';

/** The state of each step: whether anything in it is wrong, or another than what the form began with. */
export function stepStates(
  before: VmManifest,
  now: VmManifest,
  problems: readonly PlacedProblem[],
): ReadonlyMap<string, StepState> {
  const broken = new Set(
    problems.filter(({ severity }) => severity === 'error').map(({ path }) => stepOfPath(path)?.id),
  );
  return new Map(
    STEPS.map(({ id, paths }): [string, StepState] => {
      if (broken.has(id)) return [id, 'errors'];
      const isChanged = paths.some((path) => said(before, path) !== said(now, path));
      return [id, isChanged ? 'changed' : 'untouched'];
    }),
  );
}

/** What stands at a path that leads through lists without indexes, as JSON. */
function said(root: unknown, path: string): string {
  const found = path.split('.').reduce<unknown[]>(
    (values, key) =>
      values.flatMap((value) => {
        const inner = isJsonObject(value) ? value[key] : undefined;
        return inner === undefined ? [] : Array.isArray(inner) ? inner : [inner];
      }),
    [root],
  );
  return JSON.stringify(found);
}
