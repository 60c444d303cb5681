import { describe, expect, it } from 'vitest';
import { namespaceOfPath, paths, samePageOf } from './paths';

describe('samePageOf', () => {
  it.each([
    ['/c/a/vms', '/c/b/vms'],
    ['/c/a/create', '/c/b/create'],
    ['/c/a%2Fx/vms', '/c/b/vms'],
    ['/c/a/ns/dev/vms/web', '/c/b/vms'],
    ['/c/a/ns/dev/vms/web/yaml', '/c/b/vms'],
    ['/c/a', '/c/b'],
    ['/clusters', '/c/b'],
    ['/search', '/c/b'],
    ['/', '/c/b'],
  ])('leads from %s to %s', (from, to) => expect(samePageOf('b', from)).toBe(to));

  it('leads to a cluster of any name', () =>
    expect(samePageOf('arn:aws/x y', '/c/a/vms')).toBe('/c/arn%3Aaws%2Fx%20y/vms'));
});

describe('paths', () => {
  it('keeps words and return addresses whole', () => {
    expect(paths.search('a & b/c')).toBe('/search?q=a+%26+b%2Fc');
    expect(paths.search()).toBe('/search');
    expect(paths.signIn('a/b', '/c/a%2Fb/vms?q=x')).toBe(
      '/sign-in/a%2Fb?return=%2Fc%2Fa%252Fb%2Fvms%3Fq%3Dx',
    );
  });
});

describe('namespaceOfPath', () => {
  it('is that of the object whose page it is', () => {
    expect(namespaceOfPath(paths.vm({ cluster: 'a/b', namespace: 'dev', name: 'web' }, 'yaml'))).toBe('dev');
    expect(namespaceOfPath(paths.vms('ns', { ns: 'dev' }))).toBeUndefined();
    expect(namespaceOfPath('/')).toBeUndefined();
  });
});
