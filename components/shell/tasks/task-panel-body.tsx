'use client';

import { Button, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { Table, Tbody, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { taskStore, useTasks } from '@/lib/live/tasks';
import { ClusterActivity } from './cluster-activity';
import { TaskRow } from './task-row';
import styles from './tasks.module.css';

type Shown = 'yours' | 'cluster';

/** The unfolded panel. What others did is asked for only while its tab is open. */
export function TaskPanelBody({
  cluster,
  clusters,
}: {
  cluster: string | undefined;
  clusters: ClusterInfo[];
}) {
  const t = useText();
  const [shown, setShown] = useState<Shown>('yours');
  if (cluster === undefined) return <OwnTasks clusters={clusters} />;
  return (
    <Tabs
      aria-label={t('tasks.title')}
      activeKey={shown}
      // The keys are those of the tabs below.
      onSelect={(_, key) => setShown(key as Shown)}
      isSubtab
      className={styles.tabs}
    >
      <Tab eventKey="yours" title={<TabTitleText>{t('tasks.yours')}</TabTitleText>}>
        <OwnTasks clusters={clusters} />
      </Tab>
      <Tab eventKey="cluster" title={<TabTitleText>{t('tasks.cluster')}</TabTitleText>}>
        {shown === 'cluster' && <ClusterActivity cluster={cluster} />}
      </Tab>
    </Tabs>
  );
}

function OwnTasks({ clusters }: { clusters: ClusterInfo[] }) {
  const t = useText();
  const tasks = useTasks();
  if (tasks.length === 0) return <p className={styles.empty}>{t('tasks.empty')}</p>;
  return (
    <>
      <Table variant="compact" gridBreakPoint="grid-md" aria-label={t('tasks.title')}>
        <Thead>
          <Tr>
            <Th>{t('tasks.action')}</Th>
            <Th>{t('tasks.target')}</Th>
            <Th>{t('tasks.by')}</Th>
            <Th>{t('tasks.started')}</Th>
            <Th>{t('tasks.took')}</Th>
            <Th width={40}>{t('tasks.outcome')}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {tasks.map((task) => (
            <TaskRow
              key={task.id}
              task={task}
              by={task.by ?? clusters.find(({ name }) => name === task.target.cluster)?.user}
            />
          ))}
        </Tbody>
      </Table>
      <Button variant="link" size="sm" onClick={() => taskStore.clearEnded()}>
        {t('tasks.clear')}
      </Button>
    </>
  );
}
