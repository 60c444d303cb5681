import { describe, expect, it } from 'vitest';
import { CLOSE_FORBIDDEN, CLOSE_SIGNED_OUT, GRACE_MS } from './machine';
import { notices } from './notices';
import { RUNNING, stage } from './session-stage';
import { stateWords } from './words';

describe('a console whose session ends', () => {
  it('says so at once, accuses nobody, and does not try by itself', () => {
    const { connected, session, socket, sockets, questions, clock } = stage();
    connected();
    socket().events.closed(CLOSE_SIGNED_OUT, 'The session is over.');
    expect(session.getState()).toEqual({ name: 'signed-out' });
    clock.pass(60_000);
    session.observe(RUNNING);
    expect(session.getState()).toEqual({ name: 'signed-out' });
    expect(questions).toHaveLength(0);
    expect(sockets).toHaveLength(1);
  });

  it('connects again once the watch is back, or when the page says that somebody signed in', () => {
    const { connected, session, socket, sockets, name } = stage();
    connected();
    socket().events.closed(CLOSE_SIGNED_OUT);
    session.observe({ feed: 'signed-out' });
    session.observe({ feed: 'loading' });
    expect(name()).toBe('signed-out');
    session.observe(RUNNING);
    expect(name()).toBe('connecting');
    socket().events.opened();
    socket().events.closed(CLOSE_SIGNED_OUT);
    session.connect();
    expect(name()).toBe('connecting');
    expect(sockets).toHaveLength(3);
  });

  it('keeps a working connection until it is closed, and shows the last known until then', () => {
    const { connected, session, socket, name } = stage();
    connected();
    session.observe({ feed: 'signed-out' });
    expect(name()).toBe('connected');
    socket().events.closed(CLOSE_SIGNED_OUT);
    expect(name()).toBe('signed-out');
    expect(session.getState()).toEqual({ name: 'signed-out' });
  });

  it('finds out when it was closed without a reason that it knows', async () => {
    const { connected, socket, clock, question, name } = stage();
    connected();
    socket().events.closed(1006);
    clock.pass(GRACE_MS);
    await question().answer({ answer: 'signed-out' });
    expect(name()).toBe('signed-out');
  });

  it('offers to sign in, and says it between the guest’s lines', () => {
    expect(stateWords({ name: 'signed-out' }, 'vnc', 0).ways).toEqual(['sign-in']);
    const noticeOf = notices();
    noticeOf({ name: 'connected' }, { name: 'connecting', checking: false });
    expect(noticeOf({ name: 'signed-out' }, { name: 'connected' })).toBe('signedOut');
  });
});

describe('a console whose right is taken away', () => {
  it('closes with the cluster’s reason, and tries only when asked', () => {
    const { connected, session, socket, sockets, clock } = stage();
    connected();
    socket().events.closed(CLOSE_FORBIDDEN, 'dana may not get vnc');
    const state = session.getState();
    expect(state).toEqual({
      name: 'refused',
      refusal: { code: 403, message: 'dana may not get vnc', withdrawn: true },
    });
    expect(stateWords(state, 'vnc', 0)).toMatchObject({
      title: { key: 'consoles.state.withdrawn.title' },
      quote: 'dana may not get vnc',
      ways: ['reconnect'],
    });
    clock.pass(60_000);
    expect(sockets).toHaveLength(1);
  });
});
