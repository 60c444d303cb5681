'use client';

import { Button } from '@patternfly/react-core';
import { Td, Tr } from '@patternfly/react-table';
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
import type { Task } from '@/lib/live/tasks';
import { useRepeat } from '@/lib/live/use-action';
import { paths } from '@/lib/paths';
import { formatDuration } from '@/lib/time';
import { BulkControls } from './bulk-controls';
import { BulkResult } from './bulk-result';
import { OutcomeIcon } from './outcome-icon';
import styles from './tasks.module.css';
import { useTaskTitle } from './use-task-title';

const COLUMNS = 6;

/** One task; a bulk run unfolds to its VMs. */
export function TaskRow({ task, by }: { task: Task; by: string | undefined }) {
  const t = useText();
  const title = useTaskTitle();
  const [isUnfolded, setUnfolded] = useState(false);
  const took = useFromNow((now) => formatDuration((task.endedAt ?? now) - task.startedAt));
  const words = task.error
    ? plainMessage(task.error.message)
    : (task.words ?? (task.state === 'lost' ? t('tasks.lost') : undefined));
  const missing = task.error?.code === 403 ? checkOfRefusal(task.error.message) : undefined;
  return (
    <>
      <Tr>
        <Td dataLabel={t('tasks.action')}>{t(task.action)}</Td>
        <Td dataLabel={t('tasks.target')} modifier="breakWord">
          <Target task={task} />
        </Td>
        <Td dataLabel={t('tasks.by')} modifier="breakWord">
          {by ?? t('common.none')}
        </Td>
        <Td dataLabel={t('tasks.started')}>
          <Age time={new Date(task.startedAt).toISOString()} ago />
        </Td>
        <Td dataLabel={t('tasks.took')}>{took}</Td>
        <Td dataLabel={t('tasks.outcome')} modifier="breakWord">
          <OutcomeIcon state={task.state} /> {title(task)}
          {words && <div className={styles.words}>{words}</div>}
          {missing && (
            <div>
              <RefusalNote cluster={task.target.cluster} refusal={refusalOf(missing)} />
            </div>
          )}
          {task.bulk && (
            <BulkControls task={task} bulk={task.bulk} isUnfolded={isUnfolded} onUnfold={setUnfolded} />
          )}
          {isRepeatable(task) && <RepeatButton task={task} />}
        </Td>
      </Tr>
      {task.bulk && isUnfolded && (
        <Tr>
          <Td colSpan={COLUMNS} noPadding>
            <BulkResult task={task} />
          </Td>
        </Tr>
      )}
    </>
  );
}

function Target({ task: { target, bulk } }: { task: Task }) {
  const t = useText();
  const { cluster, namespace, name } = target;
  if (!bulk && name === '') return <Link href={paths.vms(cluster, { ns: namespace })}>{namespace}</Link>;
  if (!bulk) {
    return (
      <Link href={paths.vm(target)}>
        {namespace}/{name}
      </Link>
    );
  }
  const vms = t('bulk.vms', { count: bulk.total });
  return (
    <Link href={paths.vms(cluster, namespace ? { ns: namespace } : {})}>
      {namespace ? t('tasks.many', { vms, namespace }) : vms}
    </Link>
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
      {t(isOver ? 'signIn.over.again' : 'tasks.repeat')}
    </Button>
  );
}
