'use client';

import { Button, Icon, Spinner } from '@patternfly/react-core';
import {
  CheckCircleIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  HourglassHalfIcon,
  OutlinedCircleIcon,
} from '@patternfly/react-icons';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { RefusalNote } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import { explain } from '@/lib/k8s/explain';
import type { Refusal } from '@/lib/kinds/abilities';
import { manifestTitle } from '@/lib/manifest/manifest';
import type { Step } from '@/lib/manifest/plan';
import { placeIn, type Reading } from '@/lib/manifest/read';
import { paths } from '@/lib/paths';
import styles from '../form.module.css';
import { isDone, type Mode, type Outcome, stepKey } from './create-run';

const GLYPHS: Record<Outcome['state'], ReactNode> = {
  checking: <Spinner size="md" aria-hidden="true" />,
  sending: <Spinner size="md" aria-hidden="true" />,
  fine: (
    <Icon status="success">
      <CheckCircleIcon />
    </Icon>
  ),
  later: <HourglassHalfIcon />,
  created: (
    <Icon status="success">
      <CheckCircleIcon />
    </Icon>
  ),
  applied: (
    <Icon status="success">
      <CheckCircleIcon />
    </Icon>
  ),
  exists: (
    <Icon status="warning">
      <ExclamationTriangleIcon />
    </Icon>
  ),
  refused: (
    <Icon status="danger">
      <ExclamationCircleIcon />
    </Icon>
  ),
};

/** The documents in the order in which they are sent, with what became of each. */
export function DocumentList({
  cluster,
  reading,
  steps,
  outcomes,
  modes,
  refusals,
  isBusy,
  onReveal,
  onApply,
}: {
  cluster: string;
  reading: Reading;
  steps: readonly Step[];
  outcomes: ReadonlyMap<string, Outcome>;
  modes: ReadonlyMap<string, Mode>;
  /** The right that a document lacks, by its step's key. */
  refusals: ReadonlyMap<string, Refusal>;
  isBusy: boolean;
  onReveal: (offset: number) => void;
  onApply: (step: Step) => void;
}) {
  const t = useText();
  return (
    <ul className={styles.documents} aria-label={t('yaml.create.documents')}>
      {steps.map((step) => {
        const { manifest, namespace } = step;
        const key = stepKey(step);
        const outcome = outcomes.get(key);
        const refusal = refusals.get(key);
        const range = placeIn(reading, manifest, ['metadata', 'name']);
        return (
          <li key={key}>
            <span className={styles.glyph}>{outcome ? GLYPHS[outcome.state] : <OutlinedCircleIcon />}</span>
            <span className={styles.words}>
              <Button variant="link" isInline onClick={() => onReveal(range.from)}>
                {manifestTitle(manifest)}
              </Button>{' '}
              <span className={styles.subtle}>
                {namespace ? t('yaml.create.inNamespace', { namespace }) : t('yaml.create.wholeCluster')}
              </span>
              <OutcomeWords step={step} outcome={outcome} mode={modes.get(key) ?? 'create'} />
              {refusal && (
                <span className={styles.outcome}>
                  <RefusalNote cluster={cluster} refusal={refusal} />
                </span>
              )}
            </span>
            <span className={styles.rowActions}>
              <ObjectLink cluster={cluster} step={step} outcome={outcome} />
              {outcome?.state === 'exists' && (
                <Button variant="link" isInline isDisabled={isBusy} onClick={() => onApply(step)}>
                  {t('yaml.create.apply')}
                </Button>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function OutcomeWords({ step, outcome, mode }: { step: Step; outcome: Outcome | undefined; mode: Mode }) {
  const t = useText();
  if (!outcome) {
    return mode === 'apply' ? <span className={styles.outcome}>{t('yaml.outcome.willApply')}</span> : null;
  }
  if (outcome.state === 'refused') {
    return (
      <span className={styles.outcome}>
        {t(`errors.${explain(outcome.error)}`)} {outcome.said.length > 0 ? t('yaml.refusal.atLines') : null}
        {outcome.rest.map((words) => (
          <q key={words} className={styles.serverWords}>
            {words}
          </q>
        ))}
      </span>
    );
  }
  const values = { namespace: step.namespace ?? '' };
  return <span className={styles.outcome}>{t(`yaml.outcome.${outcome.state}`, values)}</span>;
}

/** Leads to an object that has a page: VMs, for now. */
function ObjectLink({
  cluster,
  step,
  outcome,
}: {
  cluster: string;
  step: Step;
  outcome: Outcome | undefined;
}) {
  const t = useText();
  const { resource, namespace, manifest } = step;
  const isVm = resource.group === 'kubevirt.io' && resource.plural === 'virtualmachines';
  const name = isDone(outcome) ? outcome.name : outcome?.state === 'exists' ? manifest.name : '';
  if (!isVm || !namespace || !name) return null;
  return <Link href={paths.vm({ cluster, namespace, name })}>{t('yaml.create.open', { name })}</Link>;
}
