import { describe, expect, it } from 'vitest';
import { readToken, tokenExpiry } from './token';

describe('readToken', () => {
  it.each([
    ['abc.def.ghi', 'abc.def.ghi'],
    ['  sha256~Ab-c_1\n', 'sha256~Ab-c_1'],
    ['Bearer abc', 'abc'],
    ['Authorization: Bearer abc', 'abc'],
    ['token: abc', 'abc'],
    ['"abc"', 'abc'],
    ['eyJhb\n  GciOi\r\nJSUzI1', 'eyJhbGciOiJSUzI1'],
    ['YWJj==', 'YWJj=='],
  ])('finds the token in %j', (pasted, token) => {
    expect(readToken(pasted)).toEqual({ token });
  });

  it.each([
    ['', 'empty'],
    ['  \n', 'empty'],
    ['apiVersion: v1\nkind: Config\nusers: []', 'kubeconfig'],
    ['{"apiVersion":"v1"}', 'kubeconfig'],
    ['kubectl create token dana', 'command'],
    ['$ oc whoami -t', 'command'],
    ['pässword', 'characters'],
    ['a"b', 'characters'],
  ])('says what is wrong with %j', (pasted, problem) => {
    expect(readToken(pasted)).toEqual({ problem });
  });
});

describe('tokenExpiry', () => {
  const jwt = (claims: object) => `h.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.s`;
  it('reads when a token says that it ends', () => {
    expect(tokenExpiry(jwt({ exp: 1_700_000_000 }))).toBe(1_700_000_000_000);
  });
  it.each([['sha256~abc'], [jwt({})], [jwt({ exp: 'soon' })], ['a.b.c'], ['a.bnVsbA.c']])(
    'knows nothing of %s',
    (token) => {
      expect(tokenExpiry(token)).toBeUndefined();
    },
  );
});
