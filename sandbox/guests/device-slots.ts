import type { GuestDisk, GuestNic, GuestSpec } from './hypervisor';

/** Where disks and network cards are plugged: a saved state, and a migration, need the same device at the same place. */

export type Bus = NonNullable<GuestDisk['bus']>;

/** PCI slots of the machine's one bus. Below them lie the bridge, the screen, serial ports, balloon and randomness. */
const FIRST_DISK = 0x6;
export const MEMORY_ADDRESS = address(0x14);
export const SCSI_ADDRESS = address(0x15);
export const USB_ADDRESS = address(0x16);
const AHCI = 0x17;
const FIRST_NIC = 0x18;

/** Drives of one AHCI controller. */
export const SATA_PORTS = 6;
/** One PCI slot has so many functions, each of them a controller. */
const AHCI_CONTROLLERS = 8;
export const USB_PORTS = 8;
export const MAX_NICS = 8;
const MAX_DISKS: Readonly<Record<Bus, number>> = {
  virtio: 14,
  scsi: 64,
  sata: SATA_PORTS * AHCI_CONTROLLERS,
  usb: USB_PORTS,
};

function address(slot: number): string {
  return `0x${slot.toString(16)}`;
}

export const busOf = ({ bus = 'virtio' }: GuestDisk): Bus => bus;
export const diskAddress = ({ slot = 0 }: GuestDisk): string => address(FIRST_DISK + slot);
export const nicAddress = ({ slot = 0 }: GuestNic): string => address(FIRST_NIC + slot);
export const ahciAddress = (controller: number): string => `${address(AHCI)}.${controller}`;

/** The block node of a disk that has its slot: the image as QEMU sees it. */
export const diskNode = (disk: GuestDisk): string => `${busOf(disk)}${disk.slot}`;
/** The disk as the guest sees it. */
export const diskDevice = (disk: GuestDisk): string => `${diskNode(disk)}-device`;
export const nicBackend = ({ slot }: GuestNic): string => `net${slot}`;
export const nicDevice = ({ slot }: GuestNic): string => `nic${slot}`;

/**
 * Gives every disk and network card of `spec` that has none a slot, in their order, and names the controllers that
 * they need. What has a slot keeps it. Edits `spec`.
 * @throws an Error with a sentence when the machine has not that many slots.
 */
export function giveSlots(spec: GuestSpec): void {
  for (const disk of spec.disks) giveDiskSlot(spec, disk, spec.disks);
  for (const nic of spec.nics) giveNicSlot(spec, nic, spec.nics);
}

/** Gives a disk that is to join `disks` its slot. Edits `disk`, and the controllers of `spec`. */
export function giveDiskSlot(spec: GuestSpec, disk: GuestDisk, disks: readonly GuestDisk[]): void {
  const bus = busOf(disk);
  const neighbours = disks.filter((other) => other !== disk && busOf(other) === bus);
  disk.slot ??= firstFree(neighbours, MAX_DISKS[bus]);
  if (disk.slot === undefined) {
    throw new Error(`A guest takes ${MAX_DISKS[bus]} ${bus} disks at most; ${spec.name} has more.`);
  }
  if ((bus === 'scsi' || bus === 'usb') && !spec.controllers?.includes(bus)) {
    spec.controllers = [...(spec.controllers ?? []), bus];
  }
}

/** Gives a network card that is to join `nics` its slot. Edits `nic`. */
export function giveNicSlot(spec: GuestSpec, nic: GuestNic, nics: readonly GuestNic[]): void {
  nic.slot ??= firstFree(
    nics.filter((other) => other !== nic),
    MAX_NICS,
  );
  if (nic.slot === undefined) {
    throw new Error(`A guest takes ${MAX_NICS} network interfaces at most; ${spec.name} has more.`);
  }
}

function firstFree(taken: readonly { slot?: number }[], count: number): number | undefined {
  const slots = new Set(taken.map(({ slot }) => slot));
  return [...Array(count).keys()].find((slot) => !slots.has(slot));
}
