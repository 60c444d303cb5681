import { describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim } from '../storage-types';
import type { VolumeStatus } from '../types';
import { followAttachment, followDetachment } from './volume-phases';

const claim = (phase: string): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', uid: 'c', resourceVersion: '1', creationTimestamp: '' },
  spec: {},
  status: { phase },
});
const pod = { name: 'hp-volume-x', uid: 'u', ready: false, deleting: false };

describe('a volume on its way to the node', () => {
  it('says what its claim lacks', () => {
    const status: VolumeStatus = { name: 'hot', target: '' };
    followAttachment(status, { claim: undefined, claimName: 'c', attachment: undefined });
    expect(status).toMatchObject({ phase: 'Pending', reason: 'FailedPvcNotFound', hotplugVolume: {} });
    followAttachment(status, { claim: claim('Pending'), claimName: 'c', attachment: undefined });
    expect(status.message).toBe('PVC is in phase ClaimPending');
    followAttachment(status, { claim: claim('Bound'), claimName: 'c', attachment: undefined });
    expect(status.phase).toBe('Bound');
  });

  it('is attached as soon as there is a pod, whose uid shows when it runs', () => {
    const status: VolumeStatus = { name: 'hot', target: '', phase: 'Pending' };
    const news = followAttachment(status, { claim: claim('Pending'), claimName: 'c', attachment: pod });
    expect(news?.message).toBe('Created hotplug attachment pod hp-volume-x, for volume hot');
    expect(status.hotplugVolume).toEqual({ attachPodName: 'hp-volume-x' });
    const facts = { claim: claim('Bound'), claimName: 'c', attachment: { ...pod, ready: true } };
    expect(followAttachment(status, facts)).toBeUndefined();
    expect(status.hotplugVolume).toEqual({ attachPodName: 'hp-volume-x', attachPodUID: 'u' });
    expect(status.phase).toBe('AttachedToNode');
  });
});

it('a volume that was taken out tells once that its pod goes', () => {
  const status: VolumeStatus = { name: 'hot', target: '', phase: 'UnMountedFromPod' };
  expect(followDetachment(status, pod)).toBeUndefined();
  expect(status.phase).toBe('UnMountedFromPod');
  expect(followDetachment(status, { ...pod, deleting: true })?.reason).toBe('SuccessfulDelete');
  expect(followDetachment(status, { ...pod, deleting: true })).toBeUndefined();
  expect(status.phase).toBe('Detaching');
});
