import { describe, expect, it } from 'vitest';
import { parseProxyUrl } from './path';

describe('parseProxyUrl', () => {
  it.each([
    [
      '/api/k8s/lab/api/v1/pods?watch=1&labelSelector=a%2Fb%3Dc',
      'lab',
      '/api/v1/pods',
      '?watch=1&labelSelector=a%2Fb%3Dc',
    ],
    ['/api/k8s/lab', 'lab', '/', ''],
    ['/api/k8s/lab/openapi/v3/', 'lab', '/openapi/v3/', ''],
    [
      '/api/k8s/arn%3Aaws%3Aeks%3Aeu%3A1%3Acluster%2Fprod/version',
      'arn:aws:eks:eu:1:cluster/prod',
      '/version',
      '',
    ],
    [
      '/api/k8s/lab/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node%3Aa',
      'lab',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node%3Aa',
      '',
    ],
  ])('splits %s', (url, cluster, path, query) => {
    expect(parseProxyUrl(url)).toEqual({ cluster, path, query });
  });

  it.each([
    '/api/k8s/',
    '/api/k8s/%zz/version',
    '/api/k8s/lab/..',
    '/api/k8s/lab/api/./v1',
    '/api/k8s/lab/api//v1',
    '/api/k8s/lab/api/%2E%2E/x',
    '/api/k8s/lab/api/.%2e/x',
    '/api/k8s/lab/a%2fb',
    '/api/k8s/lab/a%5cb',
    '/api/k8s/lab/a\\b',
    '/api/k8s/lab/a%252e',
    '/api/k8s/lab/a%00',
    '/api/k8s/lab/a%0d%0ax',
    '/api/k8s/lab/a%',
    '/api/k8s/lab/ä',
    '/api/k8s/lab/version?a#b',
    '/api/k8s/lab/version?a=ä',
    '/api/k8s/lab?a b',
    'http://evil.example/api/k8s/lab/version',
    `/api/k8s/lab/${'a'.repeat(9_000)}`,
  ])('refuses %s', (url) => {
    expect(parseProxyUrl(url)).toHaveProperty('problem');
  });
});
