'use client';

import Link from 'next/link';
import { Age } from '@/components/ui/age';
import { StatusLabel, type StatusTone } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import { plainMessage } from '@/lib/k8s/error';
import { type TaskState, useTasks } from '@/lib/live/tasks';
import { paths } from '@/lib/paths';
import styles from './overview.module.css';
import { OverviewCard } from './overview-card';

const SHOWN = 5;
const TONES: Partial<Record<TaskState, StatusTone>> = {
  running: 'progress',
  overdue: 'warning',
  done: 'success',
  failed: 'danger',
  lost: 'warning',
};

/** What was started in this browser lately, on this cluster. */
export function TasksCard({ cluster }: { cluster: string }) {
  const t = useText();
  const tasks = useTasks()
    .filter(({ target }) => target.cluster === cluster)
    .slice(0, SHOWN);
  return (
    <OverviewCard title={t('overview.tasks.title')}>
      {tasks.length === 0 ? (
        <p>{t('overview.tasks.none')}</p>
      ) : (
        <ul className={styles.list} aria-label={t('overview.tasks.title')}>
          {tasks.map((task) => (
            <li key={task.id} className={styles.item}>
              <StatusLabel tone={TONES[task.state] ?? 'off'}>{t(task.action)}</StatusLabel>
              <div className={styles.what}>
                {task.target.name ? (
                  <Link href={paths.vm(task.target)} prefetch={false}>
                    {t(task.title)}
                  </Link>
                ) : (
                  t(task.title)
                )}{' '}
                <span className={styles.subtle}>
                  <Age time={new Date(task.startedAt).toISOString()} ago />
                </span>
                {task.error && <div className={styles.subtle}>{plainMessage(task.error.message)}</div>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </OverviewCard>
  );
}
