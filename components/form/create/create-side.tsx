'use client';

import { Alert } from '@patternfly/react-core';
import Link from 'next/link';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import type { Refusal } from '@/lib/kinds/abilities';
import type { Problem } from '@/lib/manifest/problem';
import { paths } from '@/lib/paths';
import styles from '../form.module.css';
import { ProblemList } from '../problem-list';
import { ReasonedButton } from '../reasoned-button';
import { stepKey } from './create-run';
import { DefaultNamespace } from './default-namespace';
import { DocumentList } from './document-list';
import { HalfDone } from './half-done';
import { NamespaceChoices } from './namespace-choices';
import { PlanSentence } from './plan-sentence';
import type { CreatePlan } from './use-create-plan';
import type { CreateRun } from './use-create-run';

/** What the text beside it would do: problems, documents, namespaces, the plan in a sentence, and the buttons. */
export function CreateSide({
  cluster,
  made,
  run,
  problems,
  reason,
  refusals,
  onExplain,
  isAllDone,
  missing,
  declined,
  defaultNamespace,
  onDefaultNamespace,
  onDecline,
  onReveal,
  onSend,
}: {
  cluster: string;
  made: CreatePlan;
  run: CreateRun;
  problems: readonly Problem[];
  /** Why nothing can be sent now. */
  reason: string | undefined;
  /** The right that a document lacks, by its step's key. */
  refusals: ReadonlyMap<string, Refusal>;
  /** Shows what would allow it, where the reason is a missing right. */
  onExplain: (() => void) | undefined;
  isAllDone: boolean;
  missing: readonly string[];
  declined: ReadonlySet<string>;
  defaultNamespace: string;
  onDefaultNamespace: (name: string) => void;
  onDecline: (name: string, isDeclined: boolean) => void;
  onReveal: (offset: number) => void;
  onSend: (what: 'check' | 'create') => void;
}) {
  const t = useText();
  const { reading, plan } = made;
  const isBusy = run.doing !== 'nothing';
  const applied = plan.steps.filter((step) => run.modes.get(stepKey(step)) === 'apply').length;
  const verb = applied === 0 ? 'create' : applied === plan.steps.length ? 'applyAll' : 'createAndApply';
  const newNamespaces = made.mayCreateNamespaces ? missing.filter((name) => !declined.has(name)) : [];
  return (
    <div className={styles.form}>
      <ProblemList problems={problems} onReveal={onReveal} />
      {plan.steps.some(({ manifest, namespace }) => namespace && !manifest.namespace) && (
        <DefaultNamespace cluster={cluster} value={defaultNamespace} onChange={onDefaultNamespace} />
      )}
      <DocumentList
        cluster={cluster}
        reading={reading}
        steps={plan.steps}
        outcomes={run.outcomes}
        modes={run.modes}
        refusals={refusals}
        isBusy={isBusy}
        onReveal={onReveal}
        onApply={run.applyInstead}
      />
      <NamespaceChoices
        cluster={cluster}
        missing={missing}
        declined={declined}
        mayCreate={made.mayCreateNamespaces}
        isBusy={isBusy}
        onDecline={onDecline}
      />
      {made.error && <ErrorAlert error={made.error} onRetry={made.refresh} />}
      {run.error && <ErrorAlert error={run.error} />}
      <HalfDone run={run} isAllDone={isAllDone} reason={reason} onResume={() => onSend('create')} />
      {isAllDone ? (
        <Alert
          isInline
          variant="success"
          title={t(applied > 0 ? 'yaml.create.doneApplied' : 'yaml.create.done')}
          actionLinks={<Link href={paths.vms(cluster)}>{t('yaml.create.showVms')}</Link>}
        />
      ) : (
        <PlanSentence steps={plan.steps} newNamespaces={newNamespaces} run={run} />
      )}
      <div className={styles.buttons}>
        <ReasonedButton
          label={t(`yaml.create.${verb}`)}
          reason={reason}
          onExplain={onExplain}
          isLoading={run.doing === 'creating'}
          onClick={() => onSend('create')}
        />
        <ReasonedButton
          label={t('yaml.create.check')}
          variant="secondary"
          reason={reason}
          onExplain={onExplain}
          isLoading={run.doing === 'checking'}
          onClick={() => onSend('check')}
        />
      </div>
      {reason && problems.length > 0 && !isAllDone && <p className={styles.hint}>{reason}</p>}
    </div>
  );
}
