import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import { RESOURCES } from '@/lib/kinds/resources';
import { type FeedChange, ResourceFeed } from './resource-feed';
import { FakeApi, FakeClock, object, settle } from './testing/fake-api';
import type { Standing } from './transport';

let api: FakeApi;
let clock: FakeClock;
let feed: ResourceFeed;
let changes: FeedChange[];
let standing: Standing | undefined;

beforeEach(() => {
  api = new FakeApi();
  clock = new FakeClock();
  feed = new ResourceFeed(
    { asker: { cluster: { name: 'lab' }, key: 'me' }, resource: RESOURCES.pods, namespace: 'demo' },
    api,
    clock,
    {
      guard: {
        hold: (held) => {
          standing = held;
          return () => (standing = undefined);
        },
      },
    },
  );
  changes = [];
  feed.onChange((change) => changes.push(change));
});
afterEach(() => feed.stop());

async function start(): Promise<void> {
  feed.start();
  await settle();
}

const names = () => [...feed.objects.values()].map((it) => it.metadata.name).sort();
const gone = (code: number, message = 'no') => new ApiError(code, 'X', message, { method: 'GET', path: '/' });

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

  it('lists at one go when the token of a page ran out', async () => {
    api.answers.push(
      {
        status: 200,
        body: { metadata: { resourceVersion: '7', continue: 'more' }, items: [object('a', '1')] },
      },
      { status: 410, body: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } },
    );
    api.lists.pods = [object('a', '1'), object('b', '2')];
    await start();
    expect(names()).toEqual(['a', 'b']);
    expect(api.asked[2]).not.toContain('limit');
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
    expect(feed.objects.get('uid-a')).toEqual(object('a', '1'));
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
    expect(changes[0]?.changed.map((it) => it.metadata.resourceVersion)).toEqual(['12']);
    expect(changes[0]?.removed.map((it) => it.metadata.name)).toEqual(['a']);
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
    const kept = feed.objects.get('uid-a');
    api.lists.pods = [object('a', '1'), object('b', '20'), object('d', '4')];
    await api.watch().send({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    await settle();
    expect(names()).toEqual(['a', 'b', 'd']);
    expect(changes).toHaveLength(1);
    expect(changes[0]?.changed.map((it) => it.metadata.name)).toEqual(['b', 'd']);
    expect(changes[0]?.removed.map((it) => it.metadata.name)).toEqual(['c']);
    expect(feed.objects.get('uid-a')).toBe(kept);
    expect(feed.state).toEqual({ state: 'live' });
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
    api.answers.push({ status: 403, body: forbidden });
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

describe('rights that change', () => {
  const FORBIDDEN = {
    status: 403,
    body: { kind: 'Status', code: 403, reason: 'Forbidden', message: 'pods is forbidden: dana cannot list' },
  };
  const LIST = { verb: 'list', group: '', resource: 'pods', namespace: 'demo' };
  const over = new ApiError(401, 'SignInNeeded', 'It was signed out.', { method: 'GET', path: '/' });

  beforeEach(() => {
    api.lists.pods = [object('a', '1'), object('b', '2')];
  });

  it('needs list and watch in its namespace, until it stops', async () => {
    await start();
    expect(standing?.checks).toEqual([LIST, { ...LIST, verb: 'watch' }]);
    feed.stop();
    expect(standing).toBeUndefined();
  });

  it('drops everything and says it in the API’s own words when the right is gone', async () => {
    await start();
    const watch = api.watch('pods');
    api.answers.push(FORBIDDEN);
    standing?.denied(LIST);
    await settle();
    expect(api.asked.at(-1)).toContain('limit=1');
    expect(watch.aborted).toBe(true);
    expect(feed.state).toMatchObject({
      state: 'refused',
      error: { code: 403, message: expect.stringContaining('dana cannot list') },
    });
    expect(names()).toEqual([]);
    expect(changes.at(-1)?.removed).toHaveLength(2);
  });

  it('comes back by itself within 30 s once it is allowed again', async () => {
    await start();
    api.answers.push(FORBIDDEN);
    standing?.denied(LIST);
    await settle();
    api.answers.push(FORBIDDEN);
    await clock.advance(30_000);
    expect(feed.state.state).toBe('refused');
    await clock.advance(30_000);
    expect(feed.state).toEqual({ state: 'live' });
    expect(names()).toEqual(['a', 'b']);
  });

  it('asks for the watch itself when only that is not allowed any more', async () => {
    await start();
    api.answers.push(FORBIDDEN);
    standing?.denied({ ...LIST, verb: 'watch' });
    await settle();
    expect(api.asked.at(-1)).toContain('watch=true');
    expect(feed.state.state).toBe('refused');
  });

  it('believes the API rather than a review, and nothing when it does not answer', async () => {
    await start();
    standing?.denied(LIST);
    await settle();
    api.answers.push(gone(0));
    standing?.denied(LIST);
    await settle();
    expect(feed.state).toEqual({ state: 'live' });
    expect(api.watch('pods').aborted).toBe(false);
  });

  it('drops everything when the session is over, also while it waits, and goes on when told that it does', async () => {
    await start();
    api.watch('pods').end(new Error('broken'));
    await settle();
    standing?.over(over);
    await settle();
    expect(feed.state).toMatchObject({ state: 'refused', error: { code: 401, reason: 'SignInNeeded' } });
    expect(feed.objects.size).toBe(0);
    feed.retryNow();
    await settle();
    expect(feed.state.state).toBe('refused');
    feed.retrySession();
    await settle();
    expect(feed.state).toEqual({ state: 'live' });
    expect(names()).toEqual(['a', 'b']);
  });
});
