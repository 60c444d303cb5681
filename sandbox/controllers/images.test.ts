import { describe, expect, it } from 'vitest';
import { defaultUser, pullFailure } from './images';

describe('pullFailure', () => {
  it.each([
    'kubevirt/fedora-cloud-container-disk-demo:latest',
    'quay.io/containerdisks/ubuntu:24.04',
    'quay.io/kubevirt/alpine-container-disk-demo',
    'lab.local/disks/blank:1',
  ])('%s can be pulled', (reference) => {
    expect(pullFailure(reference, { bootable: true })).toBeUndefined();
  });

  it('names the host that cannot be found, and what a registry does not have', () => {
    expect(pullFailure('registry.example.invalid/disks/fedora:1', { bootable: true })).toContain(
      'lookup registry.example.invalid: no such host',
    );
    expect(pullFailure('lab.local/disks/nosuch:1', { bootable: true })).toContain(
      'lab.local/disks/nosuch:1: not found',
    );
    expect(pullFailure('quay.io/containerdisks/fedora:nosuch', { bootable: true })).toContain('not found');
    expect(pullFailure('quay.io/acme/fedroa:1', { bootable: true })).toContain('not found');
  });
});

describe('defaultUser', () => {
  it.each([
    ['kubevirt/fedora-cloud-container-disk-demo:latest', 'fedora'],
    ['quay.io/containerdisks/centos-stream:10', 'cloud-user'],
    ['lab.local/disks/blank:1', undefined],
  ])('%s', (image, user) => {
    expect(defaultUser(image)).toBe(user);
  });
});
