'use client';

import { AngleDownIcon, AngleUpIcon } from '@patternfly/react-icons';
import dynamic from 'next/dynamic';
import { useEffect, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { plainMessage } from '@/lib/k8s/error';
import { isOpen, useTasks } from '@/lib/live/tasks';
import { useResume } from '@/lib/live/use-action';
import { useBulk } from '@/lib/live/use-bulk';
import { OutcomeIcon } from './outcome-icon';
import styles from './tasks.module.css';
import { useTaskTitle } from './use-task-title';

// Folded it is one line on every page; what it unfolds to is fetched when somebody looks.
const TaskPanelBody = dynamic(() => import('./task-panel-body').then((all) => all.TaskPanelBody), {
  ssr: false,
});

const BODY_ID = 'task-panel-body';

/** What this tab started, and what others did: one line along the bottom, or the tables of it all. */
export function TaskPanel({ cluster, clusters }: { cluster?: string | undefined; clusters: ClusterInfo[] }) {
  const t = useText();
  const tasks = useTasks();
  const title = useTaskTitle();
  const [shown, setShown] = useState(false);
  const latest = tasks[0];
  const running = tasks.filter(({ state }) => isOpen(state)).length;
  const failed = tasks.filter(({ state }) => state === 'failed').length;
  const counts = [
    running > 0 && t('tasks.running', { count: running }),
    failed > 0 && t('tasks.failed', { count: failed }),
  ].filter((part) => part !== false);

  useResume();
  const { resume } = useBulk(t);
  const hasOpenBulk = tasks.some(({ bulk, state }) => bulk && isOpen(state));
  useEffect(() => {
    // What this page itself started is under way already, and stays as it is.
    if (hasOpenBulk) resume();
  }, [hasOpenBulk, resume]);

  return (
    <section className={styles.panel} aria-label={t('tasks.title')}>
      <button
        type="button"
        className={styles.bar}
        aria-expanded={shown}
        aria-controls={BODY_ID}
        onClick={() => setShown(!shown)}
      >
        {shown ? <AngleDownIcon /> : <AngleUpIcon />}
        <strong>{t('tasks.title')}</strong>
        <span>{counts.length > 0 ? counts.join(', ') : t('tasks.idle', { count: tasks.length })}</span>
        {/* Polite: outcomes are news, but never interrupt. */}
        <span className={styles.latest} role="status">
          {latest && (
            <>
              <OutcomeIcon state={latest.state} /> {title(latest)}
              {latest.error && `: ${plainMessage(latest.error.message)}`}
            </>
          )}
        </span>
      </button>
      <div id={BODY_ID} className={styles.body} hidden={!shown}>
        {shown && <TaskPanelBody cluster={cluster} clusters={clusters} />}
      </div>
    </section>
  );
}
