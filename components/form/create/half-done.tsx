'use client';

import { Alert, Button } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { explain } from '@/lib/k8s/explain';
import styles from '../form.module.css';
import { ReasonedButton } from '../reasoned-button';
import type { Made } from './create-run';
import type { TakenBack } from './roll-back';
import type { CreateRun } from './use-create-run';

/**
 * Shown when a run stopped after it had created something: the person goes on from there, what is done stays done,
 * or takes back what was created. After that, what became of each. Nothing while all is well.
 */
export function HalfDone({
  run,
  isAllDone,
  reason,
  onResume,
}: {
  run: CreateRun;
  isAllDone: boolean;
  /** Why it can't go on now. */
  reason: string | undefined;
  onResume: () => void;
}) {
  const t = useText();
  const taken = [...run.takenBack];
  const isOpen =
    run.made.length > 0 && !isAllDone && (run.doing === 'nothing' || run.doing === 'rollingBack');
  if (!isOpen && taken.length === 0) return null;
  const list = (entries: readonly { made: Made; outcome?: TakenBack | undefined }[]) => (
    <ul>
      {entries.map(({ made, outcome }) => (
        <li key={made.uid}>
          {made.resource.kind} {made.name}
          {outcome && <>: {t(`yaml.rollBack.${outcome.state}`)}</>}
          {outcome?.state === 'refused' && (
            <>
              {' '}
              {t(`errors.${explain(outcome.error)}`)}{' '}
              <q className={styles.serverWords}>{outcome.error.message}</q>
            </>
          )}
        </li>
      ))}
    </ul>
  );
  return (
    <div role="status" className={styles.notices}>
      {taken.length > 0 && (
        <Alert
          isInline
          variant={taken.some(([, { state }]) => state === 'refused') ? 'danger' : 'info'}
          title={t('yaml.rollBack.title')}
        >
          {list(taken.map(([made, outcome]) => ({ made, outcome })))}
        </Alert>
      )}
      {isOpen && (
        <Alert isInline variant="warning" title={t('yaml.halfDone.title', { count: run.made.length })}>
          {list(run.made.map((made) => ({ made })))}
          <p>{t('yaml.halfDone.how')}</p>
          <div className={styles.buttons}>
            <ReasonedButton
              label={t('yaml.halfDone.resume')}
              variant="secondary"
              reason={reason}
              onClick={onResume}
            />
            <Button
              variant="link"
              isDanger
              isLoading={run.doing === 'rollingBack'}
              isDisabled={run.doing !== 'nothing'}
              onClick={() => void run.rollBack()}
            >
              {t('yaml.halfDone.rollBack', { count: run.made.length })}
            </Button>
          </div>
        </Alert>
      )}
    </div>
  );
}
