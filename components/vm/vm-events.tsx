'use client';

import { EmptyState, EmptyStateBody, Skeleton } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Age } from '@/components/ui/age';
import { ErrorPanel } from '@/components/ui/error-panel';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { type EventObject, eventRows } from '@/lib/kinds/event';
import type { Pod } from '@/lib/kinds/pod';
import { RESOURCES } from '@/lib/kinds/resources';
import { useObjects } from '@/lib/live/use-live';
import styles from './vm.module.css';

const KINDS = ['VirtualMachine', 'VirtualMachineInstance'];

/** The events of a VM, its VMI and its launcher pods, live, newest first. */
export function VmEvents({ target, vmiUid }: { target: Ref; vmiUid: string | undefined }) {
  const t = useText();
  const { cluster, namespace, name } = target;
  // VM and VMI share one name; a claim or DataVolume of that name does too and is left out below.
  const own = useObjects<EventObject>(cluster, {
    resource: RESOURCES.events,
    namespace,
    fieldSelector: `involvedObject.name=${name}`,
  });
  const { objects: pods } = useObjects<Pod>(cluster, {
    resource: RESOURCES.pods,
    namespace,
    labelSelector: `kubevirt.io/created-by=${vmiUid ?? ''}`,
  });
  // A field selector takes one name; of two pods during a migration the newer one tells more.
  const pod = pods
    .toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))
    .at(0);
  const ofPod = useObjects<EventObject>(cluster, {
    resource: RESOURCES.events,
    namespace,
    fieldSelector: `involvedObject.name=${pod?.metadata.name ?? ''},involvedObject.kind=Pod`,
  });

  if (own.feed.state === 'refused') {
    return <ErrorPanel error={own.feed.error} title={t('vm.events.refused')} headingLevel="h2" />;
  }
  const events = eventRows([
    ...own.objects.filter(({ involvedObject }) => KINDS.includes(involvedObject.kind ?? '')),
    ...ofPod.objects,
  ]);
  const warnings = events.filter(({ isWarning }) => isWarning).length;
  if (events.length === 0) {
    return own.feed.state === 'loading' ? (
      <Skeleton height="12rem" screenreaderText={t('common.loading')} />
    ) : (
      <EmptyState titleText={t('vm.events.none')} headingLevel="h2" variant="sm">
        <EmptyStateBody>{t('vm.events.noneBody')}</EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <>
      <p className={styles.count} role="status">
        {t('vm.events.count', { count: events.length })}
        {warnings > 0 && `, ${t('vm.events.warnings', { count: warnings })}`}
      </p>
      <Table
        aria-label={t('vm.events.table')}
        variant="compact"
        gridBreakPoint="grid-md"
        className={own.feed.state === 'paused' ? 'portlight-stale' : undefined}
      >
        <Thead>
          <Tr>
            <Th className={styles.numberHead} modifier="nowrap">
              {t('vm.events.last')}
            </Th>
            <Th>{t('vm.events.type')}</Th>
            <Th>{t('vm.events.reason')}</Th>
            <Th>{t('vm.events.object')}</Th>
            <Th width={50}>{t('vm.events.message')}</Th>
            <Th className={styles.numberHead} modifier="nowrap">
              {t('vm.events.times')}
            </Th>
          </Tr>
        </Thead>
        <Tbody>
          {events.map((event) => (
            <Tr key={event.uid}>
              <Td dataLabel={t('vm.events.last')} className={styles.number} modifier="nowrap">
                <Age time={event.last} ago />
              </Td>
              <Td dataLabel={t('vm.events.type')}>
                {event.isWarning ? (
                  <StatusLabel tone="warning">{t('vm.events.warning')}</StatusLabel>
                ) : (
                  t('vm.events.normal')
                )}
              </Td>
              <Td dataLabel={t('vm.events.reason')}>{event.reason}</Td>
              <Td dataLabel={t('vm.events.object')} modifier="breakWord">
                <span className={styles.nowrap}>{event.kind}</span>
                {event.name !== name && <div className={styles.words}>{event.name}</div>}
              </Td>
              <Td dataLabel={t('vm.events.message')} modifier="breakWord">
                {event.message}
              </Td>
              <Td dataLabel={t('vm.events.times')} className={styles.number}>
                {event.count}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </>
  );
}
