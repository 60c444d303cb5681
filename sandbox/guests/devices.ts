import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { nodeOf } from './block-nodes';
import { controllerPiece, diskPieces, imagePiece, nicPiece, type Piece, warmPieces } from './device-pieces';
import {
  busOf,
  diskDevice,
  diskNode,
  giveDiskSlot,
  giveNicSlot,
  nicBackend,
  nicDevice,
} from './device-slots';
import { plugGrowth } from './growth';
import type { GuestDisk, GuestNic, GuestSpec } from './hypervisor';
import { type QmpClient, QmpError, type QmpEvent } from './qmp';
import type { MachineNetwork } from './segments/machine-network';

/** A guest that is busy, or still boots, needs some seconds. */
const UNPLUG_MS = 15_000;
const COMMANDS = { blockdev: 'blockdev-add', device: 'device_add' } as const;

/** The images of `disks` that are to be read past the host's cache, and lie where that is possible. */
export async function directImages(disks: readonly GuestDisk[]): Promise<ReadonlySet<string>> {
  const direct = new Set<string>();
  for (const { cache, path } of disks) {
    if (cache !== 'none' || path === '') continue;
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECT).catch(() => undefined);
    if (!handle) continue;
    direct.add(path);
    await handle.close();
  }
  return direct;
}

/**
 * Plugs in what a machine that was just made, and has not run, does not have from the first. Firmware hears of boot
 * orders at the machine's next reset.
 */
export async function plugDevices(qmp: QmpClient, spec: GuestSpec, network: MachineNetwork): Promise<void> {
  await plugGrowth(qmp, spec);
  for (const piece of warmPieces(spec, await directImages(spec.disks))) await add(qmp, piece);
  for (const nic of spec.nics) {
    await network.add(nicBackend(nic), nic);
    await add(qmp, nicPiece(nic));
    if (nic.link === 'down') await switchLink(qmp, nic);
  }
}

/**
 * Plugs one more disk into a running machine. Edits `spec`.
 * @throws when the machine has no slot left, or QEMU refuses.
 */
export async function plugDisk(qmp: QmpClient, spec: GuestSpec, disk: GuestDisk): Promise<void> {
  const bus = busOf(disk);
  if (bus === 'sata') throw new Error(`A running machine takes no sata disk: ${disk.name} has to wait.`);
  const plugged = { ...disk };
  const had = spec.controllers?.includes(bus as 'scsi' | 'usb') ?? false;
  giveDiskSlot(spec, plugged, spec.disks);
  if ((bus === 'scsi' || bus === 'usb') && !had) await add(qmp, controllerPiece(bus));
  await addDisk(qmp, plugged);
  spec.disks.push(plugged);
}

/**
 * Takes a disk out: the guest is asked and has to agree, which takes a moment. Edits `spec`.
 * @throws an Error when it has not within `UNPLUG_MS`.
 */
export async function unplugDisk(qmp: QmpClient, spec: GuestSpec, name: string): Promise<void> {
  const disk = spec.disks.find((candidate) => candidate.name === name);
  if (!disk) return;
  // Not by the name that it was given: a disk that has moved to another image goes by another.
  const node = disk.path === '' ? undefined : await nodeOf(qmp, disk.path);
  await unplug(qmp, diskDevice(disk));
  if (node) await qmp.execute('blockdev-del', { 'node-name': node });
  spec.disks = spec.disks.filter((candidate) => candidate !== disk);
}

/**
 * Takes the medium out of a CD-ROM drive, which stays. Edits `spec`.
 * @throws when the guest has locked the tray, as it does while the medium is mounted.
 */
export async function ejectDisk(qmp: QmpClient, spec: GuestSpec, name: string): Promise<void> {
  const drive = driveOf(spec, name);
  if (drive.path === '') return;
  const id = diskDevice(drive);
  await qmp.execute('blockdev-open-tray', { id });
  await qmp.execute('blockdev-remove-medium', { id }).catch((error: unknown) => {
    // QEMU has asked the guest to let go, and does not wait.
    if (!String(error).includes('is not open')) throw error;
    throw new Error(`The guest has the medium in ${name} mounted and holds the tray.`);
  });
  await qmp.execute('blockdev-del', { 'node-name': diskNode(drive) });
  await qmp.execute('blockdev-close-tray', { id });
  drive.path = '';
}

/** Puts a medium into a CD-ROM drive, in place of what was in it. Edits `spec`. */
export async function insertDisk(qmp: QmpClient, spec: GuestSpec, medium: GuestDisk): Promise<void> {
  const drive = driveOf(spec, medium.name);
  await ejectDisk(qmp, spec, medium.name);
  const { path, format = 'raw' } = medium;
  const id = diskDevice(drive);
  await add(qmp, imagePiece({ ...drive, path, format }, false));
  try {
    await qmp.execute('blockdev-open-tray', { id });
    await qmp.execute('blockdev-insert-medium', { id, 'node-name': diskNode(drive) });
  } catch (error) {
    await qmp.execute('blockdev-del', { 'node-name': diskNode(drive) }).catch(() => {});
    throw error;
  }
  await qmp.execute('blockdev-close-tray', { id });
  Object.assign(drive, { path, format });
}

/** Plugs one more network card into a running machine. Edits `spec`. */
export async function plugNic(
  qmp: QmpClient,
  spec: GuestSpec,
  network: MachineNetwork,
  nic: GuestNic,
): Promise<void> {
  const plugged = { ...nic };
  giveNicSlot(spec, plugged, spec.nics);
  await network.add(nicBackend(plugged), plugged);
  try {
    await add(qmp, nicPiece(plugged));
  } catch (error) {
    await network.remove(nicBackend(plugged));
    throw error;
  }
  if (plugged.link === 'down') await switchLink(qmp, plugged);
  spec.nics.push(plugged);
}

/** Takes a network card out, which the guest has to let happen. Edits `spec`. */
export async function unplugNic(
  qmp: QmpClient,
  spec: GuestSpec,
  network: MachineNetwork,
  name: string,
): Promise<void> {
  const nic = spec.nics.find((candidate) => candidate.name === name);
  if (!nic) return;
  await unplug(qmp, nicDevice(nic));
  await network.remove(nicBackend(nic));
  spec.nics = spec.nics.filter((candidate) => candidate !== nic);
}

/** Puts the cable of a card in, or pulls it. Edits `spec`. */
export async function setLink(
  qmp: QmpClient,
  spec: GuestSpec,
  name: string,
  link: 'up' | 'down',
): Promise<void> {
  const nic = spec.nics.find((candidate) => candidate.name === name);
  if (!nic) throw new Error(`${spec.name} has no network interface ${name}.`);
  await switchLink(qmp, { ...nic, link });
  nic.link = link;
}

async function switchLink(qmp: QmpClient, nic: GuestNic): Promise<void> {
  await qmp.execute('set_link', { name: nicDevice(nic), up: nic.link !== 'down' });
}

function driveOf(spec: GuestSpec, name: string): GuestDisk {
  const drive = spec.disks.find((disk) => disk.name === name && disk.device === 'cdrom');
  if (!drive) throw new Error(`${spec.name} has no CD-ROM drive ${name}.`);
  return drive;
}

async function add(qmp: QmpClient, { add: kind, properties }: Piece): Promise<void> {
  await qmp.execute(COMMANDS[kind], properties);
}

/** An image and its device: the first leaves again when the second is refused. */
async function addDisk(qmp: QmpClient, disk: GuestDisk): Promise<void> {
  const direct = (await directImages([disk])).has(disk.path);
  try {
    for (const piece of diskPieces(disk, direct)) await add(qmp, piece);
  } catch (error) {
    await qmp.execute('blockdev-del', { 'node-name': diskNode(disk) }).catch(() => {});
    throw error;
  }
}

async function unplug(qmp: QmpClient, device: string): Promise<void> {
  const gone = deleted(qmp, device);
  try {
    await qmp.execute('device_del', { id: device });
  } catch (error) {
    if (!(error instanceof QmpError)) gone.cancel();
    if (error instanceof QmpError && error.className === 'DeviceNotFound') return gone.cancel();
    // It was asked before, and the guest has yet to agree.
    if (!String(error).includes('in the process of unplug')) {
      gone.cancel();
      throw error;
    }
  }
  await gone.done;
}

function deleted(qmp: QmpClient, device: string): { done: Promise<void>; cancel(): void } {
  let end: (error?: Error) => void = () => {};
  const done = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => end(new Error(`the guest does not let go of ${device}`)), UNPLUG_MS);
    const listen = ({ event, data }: QmpEvent) => {
      if (event === 'DEVICE_DELETED' && data.device === device) end();
    };
    end = (error) => {
      clearTimeout(timer);
      qmp.off('event', listen);
      if (error) reject(error);
      else resolve();
    };
    qmp.on('event', listen);
  });
  return { done, cancel: () => end() };
}
