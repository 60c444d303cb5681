import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyRing, parseMasterKeys } from './key-ring';

const DAY_MS = 24 * 60 * 60 * 1000;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z'), toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('KeyRing', () => {
  it('opens what it sealed, for the same purpose only', async () => {
    const ring = new KeyRing();
    const sealed = await ring.seal('session', { user: 'dana' });
    expect(await ring.open('session', sealed)).toEqual({ user: 'dana' });
    expect(await ring.open('sign-in', sealed)).toBeUndefined();
    expect(sealed).not.toContain(btoa('dana').slice(0, 4));
  });

  it('opens nothing that was changed in any place', async () => {
    const ring = new KeyRing();
    const sealed = await ring.seal('session', { user: 'dana' });
    for (let at = 0; at < sealed.length; at += 7) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      expect(await ring.open('session', sealed.slice(0, at) + other + sealed.slice(at + 1))).toBeUndefined();
    }
    for (const text of ['', 'a.b.c.d.e', sealed.slice(0, -4), `${sealed}A`]) {
      expect(await ring.open('session', text)).toBeUndefined();
    }
  });

  it('uses another key every day and reads those of the last month', async () => {
    const ring = new KeyRing();
    const sealed = await ring.seal('session', 1);
    vi.advanceTimersByTime(DAY_MS);
    const next = await ring.seal('session', 1);
    const kid = (text: string) => JSON.parse(atob(text.split('.')[0] ?? '')).kid as string;
    expect(kid(next)).not.toBe(kid(sealed));
    expect(await ring.open('session', sealed)).toBe(1);
    vi.advanceTimersByTime(31 * DAY_MS);
    expect(await ring.open('session', sealed)).toBeUndefined();
  });

  it('reads what a replica with the same master key sealed, also while the key is being replaced', async () => {
    const [old, fresh] = [randomBytes(32), randomBytes(32)];
    const [one, two] = [new KeyRing([old]), new KeyRing([old])];
    const sealed = await one.seal('session', 1);
    expect(await two.open('session', sealed)).toBe(1);
    two.replace([fresh, old]);
    expect(await two.open('session', sealed)).toBe(1);
    expect(await one.open('session', await two.seal('session', 1))).toBeUndefined();
    two.replace([fresh]);
    expect(await two.open('session', sealed)).toBeUndefined();
  });
});

describe('parseMasterKeys', () => {
  it('takes one a line or separated by commas, and nothing that is too short', () => {
    const [a, b] = [randomBytes(32), randomBytes(32)];
    expect(parseMasterKeys(`${a.toString('base64')}\n${b.toString('base64url')}\n`)).toEqual([a, b]);
    expect(parseMasterKeys(`${a.toString('base64')},${b.toString('base64')}`)).toEqual([a, b]);
    expect(() => parseMasterKeys('c2hvcnQ=')).toThrow(/32 bytes/);
    expect(() => parseMasterKeys('\n')).toThrow(/no session key/);
  });
});
