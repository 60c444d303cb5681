'use client';

import { Progress, ProgressMeasureLocation } from '@patternfly/react-core';
import { StatusLabel, type StatusTone } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { Step, StepState, VolumePart } from '@/lib/kinds/vm/diagnose/steps';
import { formatDuration } from '@/lib/time';
import { formatBytes } from '@/lib/units';
import styles from './diagnose.module.css';
import { ObjectName } from './object-name';

const TONES: Record<StepState, StatusTone> = {
  done: 'success',
  doing: 'progress',
  waiting: 'off',
  failed: 'danger',
  unknown: 'warning',
};

/** The way from the volumes to the guest's own word: each step with its state, its time and what it is about. */
export function StepList({ cluster, steps, now }: { cluster: string; steps: readonly Step[]; now: number }) {
  const t = useText();
  return (
    <ol className={styles.steps} aria-label={t('diagnose.steps')}>
      {steps.map((step) => (
        <StepItem key={step.id} cluster={cluster} step={step} now={now} />
      ))}
    </ol>
  );
}

function StepItem({ cluster, step, now }: { cluster: string; step: Step; now: number }) {
  const t = useText();
  const { id, state, sentence, objects, parts = [], since, until } = step;
  return (
    <li>
      <h3>{t(`diagnose.step.${id}.title`)}</h3>
      <div>
        <div className={styles.stepHead}>
          <StatusLabel tone={TONES[state]}>{t(`diagnose.state.${state}`)}</StatusLabel>
          <span>{t(sentence)}</span>
        </div>
        {parts.length > 0 && (
          <ul className={styles.parts}>
            {parts.map((part) => (
              <PartItem key={part.volume} cluster={cluster} part={part} />
            ))}
          </ul>
        )}
        {parts.length === 0 && objects.length > 0 && (
          <p className={`${styles.objects} ${styles.subtle}`}>
            {objects.map((object) => (
              <ObjectName
                key={`${object.resource.plural} ${object.name}`}
                cluster={cluster}
                object={object}
              />
            ))}
          </p>
        )}
      </div>
      <span className={`${styles.took} portlight-figures`} suppressHydrationWarning>
        {timeOf(state, since, until, now, t)}
      </span>
    </li>
  );
}

function PartItem({ cluster, part }: { cluster: string; part: VolumePart }) {
  const t = useText();
  const { volume, object, sentence, percent, size, leftS } = part;
  const words = t(sentence);
  return (
    <li>
      <div>{words}</div>
      {percent !== undefined && (
        <Progress
          className={styles.progress}
          aria-label={words}
          id={`volume-${volume}`}
          value={Math.floor(percent)}
          size="sm"
          measureLocation={ProgressMeasureLocation.outside}
        />
      )}
      <div className={`${styles.objects} ${styles.subtle}`}>
        <ObjectName cluster={cluster} object={object} />
        <span>
          {[
            size === undefined ? '' : t('diagnose.size', { size: formatBytes(size) }),
            leftS === undefined ? '' : t('diagnose.left', { time: formatDuration(leftS * 1000) }),
          ]
            .filter(Boolean)
            .join(', ')}
        </span>
      </div>
    </li>
  );
}

/** How long a step took, or how long it has been going on. */
function timeOf(
  state: StepState,
  since: string | undefined,
  until: string | undefined,
  now: number,
  t: ReturnType<typeof useText>,
): string {
  if (!since) return '';
  const from = Date.parse(since);
  if (until) return t('diagnose.took', { time: formatDuration(Date.parse(until) - from) });
  return state === 'done' || state === 'waiting'
    ? ''
    : t('diagnose.since', { time: formatDuration(now - from) });
}
