'use client';

import { Button } from '@patternfly/react-core';
import {
  AngleDownIcon,
  AngleUpIcon,
  CheckCircleIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  InProgressIcon,
} from '@patternfly/react-icons';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import Link from 'next/link';
import { useState } from 'react';
import { RefusalNote } from '@/components/access/refusals';
import { Age } from '@/components/ui/age';
import { useText } from '@/components/ui/text';
import { useFromNow } from '@/components/ui/use-now';
import { checkOfRefusal } from '@/lib/k8s/access';
import { plainMessage } from '@/lib/k8s/error';
import { refusalOf } from '@/lib/kinds/abilities';
import { isRepeatable } from '@/lib/live/run-action';
import { sessionStore, useTabSession } from '@/lib/live/sessions';
import { isOpen, type Task, type TaskState, taskStore, useTasks } from '@/lib/live/tasks';
import { useRepeat } from '@/lib/live/use-action';
import { paths } from '@/lib/paths';
import { formatDuration } from '@/lib/time';
import styles from './shell.module.css';

const BODY_ID = 'task-panel-body';

/** What this tab started: one line along the bottom, or the table of it all. */
export function TaskPanel() {
  const t = useText();
  const tasks = useTasks();
  const [shown, setShown] = useState(false);
  const latest = tasks[0];
  const running = tasks.filter(({ state }) => isOpen(state)).length;
  const failed = tasks.filter(({ state }) => state === 'failed').length;
  const counts = [
    running > 0 && t('shell.tasks.running', { count: running }),
    failed > 0 && t('shell.tasks.failed', { count: failed }),
  ].filter((part) => part !== false);

  return (
    <section className={styles.tasks} aria-label={t('shell.tasks.title')}>
      <button
        type="button"
        className={styles.tasksBar}
        aria-expanded={shown}
        aria-controls={BODY_ID}
        onClick={() => setShown(!shown)}
      >
        {shown ? <AngleDownIcon /> : <AngleUpIcon />}
        <strong>{t('shell.tasks.title')}</strong>
        <span>{counts.length > 0 ? counts.join(', ') : t('shell.tasks.idle', { count: tasks.length })}</span>
        {/* Polite: outcomes are news, but never interrupt. */}
        <span className={styles.tasksLast} role="status">
          {latest && (
            <>
              <OutcomeIcon state={latest.state} /> {t(latest.title)}
              {latest.error && `: ${plainMessage(latest.error.message)}`}
            </>
          )}
        </span>
      </button>
      <div id={BODY_ID} className={styles.tasksBody} hidden={!shown}>
        {tasks.length === 0 ? (
          <p className={styles.tasksEmpty}>{t('shell.tasks.empty')}</p>
        ) : (
          <>
            <Table variant="compact" aria-label={t('shell.tasks.title')}>
              <Thead>
                <Tr>
                  <Th>{t('shell.tasks.action')}</Th>
                  <Th>{t('shell.tasks.target')}</Th>
                  <Th>{t('shell.tasks.started')}</Th>
                  <Th>{t('shell.tasks.took')}</Th>
                  <Th>{t('shell.tasks.outcome')}</Th>
                </Tr>
              </Thead>
              <Tbody>
                {tasks.map((task) => (
                  <TaskRow key={task.id} task={task} />
                ))}
              </Tbody>
            </Table>
            <Button variant="link" size="sm" onClick={() => taskStore.clearEnded()}>
              {t('shell.tasks.clear')}
            </Button>
          </>
        )}
      </div>
    </section>
  );
}

function TaskRow({ task }: { task: Task }) {
  const t = useText();
  const took = useFromNow((now) => formatDuration((task.endedAt ?? now) - task.startedAt));
  const words = task.error ? plainMessage(task.error.message) : task.words;
  const missing = task.error?.code === 403 ? checkOfRefusal(task.error.message) : undefined;
  return (
    <Tr>
      <Td dataLabel={t('shell.tasks.action')}>{t(task.action)}</Td>
      <Td dataLabel={t('shell.tasks.target')}>
        <Link href={paths.vm(task.target)}>
          {task.target.namespace}/{task.target.name}
        </Link>
      </Td>
      <Td dataLabel={t('shell.tasks.started')}>
        <Age time={new Date(task.startedAt).toISOString()} ago />
      </Td>
      <Td dataLabel={t('shell.tasks.took')}>{took}</Td>
      <Td dataLabel={t('shell.tasks.outcome')}>
        <OutcomeIcon state={task.state} /> {t(task.title)}
        {words && <div className={styles.tasksWords}>{words}</div>}
        {missing && (
          <div>
            <RefusalNote cluster={task.target.cluster} refusal={refusalOf(missing)} />
          </div>
        )}
        {isRepeatable(task) && <RepeatButton task={task} />}
      </Td>
    </Tr>
  );
}

/** What came to nothing for want of a session is done once somebody is signed in again. */
function RepeatButton({ task }: { task: Task }) {
  const t = useText();
  const repeat = useRepeat();
  const { cluster } = task.target;
  const isOver = useTabSession(cluster)?.over !== undefined;
  return (
    <Button
      variant="link"
      isInline
      size="sm"
      onClick={() => (isOver ? sessionStore.ask(cluster, true) : repeat(task))}
    >
      {t(isOver ? 'signIn.over.again' : 'shell.tasks.repeat')}
    </Button>
  );
}

const ICONS: Record<TaskState, typeof InProgressIcon> = {
  running: InProgressIcon,
  overdue: ExclamationTriangleIcon,
  done: CheckCircleIcon,
  failed: ExclamationCircleIcon,
  lost: ExclamationTriangleIcon,
};

function OutcomeIcon({ state }: { state: TaskState }) {
  const Icon = ICONS[state];
  return <Icon className={styles.taskIcon} data-state={state} aria-hidden="true" />;
}
