'use client';

import { Skeleton } from '@patternfly/react-core';
import Link from 'next/link';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { VmGroups } from '@/lib/inventory/protocol';
import { vmStatus } from '@/lib/kinds/vm/status';
import { paths } from '@/lib/paths';
import styles from './overview.module.css';
import { OverviewCard } from './overview-card';

/** A status by itself, as the list words and colours it: what else there is to say of a VM is not counted here. */
function wordOf(printableStatus: string) {
  const facts = {
    uid: '',
    printableStatus,
    runStrategy: '',
    deleting: false,
    requests: [],
    restartRequired: false,
  };
  return vmStatus(facts, '');
}

/** How many VMs there are of each status, each a link to exactly those. */
export function StatusCard({
  cluster,
  groups,
  isStale,
}: {
  cluster: string;
  groups: VmGroups | undefined;
  isStale: boolean;
}) {
  const t = useText();
  const found = groups?.groups.status?.groups ?? [];
  return (
    <OverviewCard title={t('overview.status.title')} isStale={isStale}>
      {groups ? (
        <>
          <p className={styles.total}>
            <Link href={paths.vms(cluster)} prefetch={false} className={styles.figure}>
              {t('overview.status.all', { count: groups.all.total })}
            </Link>
          </p>
          <ul className={styles.counts} aria-label={t('overview.status.list')}>
            {found.map((group) => (
              <li key={group.value} className={styles.count}>
                <Link
                  href={paths.vms(cluster, { q: `status:${group.value || 'none'}` })}
                  prefetch={false}
                  className={styles.count}
                >
                  <StatusLabel tone={wordOf(group.value).tone}>{t(wordOf(group.value).text)}</StatusLabel>
                  <span className={styles.figure}>{group.total}</span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <Skeleton height="6rem" screenreaderText={t('common.loading')} />
      )}
    </OverviewCard>
  );
}
