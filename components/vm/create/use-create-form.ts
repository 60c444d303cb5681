'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useState } from 'react';
import { useText } from '@/components/ui/text';
import { wordAt } from '@/lib/k8s/json';
import { ACCESS, refusalText } from '@/lib/kinds/abilities';
import { VM_NAMESPACE } from '@/lib/kinds/vm/create/namespace';
import { useRefusals } from '@/lib/live/use-access';
import { hasErrors } from '@/lib/manifest/problem';
import { text as message, type Text } from '@/lib/text';
import { isDone, stepKey } from '../../form/create/create-run';
import { useCreatePlan } from '../../form/create/use-create-plan';
import { useCreateRun } from '../../form/create/use-create-run';
import { useStepRefusals } from '../../form/create/use-step-refusals';
import { dropDraft, readDraft } from '../../form/draft';
import { useDraft } from '../../form/use-draft';
import { useLeaveGuard } from '../../form/use-leave-guard';
import type { VmForm } from '../form/vm-form';
import { inOrder } from './create-order';
import { createProblems } from './create-problems';
import { stepStates } from './step-states';
import { useDryRun } from './use-dry-run';
import { type Lock, readVm, useVmDocument } from './use-vm-document';

export type CreateForm = ReturnType<typeof useCreateForm>;

const NEEDED = [ACCESS.createVm];

/** Everything about a VM that is being made: its text, what is wrong with it, and its way to the cluster. */
export function useCreateForm({
  cluster,
  initial,
  draftKey,
}: {
  cluster: string;
  initial: string;
  draftKey: string;
}) {
  const t = useText();
  const [kept] = useState(() => readDraft(draftKey));
  const [text, setText] = useState(kept?.text ?? initial);
  const [restoredAt, setRestoredAt] = useState(kept?.at);
  const [declined, setDeclined] = useState<ReadonlySet<string>>(new Set());
  const { draft, change, lock } = useVmDocument(text, setText);
  const [fallback, setFallback] = useState('default');
  const own = wordAt(draft.vm, VM_NAMESPACE);
  const namespace = own || fallback;

  const made = useCreatePlan(cluster, text, namespace);
  const steps = useMemo(() => inOrder(made.plan.steps), [made.plan.steps]);
  const run = useCreateRun(cluster);
  const refusals = useStepRefusals(cluster, steps, run);
  // Asked for before there is a VM to send, so that nobody fills in a form for nothing.
  const refusal = useRefusals(cluster, namespace, NEEDED).get(ACCESS.createVm) ?? [...refusals.values()][0];
  const missing = made.plan.namespaces.filter((name) => made.namespaces.get(name) === 'missing');
  const newNamespaces = made.mayCreateNamespaces ? missing.filter((name) => !declined.has(name)) : [];

  const isSound = !lock && made.isSettled && !hasErrors([...made.reading.problems, ...made.plan.problems]);
  const isAllDone = steps.length > 0 && steps.every((step) => isDone(run.outcomes.get(stepKey(step))));
  const isOn = isSound && !refusal && run.doing === 'nothing' && !isAllDone;
  const dry = useDryRun(cluster, steps, missing, isOn);
  const outcomes = useMemo(() => new Map([...dry.outcomes, ...run.outcomes]), [dry.outcomes, run.outcomes]);

  const { placed, lines } = useMemo(
    () =>
      createProblems({
        reading: made.reading,
        planned: made.plan.problems,
        steps,
        outcomes,
        fields: [],
      }),
    [made.reading, made.plan.problems, steps, outcomes],
  );
  const first = useMemo(() => {
    const read = readVm(initial);
    return 'draft' in read ? read.draft.vm : {};
  }, [initial]);
  const states = useMemo(() => stepStates(first, draft.vm, placed), [first, draft.vm, placed]);

  const isUnsaved = text !== initial && !isAllDone;
  const isKept = useDraft(draftKey, isUnsaved ? { text, base: undefined } : undefined);
  const leaving = useLeaveGuard(isUnsaved, isKept);

  const locked = lock && t(lockedWords(lock));
  const form: VmForm = {
    cluster,
    namespace,
    mode: 'create',
    draft,
    change,
    problems: placed,
    applies: () => undefined,
    locked: locked ?? (run.doing === 'creating' ? t('create.locked.creating') : undefined),
    vmi: undefined,
  };

  return {
    text,
    setText,
    form,
    made,
    steps,
    run,
    dry,
    outcomes,
    lines,
    states,
    isSound,
    isAllDone,
    isUnsaved,
    isKept,
    leaving,
    restoredAt,
    missing,
    newNamespaces,
    declined,
    refusals: refusal ? [refusal] : [],
    mayNot: refusal && t('access.refused.select', { sentence: t(refusalText(refusal, t)) }),
    lock,
    defaultNamespace: fallback,
    setDefaultNamespace: setFallback,
    needsNamespace: !own && !lock,
    decline: (name: string, isDeclined: boolean) =>
      setDeclined((before) => {
        const next = new Set(before);
        if (isDeclined) next.add(name);
        else next.delete(name);
        return next;
      }),
    startOver: () => {
      dropDraft(draftKey);
      setRestoredAt(undefined);
      run.forget();
      setText(initial);
    },
    create: async () => {
      await run.create(steps, missing, newNamespaces);
      made.refresh();
    },
  };
}

function lockedWords(lock: Lock): Text {
  if (lock.kind === 'no-vm') return message('create.locked.noVm');
  return lock.problem
    ? message('create.locked.unreadable', { line: lock.problem.range.line })
    : message('create.locked.text');
}

/** Leads to the new VM once everything is there. */
export function useOnCreated(isAllDone: boolean, href: string | undefined): void {
  const router = useRouter();
  useEffect(() => {
    if (isAllDone && href) router.push(href);
  }, [isAllDone, href, router]);
}
