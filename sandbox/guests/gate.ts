import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { busOf, diskAddress, SCSI_ADDRESS, USB_ADDRESS } from './device-slots';
import type { GuestDisk, GuestSpec } from './hypervisor';

/** A disk by its place, since its name depends on which driver comes first: a pattern below the guest's PCI devices. */
function placeInGuest(disk: GuestDisk): string {
  const { slot = 0 } = disk;
  const pci = (address: string) => `0000:00:${address.slice(2).padStart(2, '0')}.0`;
  switch (busOf(disk)) {
    case 'virtio':
      return `${pci(diskAddress(disk))}/virtio*/block/*`;
    case 'scsi':
      return `${pci(SCSI_ADDRESS)}/virtio*/host*/target*/*:0:0:${slot}/block/*`;
    case 'sata':
      return `sata ${slot}`;
    case 'usb':
      return `${pci(USB_ADDRESS)}/usb*/*-${slot + 1}/*/host*/target*/*/block/*`;
  }
}

/** Who this copy is, in the words that rootfs/lib/portlight/gate reads. */
function instanceData(spec: GuestSpec): string {
  const home = spec.disks.find((disk) => disk.role === 'root');
  const lines = [
    `disks ${spec.disks.length}`,
    `nics ${spec.nics.length}`,
    `name ${spec.name}`,
    ...(home ? [`home ${placeInGuest(home)}`] : []),
    ...(spec.disks.some((disk) => busOf(disk) === 'sata') ? ['rescan yes'] : []),
    `epoch ${Math.floor(Date.now() / 1000)}`,
    `entropy ${randomBytes(64).toString('base64')}`,
    `uuid ${spec.firmwareUuid}`,
    `machine_id ${createHash('md5').update(spec.firmwareUuid).digest('hex')}`,
    'end',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * The guest asks "ready" on its configuration port whenever it boots, the first time and after each reset; what it is
 * told then opens its gate. `answer` is called for each and says who it is.
 */
export function keepGate(port: Socket, answer: () => GuestSpec): void {
  let asked = '';
  port.on('error', () => {});
  port.on('data', (chunk: Buffer) => {
    asked += chunk.toString('latin1');
    const lines = asked.split('\n');
    asked = lines.pop() ?? '';
    if (lines.includes('ready')) port.write(instanceData(answer()));
  });
}
