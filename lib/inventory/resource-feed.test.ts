import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import { type FeedChange, isEmpty } from './feed-store';
import { ResourceFeed } from './resource-feed';
import { FakeApi, FakeClock, object, settle } from './testing/fake-api';
import { withoutManagedFields } from './watch-events';

let api: FakeApi;
let clock: FakeClock;
let feed: ResourceFeed;
let changes: FeedChange<K8sObject>[];

beforeEach(() => {
  api = new FakeApi();
  clock = new FakeClock();
  feed = new ResourceFeed(
    { asker: { cluster: { name: 'lab' }, key: 'me' }, resource: RESOURCES.pods, namespace: 'demo' },
    withoutManagedFields,
    api,
    clock,
  );
  changes = [];
  feed.onChange((change) => changes.push(change));
});
afterEach(() => feed.stop());

async function start(): Promise<void> {
  feed.start();
  await settle();
}

const names = () => [...feed.values()].map((it) => it.metadata.name).sort();
const gone = (code: number, message = 'no') => new ApiError(code, 'X', message, { method: 'GET', path: '/' });

const queryOf = (at: number) => new URL(api.asked[at] ?? '', 'http://x').searchParams;

function page(items: string[], metadata: Record<string, unknown> = {}) {
  const objects = items.map((name) => object(name, '1'));
  return { status: 200, body: { metadata: { resourceVersion: '7', ...metadata }, items: objects } };
}

function expired(token?: string) {
  const metadata = token ? { continue: token } : {};
  const body = { kind: 'Status', metadata, code: 410, reason: 'Expired', message: 'too old to display' };
  return { status: 410, body };
}

/** Lets requests wait; the returned function answers the oldest. */
function holdAnswers(): (answer: (typeof api.answers)[number]) => Promise<void> {
  const waiting: (() => void)[] = [];
  const get = api.get.bind(api);
  vi.spyOn(api, 'get').mockImplementation(async (asker, path, options) => {
    if (!options.streaming) await new Promise<void>((resolve) => waiting.push(resolve));
    return get(asker, path, options);
  });
  return async (answer) => {
    api.answers.push(answer);
    waiting.shift()?.();
    await settle();
  };
}

describe('ResourceFeed', () => {
  it('lists in pages, then watches from the version of the list', async () => {
    api.answers.push(
      {
        status: 200,
        body: { metadata: { resourceVersion: '7', continue: 'more' }, items: [object('a', '1')] },
      },
      { status: 200, body: { metadata: { resourceVersion: '7' }, items: [object('b', '2')] } },
    );
    await start();
    expect(names()).toEqual(['a', 'b']);
    expect(feed.state).toEqual({ state: 'live' });
    const [first, second, watch] = api.asked.map((path) => new URL(path, 'http://x').searchParams);
    expect(first?.get('limit')).toBe('500');
    expect(second?.get('continue')).toBe('more');
    expect(Object.fromEntries(watch ?? [])).toMatchObject({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '7',
    });
  });

  it('shows each page as it comes, and how many are still to come', async () => {
    const answered = holdAnswers();
    await start();
    expect(feed.state).toEqual({ state: 'loading' });
    await answered(page(['a', 'b'], { continue: 'more', remainingItemCount: 3 }));
    expect(names()).toEqual(['a', 'b']);
    expect(feed.state).toEqual({ state: 'loading', progress: { listed: 2, of: 5 } });
    expect(feed.loaded).toBe(false);
    await answered(page(['c', 'd'], { continue: 'last' }));
    expect(feed.state).toEqual({ state: 'loading', progress: { listed: 4 } });
    await answered(page(['e']));
    expect(names()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(feed.state).toEqual({ state: 'live' });
    expect(changes.flatMap(({ changed }) => changed)).toHaveLength(5);
  });

  it('goes on with the token of a 410 where there is one, and watches from the list’s beginning', async () => {
    api.answers.push(page(['a'], { continue: 'old', resourceVersion: '7' }), expired('fresh'));
    api.answers.push(page(['b'], { resourceVersion: '900' }));
    await start();
    expect(names()).toEqual(['a', 'b']);
    expect(queryOf(2).get('continue')).toBe('fresh');
    expect(queryOf(3).get('resourceVersion')).toBe('7');
    expect(feed.state).toEqual({ state: 'live' });
  });

  it('begins again with longer pages, never one for all, when a 410 has no token', async () => {
    api.answers.push(page(['a', 'gone'], { continue: 'old' }), expired());
    api.lists.pods = [object('a', '1'), object('b', '2')];
    await start();
    expect(names()).toEqual(['a', 'b']);
    expect(queryOf(2).get('limit')).toBe('1000');
    expect(queryOf(2).get('continue')).toBeNull();
  });

  it('asks for the same page again when the cluster fails in the middle of a list', async () => {
    api.answers.push(page(['a'], { continue: 'second' }), gone(503), page(['b']));
    await start();
    expect(feed.state).toMatchObject({ state: 'paused', error: { code: 503 } });
    expect(names()).toEqual(['a']);
    await clock.advance(500);
    expect(queryOf(2).get('continue')).toBe('second');
    expect(names()).toEqual(['a', 'b']);
    expect(feed.state).toEqual({ state: 'live' });
  });

  it('drops managedFields and gives list items their kind', async () => {
    const { apiVersion: _, kind: __, ...bare } = object('a', '1');
    api.answers.push({
      status: 200,
      body: {
        metadata: { resourceVersion: '1' },
        items: [{ ...bare, metadata: { ...bare.metadata, managedFields: [] } }],
      },
    });
    await start();
    expect(feed.entries.get('uid-a')?.value).toEqual(object('a', '1'));
  });

  it('follows additions, changes and deletions, several in one chunk as one change', async () => {
    api.lists.pods = [object('a', '1')];
    await start();
    changes.length = 0;
    await api
      .watch()
      .send(
        { type: 'ADDED', object: object('b', '11') },
        { type: 'MODIFIED', object: object('b', '12') },
        { type: 'DELETED', object: object('a', '13') },
      );
    expect(names()).toEqual(['b']);
    expect(changes).toHaveLength(1);
    expect(changes[0]?.changed.map((it) => it.value.metadata.resourceVersion)).toEqual(['12']);
    expect(changes[0]?.removed.map((it) => it.value.metadata.name)).toEqual(['a']);
  });

  it('takes events that are cut anywhere, even inside a character', async () => {
    await start();
    const line = new TextEncoder().encode(
      `${JSON.stringify({ type: 'ADDED', object: object('ä-ö', '11') })}\n`,
    );
    const body = async function* () {
      for (const byte of line) yield Uint8Array.of(byte);
    };
    api.answers.push({ status: 200, body: '' });
    const { readWatch } = await import('./watch-events');
    const events = [];
    for await (const some of readWatch(body())) events.push(...some);
    expect(events).toHaveLength(1);
    expect(events[0]?.object).toMatchObject({ metadata: { name: 'ä-ö' } });
  });

  it('goes on from the last bookmark when a watch ends', async () => {
    await start();
    await api.watch().send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '99' } } });
    api.watch().end();
    await settle();
    expect(api.watches).toHaveLength(2);
    expect(api.watch().path).toContain('resourceVersion=99');
    expect(feed.state).toEqual({ state: 'live' });
  });

  it('relists after 410, and tells the difference only', async () => {
    api.lists.pods = [object('a', '1'), object('b', '2'), object('c', '3')];
    await start();
    changes.length = 0;
    const kept = feed.entries.get('uid-a');
    api.lists.pods = [object('a', '1'), object('b', '20'), object('d', '4')];
    await api.watch().send({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    await settle();
    expect(names()).toEqual(['a', 'b', 'd']);
    const news = changes.filter((change) => !isEmpty(change));
    expect(news).toHaveLength(1);
    expect(news[0]?.changed.map((it) => it.value.metadata.name)).toEqual(['b', 'd']);
    expect(news[0]?.removed.map((it) => it.value.metadata.name)).toEqual(['c']);
    expect(feed.entries.get('uid-a')).toBe(kept);
    expect(feed.state).toEqual({ state: 'live' });
  });

  it('says that it catches up, since when and how far, while it keeps what it knew', async () => {
    api.lists.pods = [object('a', '1'), object('b', '2')];
    await start();
    const answered = holdAnswers();
    await api.watch().send({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    const since = clock.now();
    expect(feed.state).toEqual({ state: 'catching-up', since });
    await clock.advance(2_000);
    await answered(page(['c'], { continue: 'more', remainingItemCount: 1 }));
    expect(feed.state).toEqual({ state: 'catching-up', since, progress: { listed: 1, of: 2 } });
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(feed.loaded).toBe(true);
    await answered(page(['a']));
    expect(names()).toEqual(['a', 'c']);
    expect(feed.state).toEqual({ state: 'live' });
  });

  it('lets others have their turn while it takes a burst', async () => {
    await start();
    const watch = api.watch();
    const events = Array.from({ length: 1_000 }, (_, at) => ({
      type: 'ADDED',
      object: object(`pod-${at}`, String(at + 100)),
    }));
    await watch.send(...events);
    await settle();
    expect(feed.entries.size).toBe(1_000);
    expect(changes.filter((change) => !isEmpty(change)).map(({ changed }) => changed.length)).toEqual([
      200, 200, 200, 200, 200,
    ]);
  });

  it('pauses while nothing answers, waits longer each time, and starts over with short waits after an event', async () => {
    api.answers.push(gone(0), gone(502), gone(502));
    await start();
    const retryAfter = () => (feed.state.state === 'paused' ? feed.state.retryAt - clock.now() : undefined);
    expect(feed.state).toMatchObject({ state: 'paused', since: clock.now(), error: { code: 0 } });
    expect(retryAfter()).toBe(500);
    const since = clock.now();
    await clock.advance(500);
    expect(retryAfter()).toBe(1_000);
    await clock.advance(1_000);
    expect(retryAfter()).toBe(2_000);
    expect(feed.state).toMatchObject({ since });
    await clock.advance(2_000);
    expect(feed.state).toEqual({ state: 'live' });
    await api.watch().send({ type: 'ADDED', object: object('a', '11') });
    api.watch().end(new Error('connection reset'));
    await settle();
    expect(retryAfter()).toBe(500);
    expect(names()).toEqual(['a']);
  });

  it('does not hammer a server that ends every watch at once', async () => {
    await start();
    for (let round = 0; round < 3; round++) {
      api.watch().end();
      await settle();
    }
    expect(api.watches).toHaveLength(2);
    await clock.advance(5_000);
    expect(api.watches.length).toBeGreaterThan(2);
  });

  it('waits as long as the server asks it to', async () => {
    api.answers.push({ status: 429, body: 'busy', retryAfterMs: 7_000 });
    await start();
    expect(feed.state).toMatchObject({ state: 'paused', retryAt: clock.now() + 7_000, error: { code: 429 } });
  });

  it('says what was refused, forgets what it showed, and asks again now and then', async () => {
    api.lists.pods = [object('a', '1')];
    await start();
    const forbidden = { kind: 'Status', code: 403, reason: 'Forbidden', message: 'pods is forbidden' };
    // The watch, and the list that is tried in its place.
    api.answers.push({ status: 403, body: forbidden }, { status: 403, body: forbidden });
    api.watch().end();
    await settle();
    expect(feed.state).toMatchObject({
      state: 'refused',
      error: { code: 403, message: 'pods is forbidden' },
    });
    expect(names()).toEqual([]);
    expect(feed.loaded).toBe(false);
    await clock.advance(30_000);
    expect(feed.state).toEqual({ state: 'live' });
    expect(names()).toEqual(['a']);
  });

  it('replaces a watch that is overdue', async () => {
    await start();
    await clock.advance(200_000);
    expect(api.watches[0]?.aborted).toBe(true);
    expect(api.watches).toHaveLength(2);
    expect(feed.state).toEqual({ state: 'live' });
  });

  it('asks nothing more once it is stopped', async () => {
    await start();
    feed.stop();
    await clock.advance(600_000);
    expect(api.asked).toHaveLength(2);
    expect(api.watch().aborted).toBe(true);
  });
});
