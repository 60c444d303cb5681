'use client';

import { Skeleton } from '@patternfly/react-core';
import { Age } from '@/components/ui/age';
import { ErrorPanel } from '@/components/ui/error-panel';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import { type EventObject, eventRows } from '@/lib/kinds/event';
import { RESOURCES } from '@/lib/kinds/resources';
import { useObjects } from '@/lib/live/use-live';
import styles from './overview.module.css';
import { OverviewCard } from './overview-card';

const SHOWN = 6;

/** The latest warnings of the cluster. The server picks them: there may be very many events. */
export function EventsCard({ cluster }: { cluster: string }) {
  const t = useText();
  const { objects, feed } = useObjects<EventObject>(cluster, {
    resource: RESOURCES.events,
    fieldSelector: 'type=Warning',
    newest: SHOWN,
  });
  const events = eventRows(objects).slice(0, SHOWN);
  return (
    <OverviewCard title={t('overview.events.title')} isStale={feed.state === 'paused'}>
      {feed.state === 'refused' ? (
        <ErrorPanel error={feed.error} title={t('overview.events.refused')} headingLevel="h3" />
      ) : events.length === 0 ? (
        feed.state === 'loading' ? (
          <Skeleton height="6rem" screenreaderText={t('common.loading')} />
        ) : (
          <p>{t('overview.events.none')}</p>
        )
      ) : (
        <ul className={styles.list} aria-label={t('overview.events.title')}>
          {events.map((event) => (
            <li key={event.uid} className={styles.item}>
              <StatusLabel tone="warning">{event.reason}</StatusLabel>
              <div className={styles.what}>
                {t('overview.events.object', { kind: event.kind, name: event.name })}{' '}
                <span className={styles.subtle}>
                  <Age time={event.last} ago />
                  {event.count > 1 && `, ${t('overview.events.times', { count: event.count })}`}
                </span>
                <div className={styles.subtle}>{event.message}</div>
              </div>
            </li>
          ))}
        </ul>
      )}
    </OverviewCard>
  );
}
