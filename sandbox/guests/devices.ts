import { errorActions } from './block-errors';
import type { GuestDisk, GuestSpec } from './hypervisor';
import { diskSlot, MAX_DISKS, MAX_NICS, nicSlot } from './qemu-command';
import type { QmpClient, QmpEvent } from './qmp';
import type { MachineNetwork } from './segments/machine-network';

/** virtio-blk's own limit. */
const SERIAL_LENGTH = 20;
/** A guest that is busy, or still boots, needs some seconds. */
const UNPLUG_MS = 15_000;

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

/** The id of what a card is connected to, in QEMU. */
export const nicBackend = (index: number) => `net${index}`;

/** Plugs the disks and network cards of `spec` into a stopped machine, in their order. */
export async function plugDevices(qmp: QmpClient, spec: GuestSpec, network: MachineNetwork): Promise<void> {
  for (const [index, disk] of spec.disks.entries()) await plugDisk(qmp, disk, index);
  for (const [index, nic] of spec.nics.entries()) {
    const backend = nicBackend(index);
    await network.add(backend, nic);
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

/** Plugs one disk into the slot of `index`. */
export async function plugDisk(qmp: QmpClient, disk: GuestDisk, index: number): Promise<void> {
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
    ...errorActions(disk),
    bus: 'pci.0',
    addr: diskSlot(index),
  });
}

/** The slots whose disks the machine has, by the block nodes that `plugDisk` named. */
export async function takenSlots(qmp: QmpClient): Promise<Map<string, number>> {
  const answer = await qmp.execute('query-named-block-nodes', { flat: true });
  const slots = new Map<string, number>();
  for (const node of Array.isArray(answer) ? answer : []) {
    const index = /^disk(\d+)$/.exec(String(node?.['node-name']))?.[1];
    if (index !== undefined) slots.set(String(node.file), Number(index));
  }
  return slots;
}

/**
 * Takes the disk of a slot out: the guest is asked and has to agree, which takes a moment.
 * @throws an Error when it has not within `UNPLUG_MS`.
 */
export async function unplugDisk(qmp: QmpClient, index: number): Promise<void> {
  const node = `disk${index}`;
  const gone = deleted(qmp, `${node}-device`);
  await qmp.execute('device_del', { id: `${node}-device` });
  await gone;
  await qmp.execute('blockdev-del', { 'node-name': node });
}

function deleted(qmp: QmpClient, device: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => {
      clearTimeout(timer);
      qmp.off('event', listen);
      if (error) reject(error);
      else resolve();
    };
    const listen = ({ event, data }: QmpEvent) => {
      if (event === 'DEVICE_DELETED' && data.device === device) end();
    };
    const timer = setTimeout(() => end(new Error(`the guest does not let go of ${device}`)), UNPLUG_MS);
    qmp.on('event', listen);
  });
}
