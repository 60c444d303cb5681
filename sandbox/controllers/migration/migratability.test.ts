import { describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim } from '../storage-types';
import { instance } from '../testing';
import type { VirtualMachineInstance } from '../types';
import { migratability } from './migratability';

type Spec = Partial<VirtualMachineInstance['spec']>;

function judge(spec: Spec, accessModes?: string[]) {
  const claim: PersistentVolumeClaim | undefined = accessModes && {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', uid: 'c', resourceVersion: '1', creationTimestamp: '' },
    spec: { accessModes },
  };
  const { conditions, method } = migratability({
    vmi: instance({ phase: 'Running', spec }),
    claimOf: () => claim,
  });
  const [live, storage] = conditions;
  return { live: live?.reason ?? live?.status, message: live?.message, storage: storage?.message, method };
}

const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
const devices = (more: Record<string, unknown>): Spec => ({ domain: { devices: more } });

describe('whether an instance can migrate', () => {
  it('shared disks go along, others keep it', () => {
    expect(judge({ volumes }, ['ReadWriteMany'])).toMatchObject({ live: 'True', method: 'LiveMigration' });
    const kept = judge({ volumes }, ['ReadWriteOnce']);
    expect(kept).toMatchObject({ live: 'DisksNotLiveMigratable', method: 'BlockMigration' });
    expect(kept.message).toContain('PVC data is not shared');
    expect(kept.storage).toBeUndefined();
    expect(judge({ volumes }).message).toContain('Unable to determine if PVC data is shared');
    const image = { volumes: [{ name: 'root', containerDisk: { image: 'x' } }] };
    expect(judge(image)).toMatchObject({ live: 'True', method: 'BlockMigration' });
  });

  it.each([
    [{ interfaces: [{ name: 'default', bridge: {} }] }, 'InterfaceNotLiveMigratable'],
    [{ gpus: [{ name: 'gpu' }] }, 'HostDeviceNotLiveMigratable'],
    [{ filesystems: [{ name: 'share' }] }, 'VirtIOFSNotLiveMigratable'],
  ])('some devices do not move', (given, reason) => {
    expect(judge(devices(given)).live).toBe(reason);
    expect(judge(devices(given)).storage).toContain(`${reason}: `);
  });
});
