import { describe, expect, it } from 'vitest';
import { returnPath } from './return-path';

describe('returnPath', () => {
  it.each([
    ['/'],
    ['/c/lab/vms'],
    ['/c/lab/vms?q=web%20server&ns=a&ns=b#row'],
    ['/console/lab/ns/web/vnc'],
    ['/c/a%2Fb/vms'],
    ['/signed-in?cluster=lab'],
    ['/c/lab/vms?next=https://evil.example/'],
    ['/c/lab/authors'],
  ])('keeps the path %s', (path) => {
    expect(returnPath(path)).toBe(path);
  });

  it.each([
    ['https://evil.example/'],
    ['//evil.example'],
    ['///evil.example'],
    ['/\\evil.example'],
    ['\\\\evil.example'],
    ['/c\\..\\..\\evil'],
    ['/\t/evil.example'],
    ['/\n/evil.example'],
    ['\u0000/c/lab'],
    [' /c/lab'],
    ['/.//evil.example'],
    ['/c/..//evil.example'],
    ['/%2e%2e//evil.example'],
    ['javascript:alert(1)'],
    ['data:text/html,x'],
    ['c/lab'],
    ['?x'],
    [''],
    ['/auth/c/lab/start/oidc'],
    ['/AUTH/session'],
    ['/c/../auth/session'],
    ['/api/k8s/lab/api/v1/secrets'],
    ['/sign-in/lab?return=/sign-in/lab'],
    ['/start?token=x'],
    [undefined],
    [['/c/lab', '/c/other']],
    [{ pathname: '/c/lab' }],
  ])('goes home instead of to %j', (value) => {
    expect(returnPath(value)).toBe('/');
  });

  it('goes home instead of to an endless address', () => {
    expect(returnPath(`/${'a'.repeat(3000)}`)).toBe('/');
  });

  it('never leaves the origin, whatever is written', () => {
    const parts = [
      '/',
      '\\',
      '//',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '@',
      ':',
      '?',
      '#',
      '\t',
      'evil.example',
      'c',
      'http:',
    ];
    let seed = 7;
    const next = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed;
    };
    for (let round = 0; round < 20_000; round++) {
      const made = `/${Array.from({ length: 1 + (next() % 6) }, () => parts[(next() >> 8) % parts.length]).join('')}`;
      const path = returnPath(made);
      expect(new URL(path, 'https://console.example').origin, made).toBe('https://console.example');
      expect(returnPath(path), made).toBe(path);
    }
  });
});
