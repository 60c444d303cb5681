import { describe, expect, it } from 'vitest';
import type { ConsoleState } from './state';
import { stateWords } from './words';

const NEEDS_A_HAND: [ConsoleState, string][] = [
  [{ name: 'absent' }, 'list'],
  [{ name: 'stopped', stopping: false }, 'start'],
  [{ name: 'no-device', field: 'spec.x' }, 'yaml'],
  [{ name: 'paused', linked: true }, 'unpause'],
  [{ name: 'taken' }, 'take-over'],
  [{ name: 'refused', refusal: { code: 409, message: 'no' } }, 'reconnect'],
  [{ name: 'lost', wasOpen: true, retryAt: 0 }, 'reconnect'],
  [{ name: 'cluster-lost' }, 'reconnect'],
  [{ name: 'closed', detached: true }, 'bring-back'],
  [{ name: 'closed', detached: false }, 'reconnect'],
];

describe('stateWords', () => {
  it.each(NEEDS_A_HAND)('%j offers %s', (state, way) => {
    expect(stateWords(state, 'vnc', 0).ways).toEqual([way]);
  });

  it.each<ConsoleState>([
    { name: 'loading' },
    { name: 'starting', waitsFor: 'node', status: 'Starting' },
    { name: 'connecting', checking: false },
    { name: 'stopped', stopping: true },
  ])('%j shows that something is under way', (state) => {
    expect(stateWords(state, 'serial', 0)).toMatchObject({ busy: true, ways: [] });
  });

  it('counts down to the next try, never below zero', () => {
    const body = (now: number) =>
      stateWords({ name: 'lost', wasOpen: true, retryAt: 5_000 }, 'vnc', now).body?.values;
    expect(body(1_200)).toEqual({ seconds: 4 });
    expect(body(9_000)).toEqual({ seconds: 0 });
  });

  it("keeps the server's own words apart from ours", () => {
    const refusal = { code: 403, message: 'cannot get resource' };
    expect(stateWords({ name: 'refused', refusal }, 'vnc', 0)).toMatchObject({
      quote: 'cannot get resource',
      body: { key: 'consoles.state.refused.body' },
    });
  });

  it('names the field of a missing device', () => {
    const words = stateWords({ name: 'no-device', field: 'spec.x' }, 'serial', 0);
    expect(words.title.key).toBe('consoles.state.noDevice.titleSerial');
    expect(words.body?.values).toEqual({ field: 'spec.x' });
  });
});
