import { beforeEach, describe, expect, it } from 'vitest';
import type { SignInNeeded } from '@/lib/k8s/sign-in-needed';
import type { ClusterSession } from './session';
import { SessionStore } from './session-store';

const session = (change: Partial<ClusterSession> = {}): ClusterSession => ({
  name: 'lab',
  server: 'https://lab:6443',
  signedIn: true,
  user: 'dana',
  method: 'token',
  expiresAt: 100_000,
  methods: [{ id: 'token', kind: 'token' }],
  ...change,
});
const needed = (change: Partial<SignInNeeded> = {}, reason = 'SessionIdle'): SignInNeeded => ({
  cluster: 'lab',
  askedAt: now,
  isWrite: false,
  error: {
    code: 401,
    reason: 'SignInNeeded',
    message: 'over',
    request: { method: 'GET', path: '/' },
    causes: [{ reason }],
  },
  ...change,
});

let now: number;
let store: SessionStore;
beforeEach(() => {
  now = 1_000;
  store = new SessionStore(() => now);
  store.prime(session());
});
const lab = () => {
  const tab = store.get('lab');
  if (!tab) throw new Error('lab is not known');
  return tab;
};

describe('SessionStore', () => {
  it('knows nothing of clusters where nobody signs in', () => {
    store.prime(session({ name: 'local', methods: [{ id: 'kubeconfig', kind: 'kubeconfig' }] }));
    store.needed(needed({ cluster: 'local' }));
    expect(store.clusters()).toEqual(['lab']);
  });

  it('says why a session ended, and keeps who it was', () => {
    now = 5_000;
    store.needed(needed());
    expect(lab()).toMatchObject({ over: { why: 'idle', words: 'over' }, isAsking: false });
    store.needed(needed({}, 'SignedOut'));
    expect(lab().over?.why).toBe('idle');
    expect(lab().session.user).toBe('dana');
  });

  it('asks to sign in when a person was waiting for the answer', () => {
    store.needed(needed({ isWrite: true }));
    expect(lab().isAsking).toBe(true);
    store.ask('lab', false);
    expect(lab()).toMatchObject({ isAsking: false, over: { why: 'idle' } });
  });

  it('goes on after signing in, in a new round, and ignores late answers to the old session', () => {
    store.needed(needed({ isWrite: true }));
    now = 9_000;
    store.heard(session({ expiresAt: 200_000 }), true);
    expect(lab()).toMatchObject({ round: 1, isAsking: false, before: undefined });
    expect(lab().over).toBeUndefined();
    store.needed(needed({ askedAt: 8_999 }));
    expect(lab().over).toBeUndefined();
    store.needed(needed({ askedAt: 9_000 }));
    expect(lab().over).toBeDefined();
  });

  it('does not take a session back that the cluster refuses, only because the server still knows it', () => {
    store.needed(needed({ isWrite: true }, 'CredentialsRefused'));
    store.heard(session(), false);
    expect(lab()).toMatchObject({ over: { why: 'refused' }, isAsking: true });
    store.heard(session(), true);
    expect(lab().over).toBeUndefined();
  });

  it('says when another user came back, until that is accepted or the first one returns', () => {
    store.needed(needed());
    store.heard(session({ user: 'vic' }), true);
    expect(lab()).toMatchObject({ before: 'dana', session: { user: 'vic' }, round: 1 });
    store.heard(session({ user: 'admin' }), true);
    expect(lab()).toMatchObject({ before: 'dana', session: { user: 'admin' }, round: 2 });
    store.heard(session(), true);
    expect(lab()).toMatchObject({ before: undefined, round: 3 });
    store.heard(session({ user: 'vic' }), true);
    store.acceptUser('lab');
    expect(lab().before).toBeUndefined();
    store.heard(session({ user: 'vic' }), true);
    expect(lab()).toMatchObject({ before: undefined, round: 4 });
  });

  it('learns from other tabs that somebody signed out', () => {
    store.signedOut('lab');
    store.signedOut('elsewhere');
    expect(lab().over?.why).toBe('signedOut');
  });

  it('notices when keeping a session alive gains no time', () => {
    now = 11_000;
    store.renewed('lab', 110_000);
    expect(lab()).toMatchObject({ isFinal: false, session: { expiresAt: 110_000 } });
    now = 11_100;
    store.renewed('lab', 110_000);
    expect(lab().isFinal).toBe(false);
    now = 41_000;
    store.renewed('lab', 110_000);
    expect(lab().isFinal).toBe(true);
  });

  it('tells its listeners only of news', () => {
    let told = 0;
    const stop = store.subscribe(() => {
      told += 1;
    });
    store.ask('lab', false);
    store.prime(session({ user: 'vic' }));
    expect(told).toBe(0);
    store.ask('lab', true);
    expect(told).toBe(1);
    stop();
    store.ask('lab', false);
    expect(told).toBe(1);
  });
});
