'use client';

import { Skeleton } from '@patternfly/react-core';
import Link from 'next/link';
import { Meter } from '@/components/ui/meter';
import { useText } from '@/components/ui/text';
import { DEFAULT_VM_QUERY, type VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow, VmUsage } from '@/lib/kinds/vm/row';
import { useVmWindow } from '@/lib/live/use-live';
import { paths } from '@/lib/paths';
import { formatBytes, formatNumber } from '@/lib/units';
import styles from './overview.module.css';
import { OverviewCard } from './overview-card';

const SHOWN = 5;

/** The VMs that use most, by processor and by memory; or why that is not known. */
export function ConsumersCard({
  cluster,
  known,
  why,
}: {
  cluster: string;
  known: string[];
  /** Why nothing may be measured, for when nothing is. */
  why: string;
}) {
  const t = useText();
  const cpu = useTop(cluster, 'cpuUsage', known);
  const memory = useTop(cluster, 'memoryUsage', known);
  const isLoading = cpu.isLoading || memory.isLoading;
  return (
    <OverviewCard title={t('overview.consumers.title')} isStale={cpu.isStale}>
      {isLoading && cpu.rows.length === 0 ? (
        <Skeleton height="8rem" screenreaderText={t('common.loading')} />
      ) : cpu.rows.length === 0 ? (
        <p>{why}</p>
      ) : (
        <div className={styles.consumers}>
          <TopList
            title={t('overview.consumers.cpu')}
            cluster={cluster}
            rows={cpu.rows}
            read={({ cpuCores }, { vcpus }) => ({
              words: t('overview.consumers.cpuValue', {
                used: formatNumber(roundCores(cpuCores)),
                given: vcpus,
              }),
              share: vcpus > 0 ? cpuCores / vcpus : 0,
            })}
          />
          <TopList
            title={t('overview.consumers.memory')}
            cluster={cluster}
            rows={memory.rows}
            read={({ memoryBytes: used }, { memoryBytes }) => ({
              words: t('overview.consumers.memoryValue', {
                used: formatBytes(used),
                given: formatBytes(memoryBytes),
              }),
              share: memoryBytes > 0 ? used / memoryBytes : 0,
            })}
          />
        </div>
      )}
    </OverviewCard>
  );
}

type MeasuredRow = VmRow & { usage: VmUsage };

function useTop(cluster: string, column: VmQuery['sort']['column'], known: string[]) {
  const query: VmQuery = { ...DEFAULT_VM_QUERY, sort: { column, descending: true } };
  const { rows, feed } = useVmWindow(cluster, query, { from: 0, count: SHOWN }, { known });
  return {
    rows: rows.filter((row): row is MeasuredRow => row.usage !== undefined),
    isLoading: feed.state === 'loading',
    isStale: feed.state === 'paused',
  };
}

/** Thousandths of a core are as exact as anybody reads. */
function roundCores(cores: number): number {
  return Math.round(cores * 1000) / 1000;
}

function TopList({
  title,
  cluster,
  rows,
  read,
}: {
  title: string;
  cluster: string;
  rows: MeasuredRow[];
  read: (usage: VmUsage, row: VmRow) => { words: string; share: number };
}) {
  return (
    <div>
      <h3 className={styles.group}>{title}</h3>
      <ol className={styles.list} aria-label={title}>
        {rows.map((row) => {
          const { words, share } = read(row.usage, row);
          return (
            <li key={row.uid} className={styles.consumer}>
              <div className={styles.line}>
                <span>
                  <Link
                    href={paths.vm({ cluster, namespace: row.namespace, name: row.name })}
                    prefetch={false}
                  >
                    {row.name}
                  </Link>{' '}
                  <span className={styles.subtle}>{row.namespace}</span>
                </span>
                <span className={styles.number}>{words}</span>
              </div>
              <Meter used={share} label={words} />
            </li>
          );
        })}
      </ol>
    </div>
  );
}
