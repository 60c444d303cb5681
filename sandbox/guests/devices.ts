import type { GuestSpec } from './hypervisor';
import { diskSlot, MAX_DISKS, MAX_NICS, nicSlot, userNetwork } from './qemu-command';
import type { QmpClient } from './qmp';

/** virtio-blk's own limit. */
const SERIAL_LENGTH = 20;

/** @throws an Error with a sentence when the machine has not that many slots. */
export function checkDevices(spec: GuestSpec): void {
  if (spec.disks.length > MAX_DISKS) {
    throw new Error(`A guest takes ${MAX_DISKS} disks at most; ${spec.name} has ${spec.disks.length}.`);
  }
  if (spec.nics.length > MAX_NICS) {
    throw new Error(
      `A guest takes ${MAX_NICS} network interfaces at most; ${spec.name} has ${spec.nics.length}.`,
    );
  }
}

/** Plugs the disks and network cards of `spec` into a stopped machine, in their order. */
export async function plugDevices(qmp: QmpClient, spec: GuestSpec): Promise<void> {
  for (const [index, disk] of spec.disks.entries()) {
    const node = `disk${index}`;
    await qmp.execute('blockdev-add', {
      driver: 'raw',
      'node-name': node,
      'read-only': disk.readOnly,
      file: { driver: 'file', filename: disk.path, 'read-only': disk.readOnly },
    });
    await qmp.execute('device_add', {
      driver: 'virtio-blk-pci',
      id: `${node}-device`,
      drive: node,
      serial: disk.name.slice(0, SERIAL_LENGTH),
      bus: 'pci.0',
      addr: diskSlot(index),
    });
  }
  for (const [index, nic] of spec.nics.entries()) {
    const backend = `net${index}`;
    await qmp.execute('netdev_add', { type: 'user', id: backend, ...userNetwork(nic.address) });
    await qmp.execute('device_add', {
      driver: 'virtio-net-pci',
      id: `nic${index}`,
      netdev: backend,
      mac: nic.mac,
      bus: 'pci.0',
      addr: nicSlot(index),
    });
  }
}
