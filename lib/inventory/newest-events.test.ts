import { expect, it } from 'vitest';
import { RESOURCES } from '@/lib/kinds/resources';
import { InventoryService } from './inventory-service';
import { parseClientMessage } from './live-message';
import { FakeApi, FakeClock, object, settle } from './testing/fake-api';

const event = (name: string, version: string, lastTimestamp: string | null) =>
  object(name, version, { kind: 'Event', lastTimestamp, involvedObject: {} });

it('gives the newest events alone, and lets one in when it happens', async () => {
  const api = new FakeApi();
  const inventory = new InventoryService({ transport: api, clock: new FakeClock() });
  api.lists.events = [
    event('old', '1', '2026-02-01T00:00:00Z'),
    event('new', '2', '2026-02-03T00:00:00Z'),
    event('middle', '3', '2026-02-02T00:00:00Z'),
    // Without a time of its own it is as old as its object.
    event('timeless', '4', null),
  ];
  const subscription = { kind: 'objects', resource: RESOURCES.events, newest: 2 } as const;
  const { value, release } = inventory.open({ cluster: { name: 'kind' }, key: 'k' }, subscription);
  await settle();
  value.onChange(() => {});
  const names = () => value.read().objects?.map(({ metadata }) => metadata.name);
  expect(names()).toEqual(['new', 'middle']);
  await api.watch('events').send({ type: 'MODIFIED', object: event('old', '9', '2026-02-04T00:00:00Z') });
  expect(names()).toEqual(['old', 'new']);
  release();
  inventory.close();
});

it('takes no other number than a small one', () => {
  const ask = (newest: unknown) =>
    parseClientMessage(
      JSON.stringify({
        type: 'subscribe',
        id: '1',
        cluster: 'kind',
        subscription: { kind: 'objects', resource: RESOURCES.events, newest },
      }),
    );
  expect(ask(6)).toMatchObject({ subscription: { newest: 6 } });
  for (const wrong of [-1, 1.5, '6', 101, null]) expect(ask(wrong)).toBeUndefined();
});
