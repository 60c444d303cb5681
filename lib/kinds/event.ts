import type { K8sObject } from '@/lib/k8s/object';

/** core/v1 Event: its older and its newer fields, either of which a component may use. */
export interface EventObject extends K8sObject {
  involvedObject: { kind?: string; name?: string; uid?: string; namespace?: string };
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string };
  source?: { component?: string };
  reportingComponent?: string;
}

/** An event as tables show it. */
export interface EventRow {
  uid: string;
  isWarning: boolean;
  reason: string;
  message: string;
  kind: string;
  name: string;
  component: string;
  count: number;
  /** RFC 3339; when it was last seen. */
  last: string;
}

/** Events, newest first. */
export function eventRows(events: EventObject[]): EventRow[] {
  return events.map(eventRow).sort((a, b) => Date.parse(b.last) - Date.parse(a.last));
}

function eventRow(event: EventObject): EventRow {
  const { metadata, involvedObject, series, source } = event;
  return {
    uid: metadata.uid,
    isWarning: event.type === 'Warning',
    reason: event.reason ?? '',
    message: (event.message ?? '').trim(),
    kind: involvedObject.kind ?? '',
    name: involvedObject.name ?? '',
    component: source?.component || event.reportingComponent || '',
    count: series?.count ?? event.count ?? 1,
    last: lastSeen(event),
  };
}

/** When an event was last seen, RFC 3339; of other objects, when they were made. */
export function lastSeen({
  series,
  lastTimestamp,
  eventTime,
  firstTimestamp,
  metadata,
}: EventObject): string {
  return (
    series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp
  );
}
