import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage, ServerMessage } from '@/lib/inventory/protocol';
import { makeRow, randomly } from '@/lib/inventory/testing/rows';
import { clusterSearch, notSearched } from './cluster-search';
import { LiveClient, type LiveSocketEvents } from './live-client';

let sent: ClientMessage[];
let events: LiveSocketEvents;
let client: LiveClient;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  client = new LiveClient({
    open: (given) => {
      events = given;
      return { send: (text) => sent.push(JSON.parse(text) as ClientMessage), close: () => undefined };
    },
  });
});
afterEach(() => {
  client.close();
  vi.useRealTimers();
});

const say = (message: ServerMessage) => events.message(JSON.stringify(message));
const idOf = (cluster: string) => {
  const found = sent.find((message) => message.type === 'subscribe' && message.cluster === cluster);
  if (!found) throw new Error(`${cluster} was not asked`);
  return found.id;
};
const error = (code: number, reason: string, message: string) => ({
  code,
  reason,
  message,
  request: { method: 'GET', path: '/' },
  causes: [],
});

const CLUSTERS = [
  { name: 'a', signedIn: true },
  { name: 'b', signedIn: true },
  { name: 'c', signedIn: true },
  { name: 'd', signedIn: true },
  { name: 'out', signedIn: false },
];

describe('clusterSearch', () => {
  it('asks the clusters that one is signed in to, for a few rows of what is nearest', () => {
    const search = clusterSearch(client, CLUSTERS, ' web ', 3);
    search.subscribe(() => undefined);
    events.opened();
    expect(sent.map((message) => message.type === 'subscribe' && message.cluster)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
    expect(sent[0]).toMatchObject({
      subscription: {
        kind: 'vms',
        window: { from: 0, count: 3 },
        query: { text: 'web', closestFirst: true },
      },
    });
  });

  it('says of every cluster what it found, or why it says nothing', () => {
    const search = clusterSearch(client, CLUSTERS, 'web', 1);
    const changes = vi.fn();
    search.subscribe(changes);
    events.opened();
    expect(search.get().map(({ state }) => state.kind)).toEqual([
      'waiting',
      'waiting',
      'waiting',
      'waiting',
      'signedOut',
    ]);
    const row = makeRow('web', randomly(1));
    say({ type: 'vms', id: idOf('a'), total: 7, from: 0, rows: [row] });
    say({ type: 'feed', id: idOf('a'), feed: { state: 'live' } });
    const paused = error(502, 'Unreachable', 'Nothing answers.');
    say({ type: 'feed', id: idOf('b'), feed: { state: 'paused', since: 1, retryAt: 2, error: paused } });
    say({ type: 'feed', id: idOf('c'), feed: { state: 'refused', error: error(403, 'Forbidden', 'No.') } });
    say({
      type: 'feed',
      id: idOf('d'),
      feed: { state: 'refused', error: error(401, 'SignInNeeded', 'Over.') },
    });
    expect(changes).toHaveBeenCalled();
    const hits = search.get();
    expect(hits.map(({ cluster, total, state }) => [cluster, total, state.kind])).toEqual([
      ['a', 7, 'found'],
      ['b', 0, 'silent'],
      ['c', 0, 'refused'],
      ['d', 0, 'signedOut'],
      ['out', 0, 'signedOut'],
    ]);
    expect(notSearched(hits).map(({ cluster }) => cluster)).toEqual(['b', 'c', 'd', 'out']);
    expect(search.get()).toBe(hits);
  });

  it('searches the namespaces that one knows where the whole cluster may not be listed, and says so', () => {
    const search = clusterSearch(client, [{ name: 'a', signedIn: true, namespaces: ['dev'] }], 'web', 3);
    const stop = search.subscribe(() => undefined);
    events.opened();
    expect(sent).toHaveLength(1);
    const forbidden = { state: 'refused' as const, error: error(403, 'Forbidden', 'No.') };
    say({ type: 'feed', id: idOf('a'), feed: forbidden });
    expect(sent[1]).toMatchObject({ subscription: { query: { namespaces: ['dev'], text: 'web' } } });
    const id = sent[1]?.id ?? '';
    say({ type: 'vms', id, total: 1, from: 0, rows: [makeRow('web', randomly(1))] });
    say({ type: 'feed', id, feed: { state: 'live' } });
    expect(search.get()).toMatchObject([{ total: 1, only: ['dev'], state: { kind: 'found' } }]);
    expect(notSearched(search.get())).toHaveLength(1);
    say({ type: 'feed', id, feed: forbidden });
    expect(search.get()).toMatchObject([{ total: 0, state: { kind: 'refused' } }]);
    expect(search.get()[0]?.only).toBeUndefined();
    stop();
  });

  it('asks nobody for nothing', () => {
    const search = clusterSearch(client, CLUSTERS, '  ', 3);
    search.subscribe(() => undefined)();
    expect(search.get()).toEqual([]);
    expect(sent).toEqual([]);
  });
});
