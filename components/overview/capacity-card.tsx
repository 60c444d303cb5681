'use client';

import { Skeleton } from '@patternfly/react-core';
import { Meter } from '@/components/ui/meter';
import { useText } from '@/components/ui/text';
import type { Feed } from '@/lib/inventory/protocol';
import {
  type Amount,
  clusterAmounts,
  type NodeLoad,
  type StorageCapacity,
  shareOf,
  storageLeft,
} from '@/lib/kinds/platform/capacity';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmGroup } from '@/lib/kinds/vm/dimensions';
import { useObjects } from '@/lib/live/use-live';
import { formatBytes, formatNumber } from '@/lib/units';
import styles from './overview.module.css';
import { OverviewCard } from './overview-card';

/** What the cluster has, and what is asked for, used and free of it. */
export function CapacityCard({
  cluster,
  all,
  loads,
  nodesFeed,
  ratio,
}: {
  cluster: string;
  /** All VMs that may be seen; undefined until they are counted. */
  all: VmGroup | undefined;
  loads: NodeLoad[];
  nodesFeed: Feed;
  ratio: number;
}) {
  const t = useText();
  const cores = (value: number) =>
    t('overview.capacity.cores', { value: formatNumber(Math.round(value * 100) / 100) });
  if (!all || (nodesFeed.state === 'loading' && loads.length === 0)) {
    return (
      <OverviewCard title={t('overview.capacity.title')}>
        <Skeleton height="10rem" screenreaderText={t('common.loading')} />
      </OverviewCard>
    );
  }
  const { cpu, memory, vcpus } = clusterAmounts(loads);
  return (
    <OverviewCard title={t('overview.capacity.title')} isStale={nodesFeed.state === 'paused'}>
      {loads.length === 0 ? (
        <Given all={all} />
      ) : (
        <>
          <Resource name="cpu" amount={cpu} format={cores}>
            <p className={styles.subtle}>{t('overview.capacity.cpuNote', { vcpus, ratio })}</p>
          </Resource>
          <Resource name="memory" amount={memory} format={formatBytes} />
        </>
      )}
      <div className={styles.resource}>
        <h3 className={styles.group}>{t('overview.capacity.storage')}</h3>
        <p>{t('overview.capacity.storageRequested', { value: formatBytes(all.diskBytes) })}</p>
        <StorageLeft cluster={cluster} />
      </div>
    </OverviewCard>
  );
}

/** For who may not see nodes: what the VMs were given, without what that is a part of. */
function Given({ all }: { all: VmGroup }) {
  const t = useText();
  const { vcpus, memoryBytes, usage } = all;
  return (
    <div className={styles.resource}>
      <p>{t('overview.capacity.refused')}</p>
      <p>{t('overview.capacity.given', { vcpus, memory: formatBytes(memoryBytes) })}</p>
      {usage && (
        <p>
          {t('overview.capacity.givenUsed', {
            cpu: formatNumber(Math.round(usage.cpuCores * 100) / 100),
            memory: formatBytes(usage.memoryBytes),
          })}
        </p>
      )}
    </div>
  );
}

function Resource({
  name,
  amount,
  format,
  children,
}: {
  name: 'cpu' | 'memory';
  amount: Amount;
  format: (value: number) => string;
  children?: React.ReactNode;
}) {
  const t = useText();
  const { used, requested, allocatable } = amount;
  const free = allocatable - requested;
  const words = {
    used: used === undefined ? t('overview.capacity.unknown') : format(used),
    requested: format(requested),
    allocatable: format(allocatable),
  };
  return (
    <div className={styles.resource}>
      <h3 className={styles.group}>{t(`overview.capacity.${name}`)}</h3>
      <Meter
        {...(used === undefined ? {} : { used: shareOf(used, amount) })}
        requested={shareOf(requested, amount)}
        label={t(`overview.capacity.${name}Meter`, words)}
      />
      <dl className={styles.facts}>
        {(['used', 'requested', 'allocatable'] as const).map((fact) => (
          <div key={fact}>
            <dt>{t(`overview.capacity.${fact}`)}</dt>
            <dd>{words[fact]}</dd>
          </div>
        ))}
        <div>
          <dt>{t('overview.capacity.free')}</dt>
          <dd>{free < 0 ? t('overview.capacity.over', { value: format(-free) }) : format(free)}</dd>
        </div>
      </dl>
      {children}
    </div>
  );
}

/** Drivers may publish what they have left; most do not. */
function StorageLeft({ cluster }: { cluster: string }) {
  const t = useText();
  const { objects, feed } = useObjects<StorageCapacity>(cluster, { resource: RESOURCES.storageCapacities });
  const left = storageLeft(objects);
  if (left.length === 0)
    return feed.state === 'loading' ? null : (
      <p className={styles.subtle}>{t('overview.capacity.storageUnknown')}</p>
    );
  return (
    <ul className={styles.list}>
      {left.map(({ storageClass, bytes }) => (
        <li key={storageClass}>
          {t('overview.capacity.storageLeft', { storageClass, value: formatBytes(bytes) })}
        </li>
      ))}
    </ul>
  );
}
