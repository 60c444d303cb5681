import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import type { ClusterSession } from './session';
import { readNews, type SessionNews } from './session-channel';
import { isEnding, SessionKeeper, warnBefore } from './session-keeper';
import { SessionStore } from './session-store';

const MINUTE = 60_000;
const IDLE = 30 * MINUTE;

let now: number;
let tick: () => void;
let renewals: number;
let answer: () => Promise<ClusterSession>;
let sent: SessionNews[];
let hear: (news: SessionNews) => void;
let store: SessionStore;
let keeper: SessionKeeper;
let server: ClusterSession[];

const session = (change: Partial<ClusterSession> = {}): ClusterSession => ({
  name: 'lab',
  server: 'https://lab:6443',
  signedIn: true,
  user: 'dana',
  expiresAt: now + IDLE,
  methods: [{ id: 'token', kind: 'token' }],
  ...change,
});
const settled = () => new Promise((resolve) => setImmediate(resolve));
const over = (reason: string) =>
  new ApiError(401, 'SignInNeeded', 'over', { method: 'POST', path: '/' }, [{ reason }]);

beforeEach(() => {
  now = 1_000_000;
  renewals = 0;
  sent = [];
  server = [session()];
  answer = () => Promise.resolve(session());
  store = new SessionStore(() => now);
  store.prime(session());
  keeper = new SessionKeeper({
    store,
    channel: {
      send: (news) => sent.push(news),
      listen: (listener) => {
        hear = listener;
        return () => undefined;
      },
    },
    readSessions: () => Promise.resolve(server),
    renewSession: () => {
      renewals += 1;
      return answer();
    },
    alone: (_, work) => work(),
    now: () => now,
    every: (_, run) => {
      tick = run;
      return () => undefined;
    },
  });
});

/** Lets time pass, second by second, with somebody at work or not. */
async function pass(ms: number, isActive: boolean): Promise<void> {
  const step = 1_000;
  for (const end = now + ms; now < end; ) {
    now += step;
    if (isActive) keeper.active();
    tick();
    await settled();
  }
}

describe('SessionKeeper', () => {
  it('keeps the session of somebody at work alive, every five minutes', async () => {
    await pass(16 * MINUTE, true);
    expect(renewals).toBe(3);
    expect(sent).toHaveLength(3);
    expect(store.get('lab')?.isFinal).toBe(false);
  });

  it('leaves the session of somebody who does nothing alone, and asks once it should be over', async () => {
    answer = () => Promise.reject(over('SessionIdle'));
    await pass(IDLE - MINUTE, false);
    expect(renewals).toBe(0);
    await pass(2 * MINUTE, false);
    expect(renewals).toBe(1);
    expect(store.get('lab')?.over?.why).toBe('idle');
  });

  it('keeps a very short session alive as well', async () => {
    const short = () => session({ expiresAt: now + 8_000 });
    answer = () => Promise.resolve(short());
    hear({ type: 'renewed', cluster: 'lab', expiresAt: now + 8_000 });
    await pass(40_000, true);
    expect(renewals).toBeGreaterThan(0);
  });

  it('does not hammer a server that does not answer', async () => {
    answer = () => Promise.reject(new ApiError(0, 'Unreachable', '', { method: 'POST', path: '/' }));
    await pass(IDLE + MINUTE, false);
    expect(renewals).toBeLessThanOrEqual(7);
    expect(store.get('lab')?.over).toBeUndefined();
  });

  it('leaves it to another tab that was faster', async () => {
    keeper.active();
    now += 4 * MINUTE;
    hear({ type: 'renewed', cluster: 'lab', expiresAt: now + IDLE });
    await pass(4 * MINUTE, true);
    expect(renewals).toBe(0);
  });

  it('follows the other tabs in and out', async () => {
    hear({ type: 'signed-out', cluster: 'lab' });
    expect(store.get('lab')?.over?.why).toBe('signedOut');
    server = [session({ user: 'vic' })];
    hear({ type: 'signed-in', cluster: 'lab' });
    await settled();
    expect(store.get('lab')).toMatchObject({ before: 'dana', session: { user: 'vic' } });
    expect(store.get('lab')?.over).toBeUndefined();
  });

  it('notices on waking that the session ended meanwhile', async () => {
    server = [session({ signedIn: false })];
    now += 10_000;
    keeper.woke();
    await settled();
    expect(store.get('lab')?.over).toBeDefined();
  });

  it('renews a token that ran out under an open socket, without a word', async () => {
    const renewable = session({ name: 'sso', renewAt: now + MINUTE });
    store.prime(renewable);
    const needed = (askedAt: number) => ({
      cluster: 'sso',
      error: over('TokenExpired').toJSON(),
      askedAt,
      isWrite: false,
    });
    now += 5 * MINUTE;
    answer = () => Promise.resolve({ ...renewable, renewAt: now + MINUTE });
    await Promise.all([keeper.needed(needed(now)), keeper.needed(needed(now))]);
    expect(renewals).toBe(1);
    expect(store.get('sso')).toMatchObject({ round: 1, session: { renewAt: now + MINUTE } });
    expect(store.get('sso')?.over).toBeUndefined();
    // The old socket's last words come late.
    await keeper.needed(needed(now - 1_000));
    expect(store.get('sso')?.over).toBeUndefined();
    // A new one that says the same at once is to be believed.
    await keeper.needed(needed(now));
    expect(store.get('sso')?.over?.why).toBe('token');
  });

  it('says that the session is over when its token cannot be renewed', async () => {
    store.prime(session({ name: 'sso', renewAt: now }));
    answer = () => Promise.reject(over('SignedOut'));
    const error = over('TokenExpired').toJSON();
    await keeper.needed({ cluster: 'sso', error, askedAt: now, isWrite: true });
    expect(store.get('sso')).toMatchObject({ over: { why: 'token' }, isAsking: true });
  });

  it('warns ten minutes before the end, and sooner in a short life', () => {
    expect(warnBefore(8 * 60 * MINUTE)).toBe(10 * MINUTE);
    expect(warnBefore(6 * MINUTE)).toBe(2 * MINUTE);
    const tab = store.get('lab');
    if (!tab) throw new Error('lab is not known');
    expect(isEnding(tab, now + 19 * MINUTE)).toBe(false);
    expect(isEnding(tab, now + 20 * MINUTE)).toBe(true);
  });
});

describe('readNews', () => {
  it('takes what it knows and nothing else', () => {
    expect(readNews({ type: 'signed-in', cluster: 'lab', token: 'x' })).toEqual({
      type: 'signed-in',
      cluster: 'lab',
    });
    expect(readNews({ type: 'renewed', cluster: 'lab', expiresAt: 5 })).toEqual({
      type: 'renewed',
      cluster: 'lab',
      expiresAt: 5,
    });
    for (const odd of [
      null,
      'x',
      {},
      { type: 'signed-in' },
      { type: 'else', cluster: 'a' },
      { type: 'renewed', cluster: 'a' },
    ]) {
      expect(readNews(odd)).toBeUndefined();
    }
  });
});
