'use client';

import { Alert, Button } from '@patternfly/react-core';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { ErrorAlert } from '@/components/ui/error-panel';
import { StatusLabel, type StatusTone } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { wordAt } from '@/lib/k8s/json';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { cloneProgress, type CloneProgress as Progress, snapshotWords, sourceOf } from '@/lib/kinds/vm/clone';
import { useObject } from '@/lib/live/use-live';
import { paths } from '@/lib/paths';
import styles from '../create.module.css';

const TONES: Record<Progress['steps'][number]['state'], StatusTone> = {
  waiting: 'off',
  doing: 'progress',
  failed: 'danger',
  done: 'success',
};

/** How far a clone is, until its VM is there; then leads to that. */
export function CloneProgress({
  cluster,
  namespace,
  name,
}: {
  cluster: string;
  namespace: string;
  name: string;
}) {
  const t = useText();
  const router = useRouter();
  const { object, feed, gone } = useObject(cluster, RESOURCES.virtualMachineClones, namespace, name);
  const progress = object && cloneProgress(object);
  const isDone = progress?.state === 'done';
  const target = progress?.target ?? '';
  useEffect(() => {
    if (isDone && target) router.replace(paths.vm({ cluster, namespace, name: target }));
  }, [isDone, target, router, cluster, namespace]);
  const from = sourceOf(object);
  const source = wordAt(object, ['spec', 'source', 'name']);
  const again = paths.cloneVm(cluster, { namespace, from, source });
  if (feed.state === 'refused') return <ErrorAlert error={feed.error} />;
  // A list that is a moment older than the clone doesn't have it yet: said without alarm, and replaced when it comes.
  if (gone && !isDone)
    return (
      <Alert
        isInline
        variant="info"
        title={t('create.clone.progress.gone', { name })}
        actionLinks={<Link href={again}>{t('create.clone.progress.again')}</Link>}
      >
        {t('create.clone.progress.goneBody')}
      </Alert>
    );
  if (!progress) return <p role="status">{t('common.loading')}</p>;
  const { state, steps, words } = progress;
  const snapshot = wordAt(object, ['status', 'snapshotName']);
  return (
    <>
      <p role="status">{t(`create.clone.progress.${state}`, { target, source })}</p>
      <ol className={styles.cloneSteps} aria-label={t('create.clone.progress.steps')}>
        {steps.map((step) => (
          <li key={step.id}>
            <StatusLabel tone={TONES[step.state]}>
              {t(`create.clone.progress.state.${step.state}`)}
            </StatusLabel>
            <span>{t(`create.clone.progress.step.${step.id}`, { target, source })}</span>
            {step.id === 'snapshot' && step.state === 'doing' && snapshot && (
              <SnapshotWords {...{ cluster, namespace }} name={snapshot} />
            )}
          </li>
        ))}
      </ol>
      {(state === 'stuck' || state === 'failed') && (
        <InTheWay {...{ cluster, namespace, name, state, words, again, from }} />
      )}
    </>
  );
}

/** What the snapshot that KubeVirt makes for the clone says of itself, e.g. what it waits for. */
function SnapshotWords({ cluster, namespace, name }: { cluster: string; namespace: string; name: string }) {
  const { object } = useObject(cluster, RESOURCES.virtualMachineSnapshots, namespace, name);
  const words = snapshotWords(object);
  return words ? <span className={styles.subtle}>{words}</span> : null;
}

/** Why it does not go on, in KubeVirt's words, and the two ways out. */
function InTheWay({
  cluster,
  namespace,
  name,
  state,
  words,
  again,
  from,
}: {
  cluster: string;
  namespace: string;
  name: string;
  state: 'stuck' | 'failed';
  words: string;
  again: string;
  from: 'vm' | 'snapshot';
}) {
  const t = useText();
  const router = useRouter();
  const [error, setError] = useState<ApiErrorJson>();
  const giveUp = async () => {
    setError(undefined);
    try {
      await callApi(cluster, resourcePath(RESOURCES.virtualMachineClones, namespace, name), {
        method: 'DELETE',
      });
      router.replace(again);
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason;
      setError(reason.toJSON());
    }
  };
  return (
    <>
      <Alert
        isInline
        variant="danger"
        title={t(`create.clone.progress.${state}Title`)}
        actionLinks={
          <Button variant="link" isInline onClick={() => void giveUp()}>
            {t('create.clone.progress.giveUp')}
          </Button>
        }
      >
        <dl>
          <dt>{t('errors.serverWords')}</dt>
          <dd>{words || t('create.clone.progress.noWords')}</dd>
        </dl>
        <p>
          {state === 'stuck' && `${t('create.clone.progress.stuckHint')} `}
          {t(from === 'vm' ? 'create.clone.progress.hintVm' : 'create.clone.progress.hintSnapshot')}
        </p>
      </Alert>
      {error && <ErrorAlert error={error} />}
    </>
  );
}
