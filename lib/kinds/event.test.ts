import { expect, it } from 'vitest';
import { type EventObject, eventRows } from './event';

const event = (uid: string, changes: Partial<EventObject>): EventObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: uid, uid, resourceVersion: '1', creationTimestamp: '2026-11-22T11:00:00Z' },
  involvedObject: { kind: 'VirtualMachine', name: 'web-1' },
  ...changes,
});

it('orders events by when they were last seen, in whichever field that stands', () => {
  const rows = eventRows([
    event('created', {}),
    event('old-style', { lastTimestamp: '2026-11-22T11:02:00Z', count: 14, type: 'Warning' }),
    event('new-style', {
      lastTimestamp: null,
      eventTime: '2026-11-22T11:01:00.123456Z',
      series: { count: 3, lastObservedTime: '2026-11-22T11:03:00.000000Z' },
      reportingComponent: 'virt-handler',
    }),
  ]);
  expect(rows.map(({ uid, count }) => [uid, count])).toEqual([
    ['new-style', 3],
    ['old-style', 14],
    ['created', 1],
  ]);
  expect(rows[0]).toMatchObject({ component: 'virt-handler', isWarning: false });
  expect(rows[1]?.isWarning).toBe(true);
});
