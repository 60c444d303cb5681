import { describe, expect, it } from 'vitest';
import { createCluster } from '../api/store';
import { type PersistentVolume, type PersistentVolumeClaim, PVCS, PVS } from './storage-types';
import { isPopulated, matchingVolume } from './volume-objects';

const cluster = createCluster({ directory: undefined });
const volume = (name: string, storage: string, spec: object = {}) =>
  cluster.create<PersistentVolume>(PVS, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage }, storageClassName: 'manual', ...spec },
  });
const claim = (name: string, spec: object = {}) =>
  cluster.create<PersistentVolumeClaim>(PVCS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '2Gi' } },
      storageClassName: 'manual',
      ...spec,
    },
  });

describe('which volume a claim gets', () => {
  volume('large', '10Gi');
  volume('small', '1Gi');
  volume('fitting', '3Gi');
  volume('block', '2Gi', { volumeMode: 'Block' });
  volume('reserved', '1Gi', { claimRef: { namespace: 'default', name: 'expected' } });

  it('the smallest that is large enough', () => {
    expect(matchingVolume(cluster, claim('plain'))?.metadata.name).toBe('fitting');
  });
  it('the one that is reserved for it, whatever its size', () => {
    expect(matchingVolume(cluster, claim('expected'))?.metadata.name).toBe('reserved');
  });
  it('the one that it names', () => {
    expect(matchingVolume(cluster, claim('picky', { volumeName: 'large' }))?.metadata.name).toBe('large');
  });
  it('none that was made while it is to be filled from elsewhere', () => {
    const dataSourceRef = { apiGroup: 'cdi.kubevirt.io', kind: 'VolumeImportSource', name: 'x' };
    const filled = claim('filled', { dataSourceRef });
    expect(matchingVolume(cluster, filled)).toBeUndefined();
    expect(isPopulated(filled)).toBe(true);
  });
  it('snapshots and claims are the driver’s to copy', () => {
    const apiGroup = 'snapshot.storage.k8s.io';
    expect(isPopulated(claim('a', { dataSource: { apiGroup, kind: 'VolumeSnapshot', name: 'x' } }))).toBe(
      false,
    );
    expect(isPopulated(claim('b', { dataSource: { kind: 'PersistentVolumeClaim', name: 'x' } }))).toBe(false);
  });
});
