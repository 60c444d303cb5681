import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import { RESOURCES } from '@/lib/kinds/resources';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import type { ServerMessage, Subscription } from '../protocol';
import { FakeApi, object, virtualMachine } from '../testing/fake-api';
import type { Asker, Standing } from '../transport';
import { InventoryThread, type RunningThread } from './inventory-thread';
import type { FromInventory, ToInventory } from './messages';
import { startInThisThread } from './start-in-this-thread';

interface Viewer extends Asker {
  token: string;
}

const viewer: Viewer = { cluster: { name: 'lab' }, key: 'me', token: 'very-secret' };
const vms: Subscription = { kind: 'vms', query: DEFAULT_VM_QUERY };
const pods: Subscription = { kind: 'objects', resource: RESOURCES.pods };

let api: FakeApi;
let thread: InventoryThread<Viewer>;
let started: RunningThread[];
let died: (cause: unknown) => void;
let reports: string[];
let standings: Standing<Viewer>[];
let crossed: ToInventory[];
let came: FromInventory[];

beforeEach(() => {
  api = new FakeApi();
  started = [];
  reports = [];
  standings = [];
  crossed = [];
  came = [];
  thread = new InventoryThread<Viewer>({
    transport: api,
    may: async (_, { verb }) => ({ allowed: verb === 'list' }),
    guard: {
      hold: (standing) => {
        standings.push(standing);
        return () => standings.splice(standings.indexOf(standing), 1);
      },
    },
    report: (sentence) => reports.push(sentence),
    start: (onDeath) => {
      died = onDeath;
      const { port, end } = startInThisThread();
      const recorded: RunningThread = {
        port: {
          post: (message, transfer) => {
            crossed.push(message);
            port.post(message, transfer);
          },
          listen: (listener) =>
            port.listen((message) => {
              came.push(message);
              listener(message);
            }),
        },
        end,
      };
      started.push(recorded);
      return recorded;
    },
  });
});
afterEach(() => thread.close());

function openTab(who: () => Promise<Viewer> = async () => viewer) {
  const tab = {
    sent: [] as ServerMessage[],
    closed: undefined as [number, string] | undefined,
    buffered: 0,
    session: { receive: (_: string) => {}, close: () => {} },
    subscribe: (id: string, subscription: Subscription) =>
      tab.session.receive(JSON.stringify({ type: 'subscribe', id, cluster: 'lab', subscription })),
  };
  tab.session = thread.open({
    asker: who,
    send: (data) => tab.sent.push(JSON.parse(new TextDecoder().decode(data)) as ServerMessage),
    buffered: () => tab.buffered,
    close: (code, reason) => {
      tab.closed = [code, reason];
    },
  });
  return tab;
}

const isLive = (messages: ServerMessage[]) =>
  vi.waitFor(() => expect(messages.some((it) => it.type === 'feed' && it.feed.state === 'live')).toBe(true));

describe('InventoryThread', () => {
  it('shows a tab rows and their changes, fetched by the main thread', async () => {
    api.lists.virtualmachines = [virtualMachine('a', '1', 'Running')];
    const tab = openTab();
    tab.subscribe('1', vms);
    await isLive(tab.sent);
    await api
      .watch('virtualmachines')
      .send({ type: 'MODIFIED', object: virtualMachine('a', '2', 'Stopped') });
    await vi.waitFor(() => expect(tab.sent.at(-1)).toMatchObject({ type: 'vms-delta', total: 1 }));
    tab.session.close();
  });

  it('answers what pages read, for whoever asks', async () => {
    api.lists.virtualmachines = ['a', 'b'].map((name) => virtualMachine(name, '1', 'Running'));
    const { rows, total } = await thread.firstVmWindow(viewer, DEFAULT_VM_QUERY);
    expect([rows.map(({ name }) => name), total]).toEqual([['a', 'b'], 2]);
    const { rows: second } = await thread.select(viewer, DEFAULT_VM_QUERY, { from: 1, count: 5 });
    expect(second.map(({ name }) => name)).toEqual(['b']);
    expect((await thread.stats()).watches).toBeGreaterThan(0);
  });

  it('lets no credential cross, and asks with the viewer itself', async () => {
    const get = vi.spyOn(api, 'get');
    const tab = openTab();
    tab.subscribe('1', vms);
    await isLive(tab.sent);
    await thread.firstVmWindow(viewer, DEFAULT_VM_QUERY);
    expect(get.mock.calls.every(([asker]) => asker === viewer)).toBe(true);
    expect(crossed.length).toBeGreaterThan(3);
    expect(JSON.stringify([...crossed, ...came])).not.toContain('very-secret');
  });

  it('sends several tabs the same text once', async () => {
    const tabs = [openTab(), openTab(), openTab()];
    for (const tab of tabs) tab.subscribe('1', pods);
    for (const tab of tabs) await isLive(tab.sent);
    came.length = 0;
    await api.watch('pods').send({ type: 'ADDED', object: object('a', '11') });
    for (const { sent } of tabs) {
      await vi.waitFor(() => expect(sent.at(-1)?.type).toBe('objects-delta'));
    }
    const frames = came.flatMap((message) => (message.type === 'frames' ? message.frames : []));
    expect(frames.map(({ to }) => to.length)).toEqual([3]);
  });

  it('says in place of rows why nobody asks', async () => {
    const request = { method: 'GET', path: '/' };
    const tab = openTab(() => Promise.reject(new ApiError(404, 'NotFound', 'There is no cluster.', request)));
    tab.subscribe('1', vms);
    await vi.waitFor(() =>
      expect(tab.sent).toMatchObject([
        { type: 'feed', feed: { state: 'refused', error: { code: 404, message: 'There is no cluster.' } } },
      ]),
    );
  });

  it('passes on that a session is over, and lets go of what was open', async () => {
    const tab = openTab();
    tab.subscribe('1', pods);
    await isLive(tab.sent);
    expect(standings).toHaveLength(1);
    expect(standings[0]?.who).toBe(viewer);
    const request = { method: 'GET', path: '/' };
    standings[0]?.over(new ApiError(401, 'SignInNeeded', 'Signed out.', request));
    await vi.waitFor(() =>
      expect(tab.sent.at(-1)).toMatchObject({
        feed: { state: 'refused', error: { message: 'Signed out.' } },
      }),
    );
    expect(api.watch('pods').aborted).toBe(true);
  });

  it('keeps a slow tab waiting, then sends it where things stand', async () => {
    api.lists.pods = [object('a', '1')];
    const tab = openTab();
    tab.subscribe('1', pods);
    await isLive(tab.sent);
    tab.buffered = 10 * 1024 * 1024;
    await api.watch('pods').send({ type: 'ADDED', object: object('b', '11') });
    await vi.waitFor(() => expect(tab.sent.at(-1)?.type).toBe('objects-delta'));
    await vi.waitFor(() =>
      expect(crossed.some((it) => it.type === 'buffered' && it.sockets.length > 0)).toBe(true),
    );
    tab.sent.length = 0;
    for (let version = 20; version < 30; version++) {
      await api.watch('pods').send({ type: 'MODIFIED', object: object('b', String(version)) });
    }
    expect(tab.sent).toEqual([]);
    tab.buffered = 0;
    await vi.waitFor(() => expect(tab.sent).toHaveLength(1));
    expect(tab.sent[0]).toMatchObject({ upserts: [{ metadata: { resourceVersion: '29' } }] });
  });

  it('ends a tab that breaks the protocol', async () => {
    const tab = openTab();
    tab.session.receive('{');
    await vi.waitFor(() => expect(tab.closed?.[0]).toBe(1008));
  });

  it('starts again when it dies: tabs come back, what was asked fails, requests end', async () => {
    const tab = openTab();
    tab.subscribe('1', pods);
    await isLive(tab.sent);
    vi.spyOn(api, 'get').mockReturnValueOnce(new Promise(() => {}));
    const asked = thread.firstVmWindow(viewer, DEFAULT_VM_QUERY).catch((cause: unknown) => cause);
    await vi.waitFor(() => expect(api.get).toHaveBeenCalled());
    died(new Error('out of memory'));
    expect(await asked).toMatchObject({ code: 503 });
    expect(tab.closed).toEqual([1012, 'The inventory starts again.']);
    expect(api.watch('pods').aborted).toBe(true);
    expect(standings).toEqual([]);
    expect(reports[0]).toContain('out of memory');
    await vi.waitFor(() => expect(started).toHaveLength(2), { timeout: 3_000 });
    const again = openTab();
    again.subscribe('1', pods);
    await isLive(again.sent);
  });
});
