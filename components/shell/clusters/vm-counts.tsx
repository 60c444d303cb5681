'use client';

import { Skeleton } from '@patternfly/react-core';
import Link from 'next/link';
import { StatusLabel, type StatusTone } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import { explain } from '@/lib/k8s/explain';
import { useKnownNamespaces } from '@/lib/live/recent';
import { useVmCounts } from '@/lib/live/use-live';
import { paths } from '@/lib/paths';
import styles from './clusters.module.css';

const TONES: StatusTone[] = ['danger', 'warning', 'progress', 'paused', 'success', 'off'];

/** How many VMs of each status a cluster has, live; the server counts. */
export function VmCounts({ cluster, user }: { cluster: string; user: string }) {
  const t = useText();
  const { counts, feed } = useVmCounts(cluster, useKnownNamespaces(cluster, user).known);
  const only = feed.state === 'live' ? feed.only : undefined;
  if (!counts) {
    if (feed.state === 'loading') return <Skeleton width="8rem" screenreaderText={t('common.loading')} />;
    if (feed.state === 'refused')
      return (
        <span>{explain(feed.error) === 'forbidden' ? t('clusters.refused') : t('clusters.unknown')}</span>
      );
    return <span>{t('clusters.unknown')}</span>;
  }
  const total = TONES.reduce((sum, tone) => sum + counts[tone], 0);
  return (
    <div className={feed.state === 'live' ? undefined : 'portlight-stale'}>
      <Link href={paths.vms(cluster, { sort: 'status' })} prefetch={false}>
        {t('clusters.total', { total })}
      </Link>
      {only && <> {t('clusters.inNamespaces', { count: only.namespaces.length })}</>}
      <div className={styles.counts}>
        {TONES.filter((tone) => counts[tone] > 0).map((tone) => (
          <StatusLabel key={tone} tone={tone}>
            {t(`clusters.tone.${tone}`, { count: counts[tone] })}
          </StatusLabel>
        ))}
      </div>
    </div>
  );
}
