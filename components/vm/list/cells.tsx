'use client';

import type { ReactNode } from 'react';
import { Age } from '@/components/ui/age';
import { Copyable } from '@/components/ui/copyable';
import { StatusMark } from '@/components/ui/status-label';
import { type Say, useText } from '@/components/ui/text';
import type { VmColumnId } from '@/lib/kinds/vm/columns';
import type { VmRow } from '@/lib/kinds/vm/row';
import { vmStatus } from '@/lib/kinds/vm/status';
import { useOpenTask } from '@/lib/live/tasks';
import { formatBytes, formatNumber, formatPercent } from '@/lib/units';
import styles from './list.module.css';

interface CellProps {
  cluster: string;
  row: VmRow;
  /** The pointer or the focus is here: what one may press is there. */
  near: boolean;
}

/** What a column shows of a row; undefined when there is nothing to show. */
export function cellOf(
  id: Exclude<VmColumnId, 'name' | 'status'>,
  { row, near }: CellProps,
  t: Say,
): ReactNode {
  switch (id) {
    case 'namespace':
      return row.namespace;
    case 'node':
    case 'os':
    case 'instancetype':
    case 'folder':
    case 'application':
    case 'owner':
    case 'hostname':
    case 'description':
      return row[id] && <Line>{row[id]}</Line>;
    case 'conditions':
    case 'tags':
    case 'networks':
    case 'macs':
      return row[id].length > 0 && <Line>{row[id].join(', ')}</Line>;
    case 'labels': {
      const labels = Object.entries(row.labels).map(([key, value]) => (value ? `${key}=${value}` : key));
      return labels.length > 0 && <Line>{labels.join(', ')}</Line>;
    }
    case 'ip':
      return row.ips.length > 0 && <Addresses ips={row.ips} near={near} />;
    case 'vcpus':
      return row.vcpus || undefined;
    case 'memory':
      return row.memoryBytes ? formatBytes(row.memoryBytes) : undefined;
    case 'disks':
      if (row.disks === 0) return undefined;
      if (!row.diskBytes) return row.disks;
      return t('list.disksValue', { count: row.disks, size: formatBytes(row.diskBytes) });
    case 'age':
      return <Age time={row.createdAt} />;
    case 'uptime':
      return row.startedAt && <Age time={row.startedAt} />;
    case 'cpuUsage':
      return row.usage && <Usage used={row.usage.cpuCores} of={row.vcpus} write={formatNumber} />;
    case 'memoryUsage':
      return row.usage && <Usage used={row.usage.memoryBytes} of={row.memoryBytes} write={formatBytes} />;
  }
}

/** The word and, where there is something to say, why. */
export function StatusCell({ cluster, row }: Pick<CellProps, 'cluster' | 'row'>) {
  const t = useText();
  const { namespace, name, facts, reason } = row;
  const task = useOpenTask({ cluster, namespace, name });
  const { tone, text, detail } = vmStatus(facts, reason);
  const why = detail && t(detail);
  return (
    <>
      <StatusMark tone={tone} busy={task !== undefined} className={styles.mark}>
        {t(text)}
      </StatusMark>
      {why && (
        <div className={styles.detail} title={why}>
          {why}
        </div>
      )}
    </>
  );
}

/** Cut off where the column ends; the whole of it on hover. */
function Line({ children }: { children: string }) {
  return (
    <span className={styles.line} title={children}>
      {children}
    </span>
  );
}

/** A small bar of what is used, with the figures. */
function Usage({ used, of, write }: { used: number; of: number; write: (value: number) => string }) {
  const t = useText();
  const share = of > 0 ? Math.min(1, used / of) : 0;
  const figures = of > 0 ? t('list.cpuUsed', { used: write(used), total: write(of) }) : write(used);
  return (
    <span className={styles.usage} title={figures}>
      <span className={styles.bar} data-high={share > 0.9 || undefined} aria-hidden="true">
        <span style={{ inlineSize: `${Math.round(share * 100)}%` }} />
      </span>
      <span className={styles.share}>{of > 0 ? formatPercent(used / of) : write(used)}</span>
    </span>
  );
}

function Addresses({ ips, near }: { ips: string[]; near: boolean }) {
  const t = useText();
  const [first = '', ...others] = ips;
  return (
    <span>
      {near ? <Copyable label={first}>{first}</Copyable> : <span className="portlight-mono">{first}</span>}
      {others.length > 0 && (
        <span
          className={styles.subtle}
          title={t('list.more', { count: others.length, all: others.join(', ') })}
        >
          {` +${others.length}`}
        </span>
      )}
    </span>
  );
}
