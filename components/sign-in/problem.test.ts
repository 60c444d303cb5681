import { describe, expect, it } from 'vitest';
import { pasteProblem, providerProblem, tokenRefusal } from './problem';

const NOW = 1_800_000_000_000;
const error = (code: number, more: object = {}) => ({
  code,
  reason: '',
  message: 'the words',
  request: { method: 'POST', path: '/' },
  causes: [],
  ...more,
});
const expired = `h.${btoa(JSON.stringify({ exp: NOW / 1000 - 7_200 }))}.s`;

describe('what a refused sign-in says', () => {
  it('tells an expired token from a wrong one, with the cluster’s words beside it', () => {
    expect(tokenRefusal(error(401), expired, NOW)).toMatchObject({
      title: { key: 'signIn.problem.expired', values: { age: '2 h' } },
      words: 'the words',
    });
    expect(tokenRefusal(error(401), 'opaque', NOW).title.key).toBe('signIn.problem.wrong');
  });

  it('says when to try again after too many tries', () => {
    expect(tokenRefusal(error(429, { retryAfterSeconds: 30 }), 'x', NOW)).toMatchObject({
      title: { key: 'signIn.problem.tooMany' },
      retryAt: NOW + 30_000,
    });
  });

  it.each([
    [0, 'noConsole'],
    [400, 'malformed'],
    [403, 'forbidden'],
    [502, 'unreachable'],
    [504, 'unreachable'],
    [500, 'unexpected'],
    [418, 'unexpected'],
  ])('explains %i', (code, key) => {
    expect(tokenRefusal(error(code), 'x', NOW).title.key).toBe(`signIn.problem.${key}`);
  });

  it('explains what a provider sent back, and invents nothing from an address', () => {
    expect(providerProblem(undefined)).toBeUndefined();
    expect(providerProblem('consent-denied')?.title.key).toBe('signIn.provider.consent-denied');
    expect(providerProblem('Call +1 555 for help')).toEqual(providerProblem('provider-refused'));
    expect(providerProblem('__proto__')?.title.key).toBe('signIn.provider.provider-refused');
  });

  it('says what was pasted instead of a token', () => {
    expect(pasteProblem('kubeconfig').hint.key).toBe('signIn.token.problem.kubeconfigHint');
  });
});
