'use client';

import { checkOf, type Refusal, refusalOf } from '@/lib/kinds/abilities';
import { useAccess } from '@/lib/live/use-access';
import type { Step } from '@/lib/manifest/plan';
import { isDone, stepKey } from './create-run';
import type { CreateRun } from './use-create-run';

/** Which of the steps that are still to be sent the user may not send, by their keys, and the right that each lacks. */
export function useStepRefusals(
  cluster: string,
  steps: readonly Step[],
  { outcomes, modes }: Pick<CreateRun, 'outcomes' | 'modes'>,
): ReadonlyMap<string, Refusal> {
  const asked = steps
    .filter((step) => !isDone(outcomes.get(stepKey(step))))
    .map((step) => {
      const key = stepKey(step);
      const verb = modes.get(key) === 'apply' ? 'patch' : 'create';
      return { key, check: checkOf({ verb, resource: step.resource }, step.namespace) };
    });
  const verdict = useAccess(
    cluster,
    asked.map(({ check }) => check),
  );
  return new Map(
    asked.flatMap(({ key, check }) =>
      verdict(check)?.allowed === false ? [[key, refusalOf(check)] as const] : [],
    ),
  );
}
