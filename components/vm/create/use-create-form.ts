'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useText } from '@/components/ui/text';
import { guestProblems } from '@/lib/guest-setup/guest-problems';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { wordAt } from '@/lib/k8s/json';
import { callApi } from '@/lib/k8s/request';
import { ACCESS, refusalText } from '@/lib/kinds/abilities';
import { VM_NAMESPACE } from '@/lib/kinds/vm/create/namespace';
import { VM_NAME } from '@/lib/kinds/vm/create/rename';
import { useRefusals } from '@/lib/live/use-access';
import { hasErrors } from '@/lib/manifest/problem';
import { text as message, type Text } from '@/lib/text';
import { createNamespace, isDone, stepKey } from '../../form/create/create-run';
import { useCreatePlan } from '../../form/create/use-create-plan';
import { useCreateRun } from '../../form/create/use-create-run';
import { useStepRefusals } from '../../form/create/use-step-refusals';
import { dropDraft, readDraft } from '../../form/draft';
import { useDraft } from '../../form/use-draft';
import { useLeaveGuard } from '../../form/use-leave-guard';
import type { PlacedProblem, VmForm } from '../form/vm-form';
import type { Batch } from './batch/batch';
import { useBatch } from './batch/use-batch';
import { inOrder } from './create-order';
import { createProblems, fieldProblems } from './create-problems';
import { broughtBack, keepableText } from './kept-text';
import { stepStates } from './step-states';
import { SEVERAL_STEP } from './steps';
import { useCreateTask } from './use-create-task';
import { useDryRun } from './use-dry-run';
import { useRoom } from './use-room';
import { type Lock, readVm, useVmDocument } from './use-vm-document';

export type CreateForm = ReturnType<typeof useCreateForm>;

const NEEDED = [ACCESS.createVm];
const NONE: readonly PlacedProblem[] = [];

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
  const [kept] = useState(() => readDraft<Batch | undefined>(draftKey));
  const [back] = useState(() => (kept ? broughtBack(kept.text) : undefined));
  const [text, setText] = useState(back?.text ?? initial);
  const [restoredAt, setRestoredAt] = useState(kept?.at);
  const [declined, setDeclined] = useState<ReadonlySet<string>>(new Set());
  const { draft, change, lock } = useVmDocument(text, setText);
  const [fallback, setFallback] = useState('default');
  const own = wordAt(draft.vm, VM_NAMESPACE);
  const namespace = own || fallback;

  const made = useCreatePlan(cluster, text, namespace);
  const batch = useBatch(draft, namespace, cluster, kept?.base);
  const steps = useMemo(() => inOrder(made.plan.steps), [made.plan.steps]);
  const run = useCreateRun(cluster);
  const refusals = useStepRefusals(cluster, steps, run);
  // Asked for before there is a VM to send, so that nobody fills in a form for nothing.
  const refusal = useRefusals(cluster, namespace, NEEDED).get(ACCESS.createVm) ?? [...refusals.values()][0];
  const missing = made.plan.namespaces.filter((name) => made.namespaces.get(name) === 'missing');
  const newNamespaces = made.mayCreateNamespaces ? missing.filter((name) => !declined.has(name)) : [];

  const ofFields = useMemo(() => [...fieldProblems(draft.vm), ...guestProblems(draft)], [draft]);
  const [hasTried, setTried] = useState(false);
  // What nobody has touched yet is not wrong yet.
  const shownFields = hasTried || text !== initial ? ofFields : NONE;
  const hasLocalErrors =
    hasErrors([...made.reading.problems, ...made.plan.problems]) ||
    ofFields.some(({ severity }) => severity === 'error') ||
    batch.hasErrors;
  const isSound = !lock && made.isSettled && !hasLocalErrors;
  const isAllDone = steps.length > 0 && steps.every((step) => isDone(run.outcomes.get(stepKey(step))));
  const begin = useCreateTask(run, isAllDone);
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
        fields: shownFields,
      }),
    [made.reading, made.plan.problems, steps, outcomes, shownFields],
  );
  const drafts = useMemo(
    () => batch.form.members?.members.map((member) => member.draft) ?? [draft],
    [batch.form.members, draft],
  );
  const [batchError, setBatchError] = useState<ApiErrorJson>();
  const outlook = useRoom(cluster, namespace, drafts);
  const first = useMemo(() => {
    const read = readVm(initial);
    return 'draft' in read ? read.draft.vm : {};
  }, [initial]);
  const severalState = batch.hasErrors ? 'errors' : batch.form.batch.isOn ? 'changed' : 'untouched';
  const states = useMemo(
    () => new Map(stepStates(first, draft.vm, [...placed, ...shownFields])).set(SEVERAL_STEP, severalState),
    [first, draft.vm, placed, shownFields, severalState],
  );

  const isUnsaved = (text !== initial || batch.form.batch.isOn) && !isAllDone && !batch.isAllDone;
  const keepable = useMemo(() => keepableText(text), [text]);
  const lastKeepable = useRef(keepable);
  if (keepable !== undefined) lastKeepable.current = keepable;
  const keeping = isUnsaved ? lastKeepable.current : undefined;
  const isKept = useDraft(
    draftKey,
    keeping === undefined ? undefined : { text: keeping, base: batch.form.batch },
  );
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
    locked: locked ?? (run.doing === 'creating' || batch.isBusy ? t('create.locked.creating') : undefined),
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
    hasLocalErrors,
    isAllDone,
    isUnsaved,
    isKept,
    leaving,
    restoredAt,
    hasFreshPasswords: back?.hasFreshPasswords ?? false,
    outlook,
    batch,
    batchError,
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
      batch.forget();
      setText(initial);
    },
    hasTried,
    setTried,
    create: async () => {
      if (batch.form.members) {
        try {
          setBatchError(undefined);
          for (const name of newNamespaces) await createNamespace(name, { call: callApi, cluster });
          await batch.create(steps);
        } catch (error) {
          if (error instanceof ApiError) setBatchError(error.toJSON());
          else throw error;
        }
        made.refresh();
        return;
      }
      begin({ cluster, namespace, name: wordAt(draft.vm, VM_NAME) });
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
