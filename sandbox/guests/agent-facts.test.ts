import { expect, it } from 'vitest';
import { fileSystemFacts, interfaceFacts, osFacts } from './agent-facts';
import type { GuestDisk } from './hypervisor';

const disk = (name: string): GuestDisk => ({ name, path: `/disks/${name}`, role: 'data', readOnly: false });

it("gives a disk its volume's whole name, by its cut serial or its letter", () => {
  const long = 'a-volume-with-a-name-of-thirty-letters';
  const mounted = (name: string, serial?: string) => ({
    name,
    mountpoint: `/${name}`,
    type: 'ext4',
    'used-bytes': 1,
    'total-bytes': 2,
    disk: [{ 'bus-type': 'virtio', ...(serial ? { serial } : {}) }],
  });
  const facts = fileSystemFacts(
    [mounted('vda', long.slice(0, 20)), mounted('vdb1')],
    [disk(long), disk('second')],
  );
  expect(facts.map((entry) => entry.disk)).toEqual([
    [{ serial: long, busType: 'virtio' }],
    [{ serial: 'second', busType: 'virtio' }],
  ]);
  expect(facts[0]).toMatchObject({
    diskName: 'vda',
    mountPoint: '/vda',
    fileSystemType: 'ext4',
    usedBytes: 1,
    totalBytes: 2,
  });
});

it('leaves the loopback device out', () => {
  const address = { 'ip-address': '10.244.1.7', 'ip-address-type': 'ipv4', prefix: 24 };
  const facts = interfaceFacts([
    { name: 'lo', 'ip-addresses': [{ 'ip-address': '127.0.0.1' }] },
    { name: 'eth0', 'hardware-address': '02:00:00:00:00:01', 'ip-addresses': [address] },
    { name: 'eth1', 'hardware-address': '02:00:00:00:00:02' },
  ]);
  expect(facts).toEqual([
    { interfaceName: 'eth0', mac: '02:00:00:00:00:01', ipAddresses: ['10.244.1.7'] },
    { interfaceName: 'eth1', mac: '02:00:00:00:00:02', ipAddresses: [] },
  ]);
});

it('names only what the guest named', () => {
  expect(osFacts({ 'pretty-name': 'A Linux', 'kernel-release': '6.1' })).toEqual({
    prettyName: 'A Linux',
    kernelRelease: '6.1',
  });
  expect(osFacts(undefined)).toEqual({});
});
