import { describe, expect, it } from 'vitest';
import { guestNics, guestPlan, podLinkName } from './guest-plan';
import { instance } from './testing';

const vmi = instance({
  phase: 'Scheduled',
  spec: {
    hostname: 'web-01',
    networks: [
      { name: 'default', pod: {} },
      { name: 'n2', multus: { networkName: 'lan' } },
    ],
    domain: {
      cpu: { sockets: 2, cores: 2, threads: 1 },
      memory: { guest: '1Gi' },
      firmware: { uuid: 'f-1' },
      devices: {
        disks: [
          { name: 'seed', disk: { bus: 'virtio' } },
          { name: 'root', disk: { bus: 'virtio' } },
          {
            name: 'data',
            disk: { bus: 'virtio', readonly: true },
            serial: 'D-1',
            bootOrder: 2,
            cache: 'none',
          },
          { name: 'tools', cdrom: { bus: 'sata' } },
          { name: 'drive', cdrom: { bus: 'scsi' } },
          { name: 'later', disk: { bus: 'scsi' } },
          { name: 'no-volume' },
        ],
        interfaces: [{ name: 'default', masquerade: {} }, { name: 'n2' }],
      },
    },
    volumes: [
      { name: 'root', containerDisk: { image: 'fedora' } },
      { name: 'tools', containerDisk: { image: 'virtio' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'web-data' } },
      { name: 'later', persistentVolumeClaim: { claimName: 'later', hotpluggable: true } },
      { name: 'seed', cloudInitNoCloud: { userData: '#cloud-config' } },
    ],
  },
});

describe('guestPlan', () => {
  it('takes sizes from the spec and disks in its order', () => {
    const plan = guestPlan(vmi);
    expect(plan).toMatchObject({ memoryMiB: 1024, vcpus: 4, firmwareUuid: 'f-1', hostname: 'web-01' });
    expect(plan.disks.map(({ name, role, readOnly }) => [name, role, readOnly])).toEqual([
      ['seed', 'seed', false],
      ['root', 'root', false],
      ['data', 'data', true],
      ['tools', 'data', true],
      ['drive', 'data', true],
    ]);
    expect(plan.disks.slice(2)).toMatchObject([
      { device: 'disk', bus: 'virtio', serial: 'D-1', bootOrder: 2, cache: 'none' },
      { device: 'cdrom', bus: 'sata' },
      { device: 'cdrom', bus: 'scsi', source: { kind: 'nothing' } },
    ]);
    expect(plan.disks[2]?.source).toEqual({ kind: 'claim', claim: 'web-data' });
  });

  it('falls back to the requested memory', () => {
    const domain = { devices: {}, resources: { requests: { memory: '128Mi' } } };
    expect(guestPlan(instance({ phase: 'Scheduled', spec: { domain } }))).toMatchObject({
      memoryMiB: 128,
      vcpus: 1,
    });
  });
});

describe('guestNics', () => {
  it('gives the pod network a lasting MAC and the pod address', () => {
    const [nic, ...others] = guestNics(vmi, '10.244.1.7');
    expect(others).toEqual([]);
    expect(nic).toMatchObject({ name: 'default', address: '10.244.1.7' });
    expect(nic?.mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    expect(guestNics(vmi, '10.244.1.8')[0]?.mac).toBe(nic?.mac);
  });
});

it('names secondary links as KubeVirt does', () => {
  expect(podLinkName('n2')).toBe('pod0480a93d2e9');
});
