import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RESOURCES } from '@/lib/kinds/resources';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { InventoryService } from './inventory-service';
import { LiveSession } from './live-session';
import type { ServerMessage, Subscription } from './protocol';
import { FakeApi, FakeClock, object, settle, virtualMachine } from './testing/fake-api';

let api: FakeApi;
let clock: FakeClock;
let inventory: InventoryService;
let session: LiveSession;
let sent: ServerMessage[];
let unsent: number;
let refused: string | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  api = new FakeApi();
  clock = new FakeClock();
  inventory = new InventoryService({ transport: api, clock });
  sent = [];
  unsent = 0;
  refused = undefined;
  session = newSession(sent);
});
afterEach(() => {
  session.close();
  inventory.close();
  vi.useRealTimers();
});

function newSession(into: ServerMessage[]): LiveSession {
  return new LiveSession(inventory, async (name) => ({ cluster: { name }, key: 'me' }), {
    send: (text) => into.push(JSON.parse(text) as ServerMessage),
    unsent: () => unsent,
    refuse: (reason) => {
      refused = reason;
    },
  });
}

function subscribe(id: string, subscription: Subscription, to = session): void {
  to.receive(JSON.stringify({ type: 'subscribe', id, cluster: 'lab', subscription }));
}

async function batch(): Promise<void> {
  await settle();
  vi.advanceTimersByTime(50);
}

const vms = (query = DEFAULT_VM_QUERY): Subscription => ({ kind: 'vms', query });
const pods: Subscription = { kind: 'objects', resource: RESOURCES.pods };

describe('LiveSession', () => {
  it('says that it loads, then sends a snapshot and that it is live', async () => {
    api.lists.virtualmachines = [virtualMachine('b', '1', 'Running'), virtualMachine('a', '2', 'Stopped')];
    const answer = api.get.bind(api);
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    vi.spyOn(api, 'get').mockImplementation((...asked) => gate.then(() => answer(...asked)));
    subscribe('1', vms());
    await settle();
    vi.advanceTimersByTime(0);
    expect(sent).toEqual([{ type: 'feed', id: '1', feed: { state: 'loading' } }]);
    open();
    await batch();
    expect(sent.slice(1)).toEqual([
      expect.objectContaining({
        type: 'vms',
        id: '1',
        total: 2,
        rows: [expect.objectContaining({ name: 'a' }), expect.objectContaining({ name: 'b' })],
      }),
      { type: 'feed', id: '1', feed: { state: 'live' } },
    ]);
  });

  it('sends changes of 50 ms together, and the order only when it changed', async () => {
    api.lists.virtualmachines = [virtualMachine('a', '1', 'Running'), virtualMachine('b', '2', 'Running')];
    subscribe('1', vms());
    await batch();
    sent.length = 0;
    const watch = api.watch('virtualmachines');
    await watch.send({ type: 'MODIFIED', object: virtualMachine('a', '3', 'Stopping') });
    await watch.send({ type: 'MODIFIED', object: virtualMachine('a', '4', 'Stopped') });
    expect(sent).toEqual([]);
    await batch();
    expect(sent).toEqual([
      { type: 'vms-delta', id: '1', from: 0, total: 2, upserts: [expect.objectContaining({ name: 'a' })] },
    ]);
    sent.length = 0;
    await watch.send({ type: 'DELETED', object: virtualMachine('a', '5', 'Stopped') });
    await batch();
    expect(sent).toEqual([
      { type: 'vms-delta', id: '1', from: 0, total: 1, upserts: [], order: ['uid-demo-b'] },
    ]);
  });

  it('sends nothing for changes that no row shows', async () => {
    api.lists.virtualmachines = [virtualMachine('a', '1', 'Running')];
    subscribe('1', vms());
    await batch();
    sent.length = 0;
    await api
      .watch('virtualmachines')
      .send({ type: 'MODIFIED', object: virtualMachine('a', '3', 'Running') });
    await batch();
    expect(sent).toEqual([]);
  });

  it('keeps a slow reader waiting without piling up, then sends where things stand', async () => {
    api.lists.pods = [object('a', '1'), object('b', '2')];
    subscribe('1', pods);
    await batch();
    sent.length = 0;
    unsent = 10 * 1024 * 1024;
    for (let version = 3; version < 50; version++) {
      await api.watch('pods').send({ type: 'MODIFIED', object: object('a', String(version)) });
      vi.advanceTimersByTime(100);
    }
    await api.watch('pods').send({ type: 'DELETED', object: object('b', '60') });
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([]);
    unsent = 0;
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([
      { type: 'objects-delta', id: '1', upserts: [object('a', '49')], removes: ['uid-b'] },
    ]);
  });

  it('shares one list and one watch between sessions, and stops a minute after the last', async () => {
    const others: ServerMessage[] = [];
    const other = newSession(others);
    subscribe('1', pods);
    subscribe('1', pods, other);
    await batch();
    expect(api.asked).toHaveLength(2);
    session.close();
    await clock.advance(100_000);
    expect(api.watch('pods').aborted).toBe(false);
    other.close();
    await clock.advance(59_000);
    expect(inventory.stats().watches).toBe(1);
    await clock.advance(2_000);
    expect(inventory.stats().watches).toBe(0);
    expect(api.watch('pods').aborted).toBe(true);
  });

  it('keeps the last rows while the cluster is away', async () => {
    api.lists.pods = [object('a', '1')];
    subscribe('1', pods);
    await batch();
    api.answers.push(new Error('connection refused'));
    api.watch('pods').end();
    await batch();
    expect(sent.at(-1)).toMatchObject({ type: 'feed', feed: { state: 'paused' } });
    const late: ServerMessage[] = [];
    const other = newSession(late);
    subscribe('1', pods, other);
    await settle();
    vi.advanceTimersByTime(0);
    expect(late).toMatchObject([
      { type: 'objects', objects: [object('a', '1')] },
      { feed: { state: 'paused' } },
    ]);
    other.close();
  });

  it('lets all watches of a cluster go on as soon as one got through', async () => {
    api.answers.push(new Error('down'));
    subscribe('1', pods);
    await batch();
    await clock.advance(100);
    api.answers.push(new Error('down'), new Error('down'));
    subscribe('2', { ...pods, namespace: 'demo' });
    await batch();
    await clock.advance(400);
    expect(api.answers).toHaveLength(0);
    const states = () =>
      sent.filter(({ type }) => type === 'feed').map((it) => 'feed' in it && it.feed.state);
    expect(states()).not.toContain('live');
    await clock.advance(100);
    await batch();
    expect(states().filter((state) => state === 'live')).toHaveLength(2);
  });

  it('watches the named namespaces where the whole cluster is forbidden, and says so where none is named', async () => {
    const forbidden = {
      status: 403,
      body: { kind: 'Status', code: 403, reason: 'Forbidden', message: 'no' },
    };
    api.answers.push(forbidden, forbidden);
    api.lists.virtualmachines = [virtualMachine('a', '1', 'Running', 'team-a')];
    subscribe('1', vms({ ...DEFAULT_VM_QUERY, namespaces: ['team-a'] }));
    subscribe('2', vms());
    await batch();
    await batch();
    expect(sent.filter(({ id }) => id === '1')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'vms', total: 1 }),
        { type: 'feed', id: '1', feed: { state: 'live', only: { namespaces: ['team-a'], denied: [] } } },
      ]),
    );
    expect(sent.filter(({ id }) => id === '2').at(-1)).toMatchObject({ feed: { state: 'refused' } });
    expect(api.asked.some((path) => path.includes('/namespaces/team-a/virtualmachines'))).toBe(true);
  });

  it('sends nothing after an unsubscribe', async () => {
    api.lists.pods = [object('a', '1')];
    subscribe('1', pods);
    await batch();
    sent.length = 0;
    session.receive('{"type":"unsubscribe","id":"1"}');
    await api.watch('pods').send({ type: 'DELETED', object: object('a', '2') });
    await batch();
    expect(sent).toEqual([]);
  });

  it.each([
    ['no JSON', '{'],
    ['no id', '{"type":"unsubscribe"}'],
    [
      'a path for a plural',
      JSON.stringify({
        ...message(),
        subscription: { kind: 'objects', resource: { ...RESOURCES.pods, plural: '../x' } },
      }),
    ],
    ['a path for a namespace', JSON.stringify({ ...message(), subscription: { ...pods, namespace: 'a/b' } })],
    [
      'an unknown column',
      JSON.stringify({
        ...message(),
        subscription: {
          kind: 'vms',
          query: { ...DEFAULT_VM_QUERY, sort: { column: 'x', descending: false } },
        },
      }),
    ],
  ])('refuses %s', (_, text) => {
    session.receive(text);
    expect(refused).toBeDefined();
    expect(api.asked).toEqual([]);
  });

  it('gives the first window of a page without waiting for ever', async () => {
    api.lists.virtualmachines = [virtualMachine('a', '1', 'Running')];
    const pending = inventory.firstVmWindow({ cluster: { name: 'lab' }, key: 'me' }, DEFAULT_VM_QUERY);
    await settle();
    expect(await pending).toMatchObject({ total: 1, rows: [{ name: 'a' }], feed: { state: 'live' } });
    vi.spyOn(api, 'get').mockReturnValue(new Promise(() => {}));
    const slow = inventory.firstVmWindow({ cluster: { name: 'other' }, key: 'me' }, DEFAULT_VM_QUERY);
    await clock.advance(300);
    expect(await slow).toEqual({ rows: [], total: 0, feed: { state: 'loading' } });
  });
});

function message() {
  return { type: 'subscribe', id: '1', cluster: 'lab' };
}
