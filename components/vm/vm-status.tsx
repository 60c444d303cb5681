'use client';

import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { vmStatus } from '@/lib/kinds/vm/status';
import { useOpenTask } from '@/lib/live/tasks';

/** The status of a VM: the cluster's word, and a spinner from the click until its outcome is seen. */
export function VmStatusLabel({ target, facts, reason }: { target: Ref; facts: VmFacts; reason: string }) {
  const t = useText();
  const task = useOpenTask(target);
  const { tone, text } = vmStatus(facts, reason);
  return (
    <StatusLabel tone={tone} busy={task !== undefined}>
      {t(text)}
    </StatusLabel>
  );
}

/** The sentence under the status; nothing when there is nothing to say. */
export function useVmDetail(facts: VmFacts, reason: string): string | undefined {
  const t = useText();
  const { detail } = vmStatus(facts, reason);
  return detail && t(detail);
}
