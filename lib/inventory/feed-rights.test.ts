import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import type { FeedChange } from './feed-store';
import { ResourceFeed } from './resource-feed';
import { FakeApi, FakeClock, object, settle } from './testing/fake-api';
import type { Standing } from './transport';
import { withoutManagedFields } from './watch-events';

let api: FakeApi;
let clock: FakeClock;
let feed: ResourceFeed;
let changes: FeedChange<K8sObject>[];
let standing: Standing | undefined;

beforeEach(() => {
  api = new FakeApi();
  clock = new FakeClock();
  feed = new ResourceFeed(
    { asker: { cluster: { name: 'lab' }, key: 'me' }, resource: RESOURCES.pods, namespace: 'demo' },
    withoutManagedFields,
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

const names = () => [...feed.values()].map((it) => it.metadata.name).sort();
const gone = (code: number, message = 'no') => new ApiError(code, 'X', message, { method: 'GET', path: '/' });

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

  it('keeps what was listed when only the watch is not allowed any more, says so, and lists again', async () => {
    await start();
    // The look at the watch, the list at once, the watch.
    api.answers.push(FORBIDDEN, undefined, FORBIDDEN);
    standing?.denied({ ...LIST, verb: 'watch' });
    await settle();
    expect(api.asked.at(-1)).toContain('watch=true');
    expect(feed.state).toMatchObject({ state: 'paused', error: { code: 403 } });
    expect(names()).toEqual(['a', 'b']);
    standing?.denied({ ...LIST, verb: 'watch' });
    api.lists.pods = [object('b', '3'), object('c', '4')];
    api.answers.push(undefined, FORBIDDEN);
    await clock.advance(30_000);
    expect(names()).toEqual(['b', 'c']);
    expect(feed.state.state).toBe('paused');
    // The list is refused as well by now.
    api.answers.push(FORBIDDEN);
    standing?.denied(LIST);
    await settle();
    expect([feed.state.state, names()]).toEqual(['refused', []]);
  });

  it('never flashes for whoever may list and not watch, and is live once they may', async () => {
    api.answers.push(undefined, FORBIDDEN);
    await start();
    const states = new Set<string>();
    feed.onChange(() => states.add(feed.state.state));
    expect(names()).toEqual(['a', 'b']);
    for (let round = 0; round < 3; round += 1) {
      api.answers.push(undefined, FORBIDDEN);
      await clock.advance(30_000);
      expect(names()).toEqual(['a', 'b']);
    }
    expect([...states]).toEqual(['paused']);
    await clock.advance(30_000);
    expect(feed.state).toEqual({ state: 'live' });
    await api.watch('pods').send({ type: 'ADDED', object: object('c', '20') });
    expect(names()).toEqual(['a', 'b', 'c']);
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
    expect(feed.entries.size).toBe(0);
    feed.retryNow();
    await settle();
    expect(feed.state.state).toBe('refused');
    feed.retrySession();
    await settle();
    expect(feed.state).toEqual({ state: 'live' });
    expect(names()).toEqual(['a', 'b']);
  });
});
