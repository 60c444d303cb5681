'use client';

import { Alert } from '@patternfly/react-core';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { useExplain } from '@/components/access/refusals';
import { HalfDone } from '@/components/form/create/half-done';
import { NamespaceChoices } from '@/components/form/create/namespace-choices';
import { ReasonedButton } from '@/components/form/reasoned-button';
import { ServerRefusal } from '@/components/form/server-refusal';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { paths, VM_TABS, type VmTab } from '@/lib/paths';
import { type Outcome, stepKey } from '../../form/create/create-run';
import styles from './create.module.css';
import { vmManifestOf } from './create-problems';
import { CreateSentence } from './create-sentence';
import { ProblemSummary } from './problem-summary';
import { RoomLines } from './room-lines';
import { type CreateForm, useOnCreated } from './use-create-form';

/** Below the form: what will happen, what it costs, what stands in the way, and the button. */
export function CreateFoot({
  cluster,
  create,
  onReveal,
  onStep,
}: {
  cluster: string;
  create: CreateForm;
  onReveal: (offset: number) => void;
  onStep: (id: string) => void;
}) {
  const t = useText();
  const explain = useExplain();
  const { made, run, lines, lock } = create;
  const [isAsked, setAsked] = useState(false);
  const { hasTried, setTried } = create;
  // What the server said may be tried again: the cause can lie elsewhere and be gone.
  const several = create.batch.form.members?.members.length ?? 0;
  const isSeveral = create.batch.form.members !== undefined;
  const failed = create.batch.form.states.filter(({ state }) => state === 'failed').length;
  const errors = create.hasLocalErrors || lock !== undefined;
  const isUnhoused = create.newNamespaces.length < create.missing.length;
  const isDone = create.isAllDone || create.batch.isAllDone;
  const reason =
    create.mayNot ?? (isUnhoused ? t('yaml.create.unhoused') : isDone ? t('yaml.create.allDone') : undefined);
  const vm = vmManifestOf(made.reading);
  useOnCreated(
    create.isAllDone,
    vm && paths.vm({ cluster, namespace: create.form.namespace, name: vm.name }, tabAfter()),
  );

  // The button may be pressed while the text is still being read: then it waits for that, and not for a second press.
  const { isSettled } = made;
  const send = create.create;
  useEffect(() => {
    if (!isAsked || !isSettled) return;
    setAsked(false);
    if (errors) setTried(true);
    else void send();
  }, [isAsked, isSettled, errors, send, setTried]);

  const refused = create.steps.flatMap((step) => {
    const outcome = create.outcomes.get(stepKey(step));
    return outcome?.state === 'refused' ? [{ key: stepKey(step), outcome }] : [];
  });
  return (
    <>
      <section className={styles.foot} aria-label={t('create.foot.label')}>
        <div aria-live="polite" className={styles.notices}>
          {hasTried && <ProblemSummary lines={lines} create={create} onReveal={onReveal} onStep={onStep} />}
          {refused.map(({ key, outcome }) => (
            <Refused key={key} outcome={outcome} />
          ))}
          {made.error && <ErrorAlert error={made.error} onRetry={made.refresh} />}
          {run.error && <ErrorAlert error={run.error} />}
          {create.batchError && <ErrorAlert error={create.batchError} />}
          <HalfDone run={run} isAllDone={create.isAllDone} reason={reason} onResume={() => setAsked(true)} />
          <RoomLines outlook={create.outlook} />
          <NamespaceChoices
            cluster={cluster}
            missing={create.missing}
            declined={create.declined}
            mayCreate={made.mayCreateNamespaces}
            isBusy={run.doing !== 'nothing'}
            onDecline={create.decline}
          />
          {create.batch.isAllDone && (
            <Alert
              isInline
              variant="success"
              title={t('create.batch.done', { count: several })}
              actionLinks={
                <Link href={paths.vms(cluster, { ns: create.form.namespace })}>
                  {t('yaml.create.showVms')}
                </Link>
              }
            />
          )}
          {failed > 0 && !create.batch.isBusy && (
            <Alert
              isInline
              variant="danger"
              title={t('create.batch.someFailed', { failed, count: create.batch.form.states.length })}
            >
              {t('create.batch.resumeHint')}
            </Alert>
          )}
          {create.isAllDone && <Alert isInline variant="success" title={t('yaml.create.done')} />}
        </div>
      </section>
      <div className={styles.bar}>
        <CreateSentence create={create} />
        <div className={styles.buttons}>
          <ReasonedButton
            label={t(isSeveral ? 'create.buttonSeveral' : 'create.button', { count: several })}
            reason={reason}
            onExplain={create.mayNot ? () => explain(cluster, create.refusals) : undefined}
            isLoading={run.doing === 'creating' || create.batch.isBusy || isAsked}
            onClick={() => setAsked(true)}
          />
        </div>
      </div>
    </>
  );
}

/** What a refusal says that no field and no line can show. */
function Refused({ outcome }: { outcome: Outcome & { state: 'refused' } }) {
  return <ServerRefusal error={outcome.error} rest={outcome.rest} isPlaced={outcome.said.length > 0} />;
}

/** Where one sees the VM come up. */
function tabAfter(): VmTab {
  const tabs: readonly string[] = VM_TABS;
  return (tabs.includes('diagnose') ? 'diagnose' : 'overview') as VmTab;
}
