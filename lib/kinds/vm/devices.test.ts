import { describe, expect, it } from 'vitest';
import { vmDisks, vmNics } from './devices';
import { sampleVm, sampleVmi } from './sample';

const template = {
  spec: {
    domain: {
      devices: {
        disks: [
          { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 },
          { name: 'iso', cdrom: { bus: 'sata' } },
        ],
        interfaces: [
          { name: 'default', masquerade: {}, model: 'virtio', macAddress: '02:00:00:00:00:01' },
          { name: 'lan', binding: { name: 'l2' } },
        ],
      },
    },
    networks: [
      { name: 'default', pod: {} },
      { name: 'lan', multus: { networkName: 'shop/vlan' } },
    ],
    volumes: [
      { name: 'root', dataVolume: { name: 'web-root' } },
      { name: 'spare', emptyDisk: { capacity: '2Gi' } },
    ],
  },
};

describe('vmDisks', () => {
  it('pairs disks with volumes and shows both that lack the other', () => {
    expect(vmDisks(sampleVm({ template }))).toMatchObject([
      { name: 'root', device: 'disk', bus: 'virtio', bootOrder: 1, source: 'dataVolume', claim: 'web-root' },
      { name: 'iso', device: 'cdrom', source: '' },
      { name: 'spare', device: '', source: 'emptyDisk', size: '2Gi' },
    ]);
  });

  it('knows from the VMI what the guest calls a disk and how large it is', () => {
    const vmi = sampleVmi({ volumeStatus: [{ name: 'root', target: 'vda', size: 1024 }] }, template.spec);
    expect(vmDisks(sampleVm({ template }), vmi)[0]).toMatchObject({ target: 'vda', size: 1024 });
  });
});

describe('vmNics', () => {
  it('shows what is specified while nothing runs', () => {
    expect(vmNics(sampleVm({ template }))).toMatchObject([
      { name: 'default', network: 'pod', binding: 'masquerade', mac: '02:00:00:00:00:01', ips: [] },
      { name: 'lan', network: 'shop/vlan', binding: 'l2' },
    ]);
  });

  it('adds interfaces that only the guest agent knows', () => {
    const vmi = sampleVmi(
      {
        interfaces: [
          { name: 'default', ipAddress: '10.0.0.7', interfaceName: 'eth0', linkState: 'up' },
          { interfaceName: 'docker0', ipAddress: '172.17.0.1' },
        ],
      },
      template.spec,
    );
    const nics = vmNics(sampleVm({ template }), vmi);
    expect(nics.map(({ name, guestName, ips }) => [name, guestName, ips])).toEqual([
      ['default', 'eth0', ['10.0.0.7']],
      ['lan', '', []],
      ['', 'docker0', ['172.17.0.1']],
    ]);
  });
});
