import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { InventoryService } from './inventory-service';
import { LiveSession } from './live-session';
import type { ServerMessage, Subscription, Window } from './protocol';
import { FakeApi, FakeClock, settle, virtualMachine } from './testing/fake-api';

let api: FakeApi;
let clock: FakeClock;
let inventory: InventoryService;
let session: LiveSession;
let sent: ServerMessage[];
let unsent: number;
let refused: string | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
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

function move(window: Window, hold = false): void {
  session.receive(JSON.stringify({ type: 'window', id: '1', window, hold }));
}

const named = (name: string) => expect.objectContaining({ name });

async function batch(): Promise<void> {
  await settle();
  vi.advanceTimersByTime(50);
}

const vms = (query = DEFAULT_VM_QUERY): Subscription => ({ kind: 'vms', query });

describe('parts of the VM list', () => {
  it('sends a window of the answer, and how many there are, also when only that changes', async () => {
    api.lists.virtualmachines = ['a', 'b', 'c'].map((name, at) =>
      virtualMachine(name, String(at), 'Running'),
    );
    subscribe('1', { kind: 'vms', query: DEFAULT_VM_QUERY, window: { from: 0, count: 2 } });
    await batch();
    expect(sent.find(({ type }) => type === 'vms')).toMatchObject({
      total: 3,
      rows: [{ name: 'a' }, { name: 'b' }],
    });
    sent.length = 0;
    const watch = api.watch('virtualmachines');
    await watch.send({ type: 'ADDED', object: virtualMachine('d', '9', 'Running') });
    await batch();
    expect(sent).toEqual([{ type: 'vms-delta', id: '1', from: 0, total: 4, upserts: [] }]);
    sent.length = 0;
    await watch.send({ type: 'MODIFIED', object: virtualMachine('d', '10', 'Stopped') });
    await batch();
    expect(sent).toEqual([]);
    await watch.send({ type: 'DELETED', object: virtualMachine('a', '11', 'Running') });
    await batch();
    expect(sent).toEqual([expect.objectContaining({ total: 3, order: ['uid-demo-b', 'uid-demo-c'] })]);
  });

  it('puts what is called like the text first when asked to', async () => {
    api.lists.virtualmachines = ['a-web', 'web-1', 'web'].map((name, at) =>
      virtualMachine(name, String(at), 'Running'),
    );
    subscribe('1', { kind: 'vms', query: { ...DEFAULT_VM_QUERY, text: 'web', closestFirst: true } });
    await batch();
    const snapshot = sent.find((message) => message.type === 'vms');
    expect(snapshot?.type === 'vms' && snapshot.rows.map(({ name }) => name)).toEqual([
      'web',
      'web-1',
      'a-web',
    ]);
  });

  it('counts without sending a row, and again when a status changes', async () => {
    api.lists.virtualmachines = [virtualMachine('a', '1', 'Running'), virtualMachine('b', '2', 'Stopped')];
    subscribe('1', { kind: 'vm-counts' });
    await batch();
    expect(sent.filter(({ type }) => type !== 'feed')).toEqual([
      { type: 'vm-counts', id: '1', counts: expect.objectContaining({ success: 1, off: 1 }) },
    ]);
    sent.length = 0;
    const changed = virtualMachine('a', '3', 'Stopped');
    await api.watch('virtualmachines').send({ type: 'MODIFIED', object: changed });
    await batch();
    // Numbers rest for half a second, so that they can be read.
    expect(sent).toEqual([]);
    await clock.advance(500);
    await batch();
    expect(sent).toEqual([
      { type: 'vm-counts', id: '1', counts: expect.objectContaining({ success: 0, off: 2 }) },
    ]);
  });

  it('refuses a window that is no stretch of rows, or longer than it may be', () => {
    for (const count of [-1, 1.5, 'all', null, 501]) {
      session.receive(
        JSON.stringify({
          type: 'subscribe',
          id: '1',
          cluster: 'lab',
          subscription: { ...vms(), window: { from: 0, count } },
        }),
      );
      expect(refused).toBe('That is no message of the live protocol.');
      refused = undefined;
    }
  });

  it('moves its window without a new subscription', async () => {
    api.lists.virtualmachines = ['a', 'b', 'c', 'd'].map((name) => virtualMachine(name, name, 'Running'));
    subscribe('1', { kind: 'vms', query: DEFAULT_VM_QUERY, window: { from: 0, count: 2 } });
    await batch();
    sent.length = 0;
    move({ from: 2, count: 2 });
    await batch();
    expect(sent).toEqual([{ type: 'vms', id: '1', total: 4, from: 2, rows: [named('c'), named('d')] }]);
    sent.length = 0;
    move({ from: 2, count: 1 });
    await batch();
    expect(sent).toEqual([
      expect.objectContaining({ type: 'vms-delta', order: ['uid-demo-c'], upserts: [] }),
    ]);
  });

  it('keeps rows in their places while the window is held, and says that the order is another', async () => {
    api.lists.virtualmachines = ['b', 'c', 'd'].map((name) => virtualMachine(name, name, 'Running'));
    const window = { from: 0, count: 2 };
    subscribe('1', { kind: 'vms', query: { ...DEFAULT_VM_QUERY, text: 'running' }, window });
    await batch();
    move(window, true);
    await batch();
    sent.length = 0;
    const watch = api.watch('virtualmachines');
    await watch.send({ type: 'ADDED', object: virtualMachine('a', '9', 'Running') });
    await batch();
    expect(sent).toEqual([{ type: 'vms-delta', id: '1', from: 0, total: 4, upserts: [], moved: true }]);
    sent.length = 0;
    // It no longer matches; its row still says what became of it.
    await watch.send({ type: 'MODIFIED', object: virtualMachine('b', '10', 'Stopped') });
    await batch();
    expect(sent).toEqual([expect.objectContaining({ total: 3, upserts: [named('b')], moved: true })]);
    sent.length = 0;
    await watch.send({ type: 'DELETED', object: virtualMachine('b', '11', 'Stopped') });
    await batch();
    expect(sent).toEqual([expect.objectContaining({ order: ['uid-demo-c'], moved: true })]);
    sent.length = 0;
    move(window);
    await batch();
    expect(sent).toEqual([expect.objectContaining({ order: ['uid-demo-a', 'uid-demo-c'] })]);
    expect(sent).not.toEqual([expect.objectContaining({ moved: true })]);
  });

  it('shows named VMs wherever they are, as far as they exist', async () => {
    api.lists.virtualmachines = ['a', 'b', 'c'].map((name) => virtualMachine(name, name, 'Running'));
    subscribe('1', { kind: 'vm-rows', vms: ['demo/c', 'demo/nowhere', 'demo/a'] });
    await batch();
    expect(sent[0]).toEqual({ type: 'vms', id: '1', total: 2, from: 0, rows: [named('c'), named('a')] });
    sent.length = 0;
    const watch = api.watch('virtualmachines');
    await watch.send({ type: 'MODIFIED', object: virtualMachine('b', '9', 'Stopped') });
    await batch();
    expect(sent).toEqual([]);
    await watch.send({ type: 'ADDED', object: virtualMachine('nowhere', '10', 'Stopped') });
    await batch();
    expect(sent).toEqual([expect.objectContaining({ total: 3, upserts: [named('nowhere')] })]);
  });

  it('counts by what was asked for', async () => {
    api.lists.virtualmachines = [virtualMachine('a', '1', 'Running'), virtualMachine('b', '2', 'Stopped')];
    const by = ['status', 'namespace', 'label:tier'] as const;
    subscribe('1', { kind: 'vm-groups', query: DEFAULT_VM_QUERY, by: [...by], limit: 1 });
    await batch();
    expect(sent[0]).toMatchObject({
      type: 'vm-groups',
      all: { total: 2, tones: { success: 1, off: 1 } },
      groups: {
        status: { groups: [{ value: 'Running', total: 1 }], more: 1 },
        namespace: { groups: [{ value: 'demo', total: 2 }], more: 0 },
        'label:tier': { groups: [{ value: '', total: 2 }], more: 0 },
      },
    });
  });
});

describe('what time alone changes', () => {
  it('leaves the answer when it has grown too old', async () => {
    vi.setSystemTime(new Date('2026-11-22T12:00:00Z'));
    const young = virtualMachine('a', '1', 'Running');
    young.metadata.creationTimestamp = '2026-11-22T11:59:00Z';
    api.lists.virtualmachines = [young];
    subscribe('1', { kind: 'vms', query: { ...DEFAULT_VM_QUERY, text: 'created<2m' } });
    await batch();
    expect(sent[0]).toMatchObject({ total: 1 });
    sent.length = 0;
    vi.setSystemTime(new Date('2026-11-22T12:02:00Z'));
    await clock.advance(30_000);
    await batch();
    expect(sent).toEqual([expect.objectContaining({ total: 0, order: [] })]);
  });
});
