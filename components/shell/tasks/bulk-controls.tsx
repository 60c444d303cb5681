'use client';

import { Button, Progress, ProgressMeasureLocation } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { isOpen, type Task } from '@/lib/live/tasks';
import { useBulk } from '@/lib/live/use-bulk';
import styles from './tasks.module.css';
import { progressOf, useTaskTitle } from './use-task-title';

/** How far a bulk run is, and what can be done about it: stop it, do again what is not done, look at each VM. */
export function BulkControls({
  task,
  bulk,
  isUnfolded,
  onUnfold,
}: {
  task: Task;
  bulk: NonNullable<Task['bulk']>;
  isUnfolded: boolean;
  onUnfold: (unfolded: boolean) => void;
}) {
  const t = useText();
  const title = useTaskTitle();
  const { stop, repeat } = useBulk(t);
  const { counts } = bulk;
  const { ended, total } = progressOf(bulk);
  const isRunning = isOpen(task.state);
  // Stopping keeps the rest from beginning, and no longer waits for what is overdue.
  const canStop = isRunning && (counts.queued ?? 0) + (counts.overdue ?? 0) > 0;
  const failed = (counts.failed ?? 0) + (counts.lost ?? 0);
  const notStarted = counts.notStarted ?? 0;
  const again =
    failed > 0 && notStarted > 0
      ? t('tasks.bulk.repeat', { count: failed + notStarted })
      : failed > 0
        ? t('tasks.bulk.retry', { count: failed })
        : t('tasks.bulk.goOn', { count: notStarted });
  const states = (['failed', 'lost', 'overdue', 'skipped', 'notStarted'] as const).flatMap((state) => {
    const count = counts[state] ?? 0;
    return count > 0 ? [t('tasks.bulk.of', { state: t(`tasks.bulk.state.${state}`), count })] : [];
  });
  return (
    <>
      {isRunning && (
        <Progress
          value={total > 0 ? (ended / total) * 100 : 100}
          valueText={t('tasks.bulk.progress', { ended, total })}
          aria-label={title(task)}
          size="sm"
          measureLocation={ProgressMeasureLocation.none}
        />
      )}
      {states.length > 0 && <div className={styles.words}>{states.join(' · ')}</div>}
      <div className={styles.controls}>
        {canStop && (
          <Button
            variant="secondary"
            size="sm"
            aria-label={t('tasks.bulk.stopFor', { title: title(task) })}
            onClick={() => stop(task.id)}
          >
            {t('tasks.bulk.stop')}
          </Button>
        )}
        {failed + notStarted > 0 && (
          <Button variant="secondary" size="sm" onClick={() => repeat(task.id)}>
            {again}
          </Button>
        )}
        <Button
          variant="link"
          isInline
          size="sm"
          aria-expanded={isUnfolded}
          onClick={() => onUnfold(!isUnfolded)}
        >
          {t(isUnfolded ? 'tasks.bulk.hide' : 'tasks.bulk.show')}
        </Button>
      </div>
    </>
  );
}
