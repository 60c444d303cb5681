'use client';

import { useText } from '@/components/ui/text';
import { type Group, type Step, summarize } from '@/lib/manifest/plan';
import { isDone, stepKey } from './create-run';
import type { CreateRun } from './use-create-run';

/** What the button will do, in a sentence: "Creates 1 Namespace, 2 VirtualMachines in team-a." */
export function PlanSentence({
  steps,
  newNamespaces,
  run,
}: {
  steps: readonly Step[];
  newNamespaces: readonly string[];
  run: CreateRun;
}) {
  const t = useText();
  const open = steps.filter((step) => !isDone(run.outcomes.get(stepKey(step))));
  const changes = open.filter((step) => run.modes.get(stepKey(step)) === 'apply');
  const creates = open.filter((step) => !changes.includes(step));
  const list = (groups: readonly Group[]) =>
    byNamespace(groups)
      .map(({ namespace, words }) => {
        const kinds = words.join(', ');
        return namespace ? t('yaml.plan.inNamespace', { kinds, namespace }) : kinds;
      })
      .join(', ');
  if (open.length === 0) return null;
  const created = list(summarize(creates, newNamespaces));
  const changed = list(summarize(changes, []));
  const done = steps.length - open.length;
  return (
    <p role="status">
      {done > 0 && <>{t('yaml.plan.done', { done, count: steps.length })} </>}
      {created && <>{t('yaml.plan.creates', { what: created })} </>}
      {changed && t('yaml.plan.changes', { what: changed })}
    </p>
  );
}

function byNamespace(groups: readonly Group[]): { namespace: string | undefined; words: string[] }[] {
  const places = new Map<string | undefined, string[]>();
  for (const { count, kinds, namespace } of groups) {
    places.set(namespace, [...(places.get(namespace) ?? []), `${count} ${kinds}`]);
  }
  return [...places].map(([namespace, words]) => ({ namespace, words }));
}
