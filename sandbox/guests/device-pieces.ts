import { errorActions } from './block-errors';
import {
  ahciAddress,
  busOf,
  diskAddress,
  diskDevice,
  diskNode,
  nicAddress,
  nicBackend,
  nicDevice,
  SATA_PORTS,
  SCSI_ADDRESS,
  USB_ADDRESS,
  USB_PORTS,
} from './device-slots';
import type { GuestDisk, GuestNic, GuestSpec } from './hypervisor';

/** One part of a machine's devices, as QEMU takes it over QMP or, as JSON, on its command line. */
export interface Piece {
  add: 'blockdev' | 'device';
  properties: Record<string, unknown>;
}

/** What the drives can tell of a serial. */
const SERIAL_LENGTH = { virtio: 20, sata: 20, scsi: 36, usb: 36 } as const;
const PCI_BUS = 'pci.0';
/** libvirt's names of the cards, where QEMU has others. */
const CARDS: Readonly<Record<string, string>> = { virtio: 'virtio-net-pci' };

const device = (properties: Record<string, unknown>): Piece => ({ add: 'device', properties });

/**
 * What has to be there when the machine is made: QEMU plugs no drive into a running AHCI controller.
 * @param direct the images that the host's file system lets be read past its cache.
 */
export function coldPieces(spec: GuestSpec, direct: ReadonlySet<string>): Piece[] {
  const disks = spec.disks.filter((disk) => busOf(disk) === 'sata');
  const controllers = Math.ceil(Math.max(0, ...disks.map(({ slot = 0 }) => slot + 1)) / SATA_PORTS);
  const ahci = [...Array(controllers).keys()].map((index) =>
    device({
      driver: 'ich9-ahci',
      id: `ahci${index}`,
      bus: PCI_BUS,
      addr: ahciAddress(index),
      ...(controllers > 1 ? { multifunction: true } : {}),
    }),
  );
  return [...ahci, ...disks.flatMap((disk) => diskPieces(disk, direct.has(disk.path)))];
}

/** What can be plugged in before the machine runs, and while it does; but for the cards, which need their network. */
export function warmPieces(spec: GuestSpec, direct: ReadonlySet<string>): Piece[] {
  const disks = spec.disks.filter((disk) => busOf(disk) !== 'sata');
  return [
    ...(spec.controllers ?? []).flatMap((kind) => (kind === 'memory' ? [] : [controllerPiece(kind)])),
    ...disks.flatMap((disk) => diskPieces(disk, direct.has(disk.path))),
  ];
}

export function pieceArguments(pieces: readonly Piece[]): string[] {
  return pieces.flatMap(({ add, properties }) => [`-${add}`, JSON.stringify(properties)]);
}

export function controllerPiece(bus: 'scsi' | 'usb'): Piece {
  return bus === 'scsi'
    ? device({ driver: 'virtio-scsi-pci', id: 'scsi', bus: PCI_BUS, addr: SCSI_ADDRESS })
    : device({
        driver: 'qemu-xhci',
        id: 'usb',
        bus: PCI_BUS,
        addr: USB_ADDRESS,
        p2: USB_PORTS,
        p3: USB_PORTS,
      });
}

/** A disk that has its slot: the image, unless the drive is empty, and the device. */
export function diskPieces(disk: GuestDisk, direct: boolean): Piece[] {
  return [...(disk.path === '' ? [] : [imagePiece(disk, direct)]), device(diskProperties(disk))];
}

export function imagePiece(disk: GuestDisk, direct: boolean): Piece {
  const common = {
    'read-only': disk.readOnly,
    discard: 'unmap',
    ...(disk.cache === 'none' && direct ? { cache: { direct: true } } : {}),
  };
  return {
    add: 'blockdev',
    properties: {
      driver: disk.format ?? 'raw',
      'node-name': diskNode(disk),
      ...common,
      file: { driver: 'file', filename: disk.path, ...common },
    },
  };
}

function diskProperties(disk: GuestDisk): Record<string, unknown> {
  const { slot = 0, serial, bootOrder, cache, shareable } = disk;
  const cdrom = disk.device === 'cdrom';
  const common = {
    id: diskDevice(disk),
    ...(disk.path === '' ? {} : { drive: diskNode(disk) }),
    ...(serial === undefined ? {} : { serial: serial.slice(0, SERIAL_LENGTH[busOf(disk)]) }),
    ...(bootOrder === undefined ? {} : { bootindex: bootOrder }),
    ...(shareable ? { 'share-rw': true } : {}),
    ...(cdrom ? {} : { 'write-cache': cache === 'writethrough' ? 'off' : 'on', ...errorActions(disk) }),
  };
  switch (busOf(disk)) {
    case 'virtio':
      return { driver: 'virtio-blk-pci', bus: PCI_BUS, addr: diskAddress(disk), ...common };
    case 'scsi':
      return {
        driver: cdrom ? 'scsi-cd' : 'scsi-hd',
        bus: 'scsi.0',
        channel: 0,
        'scsi-id': 0,
        lun: slot,
        ...common,
      };
    case 'sata': {
      const bus = `ahci${Math.floor(slot / SATA_PORTS)}.${slot % SATA_PORTS}`;
      return { driver: cdrom ? 'ide-cd' : 'ide-hd', bus, ...common };
    }
    case 'usb':
      return { driver: 'usb-storage', bus: 'usb.0', port: String(slot + 1), removable: cdrom, ...common };
  }
}

/** A network card that has its slot; what it is connected to is there already. */
export function nicPiece(nic: GuestNic): Piece {
  const { model = 'virtio', bootOrder } = nic;
  return device({
    driver: CARDS[model] ?? model,
    id: nicDevice(nic),
    netdev: nicBackend(nic),
    mac: nic.mac,
    bus: PCI_BUS,
    addr: nicAddress(nic),
    ...(bootOrder === undefined ? {} : { bootindex: bootOrder }),
  });
}
