'use client';

import { ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import Link from 'next/link';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { WindowList } from '@/components/ui/window-list';
import { plainMessage } from '@/lib/k8s/error';
import { type BulkItem, type BulkItemState, countItems } from '@/lib/live/bulk-item';
import type { Task } from '@/lib/live/tasks';
import { useBulkItems } from '@/lib/live/use-bulk';
import { paths } from '@/lib/paths';
import { OutcomeIcon } from './outcome-icon';
import styles from './tasks.module.css';
import { useTaskTitle } from './use-task-title';

const ROW_PX = 24;
/** In the order in which people look for them. */
const STATES: BulkItemState[] = [
  'failed',
  'lost',
  'overdue',
  'calling',
  'waiting',
  'queued',
  'notStarted',
  'skipped',
  'done',
];

/** What became of each VM of a bulk run. */
export function BulkResult({ task }: { task: Task }) {
  const t = useText();
  const title = useTaskTitle();
  const items = useBulkItems(task.id);
  const [chosen, setChosen] = useState<BulkItemState>();
  const counts = countItems(items);
  const only = chosen && counts[chosen] ? chosen : undefined;
  const shown = only ? items.filter(({ state }) => state === only) : items;
  return (
    <div className={styles.result}>
      <ToggleGroup isCompact aria-label={t('tasks.bulk.which')}>
        <ToggleGroupItem
          text={t('tasks.bulk.all', { count: items.length })}
          isSelected={only === undefined}
          onChange={() => setChosen(undefined)}
        />
        {STATES.filter((state) => counts[state]).map((state) => (
          <ToggleGroupItem
            key={state}
            text={t('tasks.bulk.of', { state: t(`tasks.bulk.state.${state}`), count: counts[state] ?? 0 })}
            isSelected={only === state}
            onChange={() => setChosen(state)}
          />
        ))}
      </ToggleGroup>
      <WindowList count={shown.length} rowPx={ROW_PX} label={t('tasks.bulk.list', { title: title(task) })}>
        {(index) => {
          const item = shown[index];
          return item && <Result cluster={task.target.cluster} item={item} />;
        }}
      </WindowList>
    </div>
  );
}

function Result({ cluster, item }: { cluster: string; item: BulkItem }) {
  const t = useText();
  const { namespace, name, state, words, reason } = item;
  const why = words
    ? plainMessage(words)
    : reason
      ? t(reason)
      : state === 'lost' || state === 'overdue'
        ? t(`tasks.bulk.${state}`)
        : undefined;
  return (
    <>
      <OutcomeIcon state={state} />{' '}
      <Link href={paths.vm({ cluster, namespace, name })}>
        {namespace}/{name}
      </Link>{' '}
      {t(`tasks.bulk.state.${state}`)}
      {why && <span className={styles.words}> – {why}</span>}
    </>
  );
}
