import { describe, expect, it } from 'vitest';
import { CONNECT_TIMEOUT_MS, GRACE_MS, RETRY_MAX_MS, RETRY_MIN_MS, STABLE_MS } from './machine';
import { facts, live, RUNNING, sameInstance, stage } from './session-stage';

describe('connecting', () => {
  it('connects as soon as the guest runs, and says so', () => {
    const { session, socket, sockets, seen } = stage();
    session.observe(live(facts({ printableStatus: 'Starting' }, { phase: 'Scheduled' })));
    session.observe(RUNNING);
    socket().events.opened();
    session.observe(RUNNING);
    expect(seen).toEqual(['starting', 'connecting', 'connected']);
    expect(sockets).toHaveLength(1);
  });

  it('keeps a working connection while the cluster does not answer, or the watch starts anew', () => {
    const { connected, session, name, socket } = stage();
    connected();
    session.observe({ feed: 'paused' });
    expect(name()).toBe('connected');
    session.observe({ feed: 'loading' });
    expect(name()).toBe('connected');
    expect(socket().closed).toBe(false);
  });

  it('shows the screen of a paused guest, and stays connected through pause and unpause', () => {
    const { connected, session, sockets } = stage();
    connected();
    session.observe(live(facts({}, { paused: true })));
    expect(session.getState()).toEqual({ name: 'paused', linked: true });
    session.observe(RUNNING);
    expect(session.getState()).toEqual({ name: 'connected' });
    expect(sockets).toHaveLength(1);
  });

  it('connects to a guest that is already paused', () => {
    const { session, socket } = stage();
    session.observe(live(facts({}, { paused: true })));
    expect(session.getState()).toEqual({ name: 'paused', linked: false });
    socket().events.opened();
    expect(session.getState()).toEqual({ name: 'paused', linked: true });
  });

  it('gives up a connection that never opens, and tries again', () => {
    const { session, clock, sockets, name } = stage();
    session.observe(RUNNING);
    clock.pass(CONNECT_TIMEOUT_MS);
    expect(name()).toBe('lost');
    expect(sockets[0]?.closed).toBe(true);
    clock.pass(RETRY_MIN_MS);
    expect(name()).toBe('connecting');
    expect(sockets).toHaveLength(2);
  });

  it('goes to the new instance when the machine was restarted', () => {
    const { connected, session, sockets, name } = stage();
    connected();
    session.observe(live(facts({}, { uid: 'i-2' })));
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets).toHaveLength(2);
    expect(name()).toBe('connecting');
  });

  it('ignores what an old connection still says', () => {
    const { connected, session, sockets, name } = stage();
    connected();
    session.observe(live(facts({}, { uid: 'i-2' })));
    sockets[0]?.events.closed(1006);
    sockets[0]?.events.opened();
    expect(name()).toBe('connecting');
    sockets[1]?.events.opened();
    expect(name()).toBe('connected');
  });

  it('drops the connection when the machine stops or is deleted', () => {
    const { connected, session, socket, name } = stage();
    connected();
    session.observe(live(facts({ printableStatus: 'Stopped' }, null)));
    expect(name()).toBe('stopped');
    expect(socket().closed).toBe(true);
    session.observe(live());
    expect(name()).toBe('absent');
  });
});

describe('rights that are taken away', () => {
  const unseen = { feed: 'refused', refusal: { code: 403, message: 'vms is forbidden' } } as const;
  const reason = 'Needs get on virtualmachineinstances/vnc in dev';

  it('keeps the connection of who may not watch the machine any more, until the server ends it', () => {
    const { connected, session, socket, sockets, name } = stage();
    connected();
    session.observe(unseen);
    expect(name()).toBe('connected');
    expect(socket().closed).toBe(false);
    socket().events.closed(4403, reason);
    const withdrawn = { name: 'refused', refusal: { code: 403, message: reason, withdrawn: true } };
    expect(session.getState()).toEqual(withdrawn);
    session.observe(unseen);
    expect(session.getState()).toEqual(withdrawn);
    expect(sockets).toHaveLength(1);
  });

  it('does not try again by itself after 4403, but does for the viewer', () => {
    const { connected, session, socket, sockets, clock } = stage();
    connected();
    socket().events.closed(4403, reason);
    clock.pass(10 * RETRY_MAX_MS);
    session.observe(RUNNING);
    expect(sockets).toHaveLength(1);
    session.connect();
    expect(sockets).toHaveLength(2);
  });

  it('opens again once the machine may be watched again', () => {
    const { session, sockets, name } = stage();
    session.observe(unseen);
    expect(name()).toBe('refused');
    session.observe(RUNNING);
    expect(sockets).toHaveLength(1);
  });
});

describe('a refusal', () => {
  it("shows the server's own words", async () => {
    const { session, socket, question } = stage();
    session.observe(RUNNING);
    socket().events.closed(1006);
    expect(session.getState()).toEqual({ name: 'connecting', checking: false });
    expect(question().about).toBe('endpoint');
    await question().answer({ answer: 'refusal', refusal: { code: 403, message: 'no' } });
    expect(session.getState()).toEqual({ name: 'refused', refusal: { code: 403, message: 'no' } });
  });

  it('does not try again by itself, but does for the viewer and for a new instance', async () => {
    const { session, socket, question, clock, sockets } = stage();
    session.observe(RUNNING);
    socket().events.closed(1006);
    await question().answer({ answer: 'refusal', refusal: { code: 409, message: 'no' } });
    clock.pass(10 * RETRY_MAX_MS);
    expect(sockets).toHaveLength(1);
    session.connect();
    expect(sockets).toHaveLength(2);
    socket().events.closed(1006);
    await question().answer({ answer: 'refusal', refusal: { code: 409, message: 'no' } });
    session.observe(live(facts({}, { uid: 'i-2' })));
    expect(sockets).toHaveLength(3);
  });

  it.each([404, 500, 503])('tries again after %i, which may pass, and keeps the words', async (code) => {
    const { session, socket, question } = stage();
    session.observe(RUNNING);
    socket().events.closed(1006);
    await question().answer({ answer: 'refusal', refusal: { code, message: 'dialing virt-handler' } });
    expect(session.getState()).toMatchObject({ name: 'lost', wasOpen: false, words: 'dialing virt-handler' });
  });

  it('tries again when the endpoint has nothing against it, or does not answer', async () => {
    const { session, socket, question, clock, name } = stage();
    session.observe(RUNNING);
    socket().events.closed(1006);
    await question().answer({ answer: 'ready' });
    expect(name()).toBe('lost');
    clock.pass(RETRY_MIN_MS);
    socket().events.closed(1006);
    await question().answer({ answer: 'none', message: 'Failed to fetch' });
    expect(session.getState()).toMatchObject({ name: 'lost', words: 'Failed to fetch' });
  });

  it('shows what the other side said when it does not speak VNC as expected', () => {
    const { connected, socket, session } = stage();
    connected();
    socket().events.failed('asks for a password');
    expect(session.getState()).toEqual({
      name: 'refused',
      refusal: { code: 0, message: 'asks for a password' },
    });
    expect(socket().closed).toBe(true);
  });
});

describe('a connection that drops', () => {
  it('was taken over when the guest still runs and the API answers', async () => {
    const { connected, socket, clock, session, question, sockets, name } = stage();
    connected();
    socket().events.closed(1006);
    expect(session.getState()).toEqual({ name: 'connecting', checking: true });
    clock.pass(GRACE_MS - 1);
    expect(name()).toBe('connecting');
    clock.pass(1);
    expect(question().about).toBe('instance');
    await question().answer(sameInstance());
    expect(name()).toBe('taken');
    clock.pass(10 * RETRY_MAX_MS);
    expect(sockets).toHaveLength(1);
    session.connect();
    expect(name()).toBe('connecting');
    expect(sockets).toHaveLength(2);
  });

  it('was taken over also where the user may not read the instance', async () => {
    const { connected, socket, clock, question, name } = stage();
    connected();
    socket().events.closed(1006);
    clock.pass(GRACE_MS);
    await question().answer({ answer: 'refusal', refusal: { code: 403, message: 'no' } });
    expect(name()).toBe('taken');
  });

  it('stops to be taken over when the guest ends, and connects to the next instance', async () => {
    const { connected, socket, clock, question, session, name } = stage();
    connected();
    socket().events.closed(1006);
    clock.pass(GRACE_MS);
    await question().answer(sameInstance());
    session.observe(live(facts({ printableStatus: 'Stopped' }, null)));
    expect(name()).toBe('stopped');
    session.observe(live(facts({}, { uid: 'i-2' })));
    expect(name()).toBe('connecting');
  });

  it('accuses nobody when the watch says within the grace time that the guest ended', () => {
    const { connected, socket, clock, questions, session, seen } = stage();
    connected();
    socket().events.closed(1006);
    clock.pass(GRACE_MS / 2);
    session.observe(live(facts({ printableStatus: 'Stopping' }, { phase: 'Succeeded' })));
    clock.pass(60_000);
    expect(questions).toHaveLength(0);
    expect(seen).not.toContain('taken');
    expect(seen.at(-1)).toBe('stopped');
  });

  it.each([
    ['another instance runs', { uid: 'i-2' }],
    ['the instance is over', { phase: 'Succeeded' }],
    ['the instance is being deleted', { deleting: true }],
    ['it migrates', { migrating: true }],
    ['it has moved to another node', { node: 'node-2' }],
  ])('reconnects when %s', async (_, change) => {
    const { connected, socket, clock, question, sockets, name } = stage();
    connected();
    socket().events.closed(1006);
    clock.pass(GRACE_MS);
    await question().answer(sameInstance(change));
    expect(name()).toBe('lost');
    clock.pass(RETRY_MIN_MS);
    expect(sockets).toHaveLength(2);
  });

  it('was lost when the API does not answer', async () => {
    const { connected, socket, clock, question, session } = stage();
    connected();
    socket().events.closed(1006);
    clock.pass(GRACE_MS);
    await question().answer({ answer: 'none', message: 'Failed to fetch' });
    expect(session.getState()).toEqual({
      name: 'lost',
      wasOpen: true,
      retryAt: clock.now() + RETRY_MIN_MS,
      words: 'Failed to fetch',
    });
  });

  it('was lost when the question itself gets no answer', () => {
    const { connected, socket, clock, name } = stage();
    connected();
    socket().events.closed(1006);
    clock.pass(GRACE_MS);
    clock.pass(8_000);
    expect(name()).toBe('lost');
  });

  it.each([1001, 1012])('was lost when the server says that it goes away (%i)', (code) => {
    const { connected, socket, questions, name } = stage();
    connected();
    socket().events.closed(code);
    expect(name()).toBe('lost');
    expect(questions).toHaveLength(0);
  });

  it('waits longer after every try that does not hold, up to a limit, and anew after one that held', async () => {
    const { connected, socket, clock, session, question } = stage();
    connected();
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      socket().events.closed(1006);
      if (round === 0) clock.pass(GRACE_MS);
      await question().answer({ answer: 'none', message: '' });
      const state = session.getState();
      if (state.name !== 'lost') throw new Error(state.name);
      waits.push(state.retryAt - clock.now());
      clock.pass(state.retryAt - clock.now());
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1000));
    socket().events.opened();
    clock.pass(STABLE_MS);
    socket().events.closed(1001);
    expect(session.getState()).toMatchObject({ retryAt: clock.now() + RETRY_MIN_MS });
  });

  it('reconnects now when asked', () => {
    const { connected, socket, session, sockets, name } = stage();
    connected();
    socket().events.closed(1001);
    session.connect();
    expect(name()).toBe('connecting');
    expect(sockets).toHaveLength(2);
  });

  it('waits for the watch while the cluster does not answer, then connects at once', async () => {
    const { connected, socket, clock, session, question, sockets, name } = stage();
    connected();
    socket().events.closed(1006);
    session.observe({ ...RUNNING, feed: 'paused', feedRetryAt: 5 });
    clock.pass(GRACE_MS);
    await question().answer({ answer: 'none', message: '' });
    expect(session.getState()).toEqual({ name: 'cluster-lost', retryAt: 5 });
    clock.pass(10 * RETRY_MAX_MS);
    expect(sockets).toHaveLength(1);
    session.observe(RUNNING);
    expect(name()).toBe('connecting');
    expect(sockets).toHaveLength(2);
  });

  it('can be told to try although the watch is not back', () => {
    const { session, name, sockets } = stage();
    session.observe({ feed: 'paused', vm: facts() });
    expect(name()).toBe('cluster-lost');
    session.connect();
    expect(name()).toBe('connecting');
    expect(sockets).toHaveLength(1);
  });
});

describe('the viewer', () => {
  it('closes it for good, and opens it again', () => {
    const { connected, session, socket, sockets, name } = stage();
    connected();
    session.close();
    expect(session.getState()).toEqual({ name: 'closed', detached: false });
    expect(socket().closed).toBe(true);
    session.observe(live(facts({}, { uid: 'i-2' })));
    expect(name()).toBe('closed');
    session.connect();
    expect(sockets).toHaveLength(2);
  });

  it('takes it to a tab of its own', () => {
    const { connected, session } = stage();
    connected();
    session.close(true);
    expect(session.getState()).toEqual({ name: 'closed', detached: true });
  });

  it('opens nothing for a stopped machine', () => {
    const { session, sockets, name } = stage();
    session.observe(live(facts({ printableStatus: 'Stopped' }, null)));
    session.connect();
    expect(name()).toBe('stopped');
    expect(sockets).toHaveLength(0);
  });

  it('keeps the connection when nobody looks, but makes no new one until somebody does', () => {
    const { connected, session, clock, socket, sockets, name } = stage();
    connected();
    session.show(false);
    expect(name()).toBe('connected');
    socket().events.closed(1001);
    clock.pass(RETRY_MAX_MS);
    expect(sockets).toHaveLength(1);
    session.show(true);
    expect(sockets).toHaveLength(2);
  });

  it('hears nothing more after dispose', () => {
    const { connected, session, socket, clock, seen } = stage();
    connected();
    const before = seen.length;
    session.dispose();
    socket().events.closed(1006);
    clock.pass(60_000);
    session.observe(RUNNING);
    expect(seen.length).toBeLessThanOrEqual(before + 1);
    expect(socket().closed).toBe(true);
  });
});
