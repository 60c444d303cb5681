import { describe, expect, it } from 'vitest';
import type { ServerMessage } from '@/lib/inventory/protocol';
import { makeRow, randomly } from '@/lib/inventory/testing/rows';
import type { K8sObject } from '@/lib/k8s/object';
import { type LiveState, LOADING_STATE, reduceLive } from './live-state';

const row = (name: string, seed = 1) => makeRow(name, randomly(seed));
const object = (name: string, resourceVersion: string): K8sObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, resourceVersion, creationTimestamp: '' },
});
const fold = (...messages: ServerMessage[]): LiveState => messages.reduce(reduceLive, LOADING_STATE);

describe('reduceLive', () => {
  it('takes snapshots and keeps the identity of what did not change', () => {
    const first = fold({ type: 'vms', id: '1', total: 2, from: 0, rows: [row('a'), row('b')] });
    expect(first.arrived).toBe(true);
    const second = reduceLive(first, {
      type: 'vms',
      id: '1',
      total: 2,
      from: 0,
      rows: [row('a'), row('b', 7)],
    });
    expect(second.rows[0]).toBe(first.rows[0]);
    expect(second.rows[1]).not.toBe(first.rows[1]);
    expect(
      reduceLive(second, { type: 'vms', id: '1', total: 2, from: 0, rows: [row('a'), row('b', 7)] }),
    ).toBe(second);
  });

  it('puts changed rows in their place, and follows a new order', () => {
    const first = fold({ type: 'vms', id: '1', total: 2, from: 0, rows: [row('a'), row('b')] });
    const changed = reduceLive(first, {
      type: 'vms-delta',
      id: '1',
      total: 2,
      from: 0,
      upserts: [row('b', 9)],
    });
    expect(changed.rows.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(changed.rows[0]).toBe(first.rows[0]);
    const moved = reduceLive(changed, {
      type: 'vms-delta',
      id: '1',
      total: 2,
      from: 0,
      upserts: [row('c')],
      order: ['uid-c', 'uid-a'],
    });
    expect(moved.rows.map(({ name }) => name)).toEqual(['c', 'a']);
    expect(moved.rows[1]).toBe(first.rows[0]);
  });

  it('adds, replaces and removes objects by uid', () => {
    const first = fold({ type: 'objects', id: '1', objects: [object('a', '1'), object('b', '2')] });
    const next = reduceLive(first, {
      type: 'objects-delta',
      id: '1',
      upserts: [object('c', '4'), object('a', '3')],
      removes: ['b'],
    });
    expect(next.objects.map(({ metadata }) => [metadata.name, metadata.resourceVersion])).toEqual([
      ['a', '3'],
      ['c', '4'],
    ]);
    expect(
      reduceLive(next, { type: 'objects', id: '1', objects: next.objects.map((it) => ({ ...it })) }),
    ).toBe(next);
  });

  it('changes nothing when a feed says the same again', () => {
    const live = fold({ type: 'feed', id: '1', feed: { state: 'live' } });
    expect(reduceLive(live, { type: 'feed', id: '1', feed: { state: 'live' } })).toBe(live);
  });

  it('drops what is forbidden, and keeps what a session showed that is over', () => {
    const error = { message: 'no', request: { method: 'GET', path: '/' }, causes: [] };
    const shown = fold({ type: 'vms', id: '1', total: 1, from: 0, rows: [row('a')] });
    const over = { state: 'refused', error: { ...error, code: 401, reason: 'SignInNeeded' } } as const;
    const signedOut = reduceLive(shown, { type: 'feed', id: '1', feed: over });
    expect(signedOut.rows).toBe(shown.rows);
    expect(signedOut.arrived).toBe(true);
    expect(signedOut.feed.state).toBe('paused');
    const no = { state: 'refused', error: { ...error, code: 403, reason: 'Forbidden' } } as const;
    expect(reduceLive(shown, { type: 'feed', id: '1', feed: no })).toEqual({ ...LOADING_STATE, feed: no });
  });
});
