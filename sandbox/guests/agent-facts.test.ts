import { expect, it } from 'vitest';
import { fileSystemFacts, interfaceFacts, osFacts } from './agent-facts';

it("gives a disk the serial that the guest's udev has for it", () => {
  const mounted = (name: string, serial?: string) => ({
    name,
    mountpoint: `/${name}`,
    type: 'ext4',
    'used-bytes': 1,
    'total-bytes': 2,
    disk: [{ 'bus-type': 'virtio', ...(serial ? { serial } : {}) }],
  });
  const facts = fileSystemFacts([mounted('vda', 'given'), mounted('vdb1')]);
  expect(facts.map((entry) => entry.disk)).toEqual([
    [{ serial: 'given', busType: 'virtio' }],
    [{ busType: 'virtio' }],
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
