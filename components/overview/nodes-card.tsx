'use client';

import { Button, Skeleton } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import Link from 'next/link';
import { useState } from 'react';
import { ErrorPanel } from '@/components/ui/error-panel';
import { Meter } from '@/components/ui/meter';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { Feed } from '@/lib/inventory/protocol';
import { type NodeLoad, shareOf } from '@/lib/kinds/platform/capacity';
import { paths } from '@/lib/paths';
import { formatBytes, formatNumber } from '@/lib/units';
import styles from './overview.module.css';
import { OverviewCard } from './overview-card';

/** More nodes than this are behind a button. */
const SHOWN = 8;

/** How full each node is, worst first. */
export function NodesCard({ cluster, loads, feed }: { cluster: string; loads: NodeLoad[]; feed: Feed }) {
  const t = useText();
  const [isAll, setAll] = useState(false);
  return (
    <OverviewCard title={t('overview.nodes.title')} isStale={feed.state === 'paused'}>
      {feed.state === 'refused' ? (
        <ErrorPanel error={feed.error} title={t('overview.nodes.refused')} headingLevel="h3" />
      ) : loads.length === 0 ? (
        feed.state === 'live' ? (
          <p>{t('overview.nodes.none')}</p>
        ) : (
          <Skeleton height="8rem" screenreaderText={t('common.loading')} />
        )
      ) : (
        <>
          <Table variant="compact" aria-label={t('overview.nodes.title')} gridBreakPoint="grid-md">
            <Thead>
              <Tr>
                <Th>{t('overview.nodes.node')}</Th>
                <Th modifier="fitContent">{t('overview.nodes.vms')}</Th>
                <Th>{t('overview.nodes.cpu')}</Th>
                <Th>{t('overview.nodes.memory')}</Th>
              </Tr>
            </Thead>
            <Tbody>
              {(isAll ? loads : loads.slice(0, SHOWN)).map((load) => (
                <NodeRow key={load.name} cluster={cluster} load={load} />
              ))}
            </Tbody>
          </Table>
          <p className={styles.subtle}>{t('overview.nodes.legend')}</p>
          {loads.length > SHOWN && (
            <Button variant="link" isInline onClick={() => setAll(!isAll)}>
              {isAll ? t('overview.nodes.fewer') : t('overview.nodes.all', { count: loads.length })}
            </Button>
          )}
        </>
      )}
    </OverviewCard>
  );
}

function NodeRow({ cluster, load }: { cluster: string; load: NodeLoad }) {
  const t = useText();
  const { name, vms, cpu, memory } = load;
  const words = (amount: typeof cpu, format: (value: number) => string) => ({
    used: amount.used === undefined ? t('overview.capacity.unknown') : format(amount.used),
    requested: format(amount.requested),
    allocatable: format(amount.allocatable),
  });
  const cores = (value: number) =>
    t('overview.capacity.cores', { value: formatNumber(Math.round(value * 100) / 100) });
  return (
    <Tr>
      <Td dataLabel={t('overview.nodes.node')}>
        {name} <NodeState load={load} />
      </Td>
      <Td dataLabel={t('overview.nodes.vms')} className={styles.number}>
        <Link
          href={paths.vms(cluster, { q: `node:${name}` })}
          prefetch={false}
          aria-label={t('overview.nodes.vmsOn', { count: vms, node: name })}
        >
          {vms}
        </Link>
      </Td>
      <Td dataLabel={t('overview.nodes.cpu')}>
        <Meter
          {...(cpu.used === undefined ? {} : { used: shareOf(cpu.used, cpu) })}
          requested={shareOf(cpu.requested, cpu)}
          label={t('overview.capacity.cpuMeter', words(cpu, cores))}
        />
      </Td>
      <Td dataLabel={t('overview.nodes.memory')}>
        <Meter
          {...(memory.used === undefined ? {} : { used: shareOf(memory.used, memory) })}
          requested={shareOf(memory.requested, memory)}
          label={t('overview.capacity.memoryMeter', words(memory, formatBytes))}
        />
      </Td>
    </Tr>
  );
}

function NodeState({ load: { isReady, hasTrouble, isCordoned } }: { load: NodeLoad }) {
  const t = useText();
  if (!isReady) return <StatusLabel tone="danger">{t('overview.nodes.notReady')}</StatusLabel>;
  if (hasTrouble) return <StatusLabel tone="warning">{t('overview.nodes.trouble')}</StatusLabel>;
  if (isCordoned) return <StatusLabel tone="off">{t('overview.nodes.cordoned')}</StatusLabel>;
  return <StatusLabel tone="success">{t('overview.nodes.ready')}</StatusLabel>;
}
