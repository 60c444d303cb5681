'use client';

import { useMemo, useState, useSyncExternalStore } from 'react';
import { wordAt } from '@/lib/k8s/json';
import { VM_NAME } from '@/lib/kinds/vm/create/rename';
import type { VmDraft } from '@/lib/kinds/vm/form/field';
import type { Step } from '@/lib/manifest/plan';
import { type Batch, membersOf, NO_BATCH } from './batch';
import type { BatchForm } from './batch-context';
import { BatchRun, type MemberState } from './batch-run';
import { stepsOf } from './batch-steps';

const NONE: readonly MemberState[] = [];
const nothing = () => () => undefined;

/** Several VMs made of the one in the form: what they are to be, and their creation. */
export function useBatch(draft: VmDraft, namespace: string, cluster: string, kept: Batch = NO_BATCH) {
  const [batch, setBatch] = useState(kept);
  const name = wordAt(draft.vm, VM_NAME);
  const members = useMemo(() => {
    if (!batch.isOn) return undefined;
    return membersOf(draft, { ...batch, pattern: batch.pattern || `${name}-{n}` }, namespace);
  }, [batch, draft, name, namespace]);
  const [started, setStarted] = useState<{ run: BatchRun; of: unknown }>();
  const run = started?.run;
  const states = useSyncExternalStore(run?.subscribe ?? nothing, run?.get ?? (() => NONE), () => NONE);
  const hasErrors =
    members !== undefined &&
    (members.problems.length > 0 ||
      members.members.length === 0 ||
      members.members.some(({ problems }) => problems.length > 0));
  const form: BatchForm = { batch, setBatch, members, run, states };
  return {
    form,
    hasErrors,
    isBusy: states.some(({ state }) => state === 'running' || state === 'waiting'),
    isAllDone: states.length > 0 && started?.of === members && states.every(({ state }) => state === 'done'),
    /** Creates all of them; those of the run before that are done stay so, as long as nothing has changed. */
    create: (steps: readonly Step[]): Promise<void> => {
      if (!members) return Promise.resolve();
      if (started?.of === members) return started.run.run();
      const made = new BatchRun({
        cluster,
        namespace,
        members: members.members.map((each) => ({
          name: each.name,
          steps: stepsOf(each, steps, namespace),
        })),
      });
      setStarted({ run: made, of: members });
      return made.run();
    },
    forget: () => {
      setBatch(NO_BATCH);
      setStarted(undefined);
    },
  };
}
