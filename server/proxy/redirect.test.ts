import { describe, expect, it } from 'vitest';
import { isRedirect, redirectWithin } from './redirect';

const target = { cluster: 'a/b', path: '/api/v1/namespaces/dev/services/web/proxy', query: '' };
const within = (location: string, base = 'https://lab:6443') => redirectWithin(location, target, base);

describe('redirectWithin', () => {
  it('keeps what stays in the same API, below the same cluster', () => {
    expect(within('/api/v1/namespaces/dev/services/web/proxy/')).toBe(
      '/api/k8s/a%2Fb/api/v1/namespaces/dev/services/web/proxy/',
    );
    expect(within('proxy/login?next=%2F')).toBe(
      '/api/k8s/a%2Fb/api/v1/namespaces/dev/services/web/proxy/login?next=%2F',
    );
    expect(within('https://lab:6443/version')).toBe('/api/k8s/a%2Fb/version');
    expect(within('https://rancher/k8s/c-1/version', 'https://rancher/k8s/c-1')).toBe(
      '/api/k8s/a%2Fb/version',
    );
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '\\\\evil.example\\',
    'https://lab:6444/version',
    'http://lab:6443/version',
    'https://user@evil.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    '/a%2f..%2fb',
    '/a//b',
    'https://[',
  ])('goes nowhere else: %s', (location) => expect(within(location)).toBeUndefined());

  it.each(['/version', '/k8s/c-2/version', '/k8s/c-10/version', '/k8s/c-1/../c-2/version'])(
    'stays below the base path: %s',
    (location) => expect(within(location, 'https://rancher/k8s/c-1')).toBeUndefined(),
  );

  it('knows what a redirect is', () => {
    expect([200, 301, 302, 304, 307, 308, 400].filter(isRedirect)).toEqual([301, 302, 307, 308]);
  });
});
