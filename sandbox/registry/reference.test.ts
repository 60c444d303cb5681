import { describe, expect, it } from 'vitest';
import { fullReference, isLoopback, parseImage } from './reference';

describe('parseImage', () => {
  it.each([
    ['fedora', 'docker.io', 'library/fedora', 'latest'],
    [
      'kubevirt/cirros-container-disk-demo:devel',
      'docker.io',
      'kubevirt/cirros-container-disk-demo',
      'devel',
    ],
    ['quay.io/containerdisks/fedora:40', 'quay.io', 'containerdisks/fedora', '40'],
    ['localhost:5000/disks/guest', 'localhost:5000', 'disks/guest', 'latest'],
    ['quay.io/a/b@sha256:abc', 'quay.io', 'a/b', 'sha256:abc'],
  ])('%s', (reference, host, repository, tag) => {
    expect(parseImage(reference)).toEqual({ host, repository, tag });
  });
});

describe('fullReference', () => {
  it('is the same for all spellings of one image', () => {
    expect(fullReference('fedora')).toBe('docker.io/library/fedora:latest');
    expect(fullReference('docker.io/library/fedora:latest')).toBe('docker.io/library/fedora:latest');
    expect(fullReference('quay.io/a/b:1@sha256:abc')).toBe('quay.io/a/b@sha256:abc');
  });
});

describe('isLoopback', () => {
  it('knows this machine by its names', () => {
    expect(['localhost', '127.0.0.1:5000', '127.3.2.1', '[::1]:5000'].every(isLoopback)).toBe(true);
    expect(['localhost.example.com', '128.0.0.1', 'quay.io'].some(isLoopback)).toBe(false);
  });
});
