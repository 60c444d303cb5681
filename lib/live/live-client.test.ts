import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage, ServerMessage, Subscription } from '@/lib/inventory/protocol';
import type { K8sObject } from '@/lib/k8s/object';
import { onSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { LiveClient, type LiveSocketEvents, WaitTimeout } from './live-client';

class FakeSocket {
  readonly sent: ClientMessage[] = [];
  isClosed = false;

  constructor(readonly events: LiveSocketEvents) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.isClosed = true;
  }

  say(message: ServerMessage): void {
    this.events.message(JSON.stringify(message));
  }
}

let sockets: FakeSocket[];
let client: LiveClient;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  client = new LiveClient({
    open: (events) => {
      const socket = new FakeSocket(events);
      sockets.push(socket);
      return socket;
    },
    random: () => 1,
  });
});
afterEach(() => {
  client.close();
  vi.useRealTimers();
});

const socket = () => {
  const last = sockets.at(-1);
  if (!last) throw new Error('no socket was opened');
  return last;
};

const pods = (name: string): Subscription => ({
  kind: 'objects',
  resource: { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true },
  fieldSelector: `metadata.name=${name}`,
});

const pod = (name: string, resourceVersion: string): K8sObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, resourceVersion, creationTimestamp: '' },
});

describe('LiveClient', () => {
  it('opens its socket with the first subscription and shares equal ones', () => {
    expect(sockets).toHaveLength(0);
    const first = vi.fn();
    const second = vi.fn();
    client.view('lab', pods('a')).subscribe(first);
    client.view('lab', pods('a')).subscribe(second);
    client.view('lab', pods('b')).subscribe(first);
    socket().events.opened();
    expect(sockets).toHaveLength(1);
    expect(socket().sent.map((it) => it.type)).toEqual(['subscribe', 'subscribe']);
    socket().say({ type: 'objects', id: '1', objects: [pod('a', '1')] });
    expect(first).toHaveBeenCalledTimes(1);
    expect(second).toHaveBeenCalledTimes(1);
    expect(client.view('lab', pods('a')).get().objects).toEqual([pod('a', '1')]);
    socket().say({ type: 'objects', id: '1', objects: [pod('a', '1')] });
    expect(first).toHaveBeenCalledTimes(1);
  });

  it('reconnects with longer and longer waits, subscribes anew, and keeps what it knew', () => {
    client.view('lab', pods('a')).subscribe(() => {});
    socket().events.opened();
    socket().say({ type: 'objects', id: '1', objects: [pod('a', '1')] });
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      socket().events.closed();
      const status = client.getStatus();
      waits.push(status.state === 'paused' ? status.retryAt - Date.now() : -1);
      vi.advanceTimersByTime(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(client.view('lab', pods('a')).get().objects).toEqual([pod('a', '1')]);
    socket().events.opened();
    expect(client.getStatus()).toEqual({ state: 'live' });
    expect(socket().sent).toHaveLength(1);
    socket().say({ type: 'objects', id: '1', objects: [pod('a', '1')] });
    socket().events.closed();
    expect(client.getStatus()).toMatchObject({ retryAt: Date.now() + 500 });
  });

  it('does not listen to a socket that it has left', () => {
    client.view('lab', pods('a')).subscribe(() => {});
    const old = socket();
    old.events.opened();
    old.events.closed();
    vi.advanceTimersByTime(500);
    socket().events.opened();
    old.events.closed();
    old.say({ type: 'objects', id: '1', objects: [pod('a', '1')] });
    expect(client.getStatus()).toEqual({ state: 'live' });
    expect(client.view('lab', pods('a')).get().objects).toEqual([]);
  });

  it('tries at once when the network is back', () => {
    client.view('lab', pods('a')).subscribe(() => {});
    socket().events.closed();
    client.reconnectNow();
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(2);
  });

  it('unsubscribes a moment after the last listener left, unless somebody comes back', () => {
    const leave = client.view('lab', pods('a')).subscribe(() => {});
    socket().events.opened();
    leave();
    vi.advanceTimersByTime(500);
    const again = client.view('lab', pods('a')).subscribe(() => {});
    vi.advanceTimersByTime(5_000);
    expect(socket().sent).toHaveLength(1);
    again();
    vi.advanceTimersByTime(1_000);
    expect(socket().sent.at(-1)).toEqual({ type: 'unsubscribe', id: '1' });
  });

  it('waits until a change is seen, across a lost connection', async () => {
    const waiting = client.waitFor('lab', pods('a'), ({ objects }) => objects.length === 0, {
      timeoutMs: 10_000,
    });
    socket().events.opened();
    socket().say({ type: 'objects', id: '1', objects: [pod('a', '1')] });
    socket().events.closed();
    vi.advanceTimersByTime(500);
    socket().events.opened();
    socket().say({ type: 'objects', id: '1', objects: [] });
    expect((await waiting).objects).toEqual([]);
  });

  it('ends a wait by time, by refusal and by signal', async () => {
    const never = () => false;
    const late = expect(client.waitFor('lab', pods('a'), never, { timeoutMs: 1_000 })).rejects.toThrow(
      WaitTimeout,
    );
    vi.advanceTimersByTime(1_000);
    await late;
    const refused = client.waitFor('lab', pods('b'), never, { timeoutMs: 1_000 });
    const error = {
      code: 403,
      reason: 'Forbidden',
      message: 'no',
      request: { method: 'GET', path: '/' },
      causes: [],
    };
    socket().say({ type: 'feed', id: '2', feed: { state: 'refused', error } });
    await expect(refused).rejects.toMatchObject({ code: 403, message: 'no' });
    const abort = new AbortController();
    const aborted = client.waitFor('lab', pods('c'), never, { timeoutMs: 1_000, signal: abort.signal });
    abort.abort(new Error('left'));
    await expect(aborted).rejects.toThrow('left');
    await expect(
      client.waitFor('lab', pods('c'), never, { timeoutMs: 1_000, signal: abort.signal }),
    ).rejects.toThrow('left');
  });

  it('says that a session is over, keeps what it knew, and begins anew once somebody signed in', () => {
    const told: unknown[] = [];
    const stop = onSignInNeeded(({ cluster, isWrite }) => told.push({ cluster, isWrite }));
    const waiting = vi.fn();
    void client
      .waitFor('lab', pods('a'), ({ objects }) => objects.length === 0, { timeoutMs: 60_000 })
      .then(waiting);
    socket().events.opened();
    socket().say({ type: 'objects', id: '1', objects: [pod('a', '1')] });
    const error = {
      code: 401,
      reason: 'SignInNeeded',
      message: 'over',
      request: { method: 'GET', path: '/' },
      causes: [],
    };
    socket().say({ type: 'feed', id: '1', feed: { state: 'refused', error } });
    stop();
    expect(told).toEqual([{ cluster: 'lab', isWrite: false }]);
    expect(client.view('lab', pods('a')).get().objects).toHaveLength(1);
    const old = socket();
    client.reopen();
    expect(old.isClosed).toBe(true);
    expect(socket()).not.toBe(old);
    socket().events.opened();
    expect(socket().sent).toHaveLength(1);
    expect(client.view('lab', pods('a')).get().objects).toHaveLength(1);
  });
});
