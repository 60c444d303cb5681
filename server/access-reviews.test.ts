import { beforeEach, describe, expect, it } from 'vitest';
import type { AccessCheck } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import { AccessReviews, type Asker } from './access-reviews';

const DANA = { key: 'dana' };
const VIC = { key: 'vic' };
const check = (verb: string, namespace = 'shop'): AccessCheck => ({
  verb,
  group: 'kubevirt.io',
  resource: 'virtualmachines',
  namespace,
});
const failure = (code: number) => new ApiError(code, 'Failed', 'it failed', { method: 'POST', path: '' });

let now: number;
let seen: string[];
let verdict: (who: Asker, check: AccessCheck) => Promise<{ allowed: boolean; reason?: string }>;
let reviews: AccessReviews<Asker>;

beforeEach(() => {
  now = 1_000_000;
  seen = [];
  verdict = async (who) => ({ allowed: who === DANA });
  const review = (who: Asker, asked: AccessCheck) => {
    seen.push(`${who.key} ${asked.verb} ${asked.namespace}`);
    return verdict(who, asked);
  };
  reviews = new AccessReviews(review, { now: () => now, maxVerdicts: 10 });
});

describe('the memory of verdicts', () => {
  it('keeps a verdict for 30 s, per asker, and says how old it is', async () => {
    expect(await reviews.may(DANA, check('get'))).toEqual({ allowed: true, ageMs: 0 });
    expect(await reviews.may(VIC, check('get'))).toEqual({ allowed: false, ageMs: 0 });
    now += 29_999;
    expect(await reviews.may(DANA, check('get'))).toEqual({ allowed: true, ageMs: 29_999 });
    expect(seen).toHaveLength(2);
    now += 1;
    verdict = async () => ({ allowed: false, reason: 'revoked' });
    expect(await reviews.may(DANA, check('get'))).toEqual({ allowed: false, reason: 'revoked', ageMs: 0 });
  });

  it('is passed by when a question is asked afresh, however short ago it was asked before', async () => {
    await reviews.may(DANA, check('get'));
    verdict = async () => ({ allowed: false });
    expect(await reviews.may(DANA, check('get'), true)).toMatchObject({ allowed: false });
    expect(await reviews.may(DANA, check('get'))).toMatchObject({ allowed: false });
    expect(seen).toHaveLength(2);
  });

  it('takes no answer from before a right changed, though it comes after', async () => {
    let slow: (answer: { allowed: boolean }) => void = () => undefined;
    verdict = () => new Promise((resolve) => (slow = resolve));
    const before = reviews.may(DANA, check('get'));
    await Promise.resolve();
    now += 1;
    verdict = async () => ({ allowed: false });
    expect(await reviews.may(DANA, check('get'), true)).toMatchObject({ allowed: false });
    slow({ allowed: true });
    await before;
    expect(await reviews.may(DANA, check('get'))).toMatchObject({ allowed: false });
  });

  it('does not keep what is no verdict, and does not take it for a yes', async () => {
    for (const code of [500, 504, 403]) {
      verdict = () => Promise.reject(failure(code));
      expect(await reviews.may(DANA, check('get'))).toEqual({
        allowed: false,
        unknown: true,
        reason: 'it failed',
      });
    }
    verdict = async () => ({ allowed: true });
    expect(await reviews.may(DANA, check('get'))).toEqual({ allowed: true, ageMs: 0 });
  });

  it('tells whose session is over', async () => {
    verdict = () => Promise.reject(failure(401));
    await expect(reviews.may(DANA, check('get'))).rejects.toMatchObject({ code: 401 });
  });

  it('has a bound, and lets go of the oldest and the stale first', async () => {
    for (let place = 0; place < 25; place += 1) await reviews.may(DANA, check('get', `n${place}`));
    expect(reviews.size).toBe(10);
    await reviews.may(DANA, check('get', 'n24'));
    expect(seen).toHaveLength(25);
    now += 30_000;
    await reviews.may(DANA, check('get', 'n99'));
    expect(reviews.size).toBe(1);
  });

  it('forgets one asker and no other', async () => {
    await Promise.all([reviews.may(DANA, check('get')), reviews.may(VIC, check('get'))]);
    reviews.forget(DANA);
    expect(reviews.size).toBe(1);
  });
});

describe('asking the cluster', () => {
  it('shares one answer among equal questions under way', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => reviews.may(DANA, check('get'))));
    expect(new Set(answers.map(({ allowed }) => allowed))).toEqual(new Set([true]));
    expect(seen).toHaveLength(1);
  });

  it('asks at most eight at a time for one asker, whom others do not wait for', async () => {
    const open: (() => void)[] = [];
    let running = 0;
    let most = 0;
    verdict = (who) =>
      new Promise((resolve) => {
        if (who === VIC) return resolve({ allowed: false });
        running += 1;
        most = Math.max(most, running);
        open.push(() => {
          running -= 1;
          resolve({ allowed: true });
        });
      });
    const all = Promise.all(
      Array.from({ length: 100 }, (_, place) => reviews.may(DANA, check('get', `n${place}`))),
    );
    expect(await reviews.may(VIC, check('get'))).toMatchObject({ allowed: false });
    let answered = 0;
    while (answered < 100) {
      expect(running).toBeLessThanOrEqual(8);
      const answer = open.shift();
      if (answer) {
        answer();
        answered += 1;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await all).toHaveLength(100);
    expect(most).toBe(8);
  });

  it('refuses whoever lets thousands wait', async () => {
    verdict = () => new Promise(() => undefined);
    const asked = Array.from({ length: 2_009 }, (_, place) => reviews.may(DANA, check('get', `n${place}`)));
    await expect(asked.at(-1)).rejects.toMatchObject({ code: 429 });
  });
});
