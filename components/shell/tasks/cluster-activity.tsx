'use client';

import { Skeleton } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import Link from 'next/link';
import { usePathname, useSearchParams } from 'next/navigation';
import { Age } from '@/components/ui/age';
import { ErrorPanel } from '@/components/ui/error-panel';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import { parseVmQuery } from '@/lib/kinds/vm/query';
import { useVmEvents } from '@/lib/live/use-vm-events';
import { namespaceOfPath, paths } from '@/lib/paths';
import styles from './tasks.module.css';

const SHOWN = 100;
/** Each namespace is two subscriptions; more than this many are looked at as all. */
const MAX_NAMESPACES = 20;

/** What happens to VMs in the namespaces that the page shows, whoever caused it: their events, live, newest first. */
export function ClusterActivity({ cluster }: { cluster: string }) {
  const t = useText();
  const search = useSearchParams();
  const ofPage = namespaceOfPath(usePathname());
  const asked = ofPage ? [ofPage] : parseVmQuery(search).namespaces;
  const namespaces = asked.length > MAX_NAMESPACES ? [] : asked;
  const { events, total, feed } = useVmEvents(cluster, namespaces, SHOWN);
  if (feed.state === 'refused' && events.length === 0) {
    return (
      <ErrorPanel
        error={feed.error}
        title={t('tasks.activity.refused')}
        hint={namespaces.length === 0 ? t('tasks.activity.refusedHint') : undefined}
        headingLevel="h2"
      />
    );
  }
  if (events.length === 0) {
    return feed.state === 'loading' ? (
      <Skeleton height="4rem" screenreaderText={t('common.loading')} />
    ) : (
      <p className={styles.empty}>{t('tasks.activity.none')}</p>
    );
  }
  return (
    <>
      <p className={styles.empty}>
        {t('tasks.activity.shown', {
          count: events.length,
          total,
          scope: namespaces.join(', ') || t('tasks.activity.all'),
        })}
      </p>
      <Table
        variant="compact"
        gridBreakPoint="grid-md"
        aria-label={t('tasks.activity.title')}
        className={feed.state === 'paused' ? 'portlight-stale' : undefined}
      >
        <Thead>
          <Tr>
            <Th modifier="nowrap">{t('tasks.activity.when')}</Th>
            <Th>{t('tasks.activity.object')}</Th>
            <Th>{t('tasks.activity.reason')}</Th>
            <Th width={50}>{t('tasks.activity.message')}</Th>
            <Th>{t('tasks.activity.source')}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {events.map(({ uid, last, namespace, name, reason, message, component, isWarning }) => (
            <Tr key={uid}>
              <Td dataLabel={t('tasks.activity.when')} modifier="nowrap">
                <Age time={last} ago />
              </Td>
              <Td dataLabel={t('tasks.activity.object')} modifier="breakWord">
                <Link href={paths.vm({ cluster, namespace, name })}>
                  {namespace}/{name}
                </Link>
              </Td>
              <Td dataLabel={t('tasks.activity.reason')}>
                {reason}
                {isWarning && (
                  <div>
                    <StatusLabel tone="warning">{t('tasks.activity.warning')}</StatusLabel>
                  </div>
                )}
              </Td>
              <Td dataLabel={t('tasks.activity.message')} modifier="breakWord">
                {message}
              </Td>
              <Td dataLabel={t('tasks.activity.source')} modifier="breakWord">
                {component || t('common.none')}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </>
  );
}
