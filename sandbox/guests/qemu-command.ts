import path from 'node:path';
import { type Piece, pieceArguments } from './device-pieces';

export const QEMU = 'qemu-system-x86_64';
export type Accelerator = 'tcg' | 'kvm';

/** The unix sockets and files of one QEMU process, all in its own directory. */
export interface MachineFiles {
  qmp: string;
  vnc: string;
  serial: string;
  serialLog: string;
  agent: string;
  config: string;
  errors: string;
  record: string;
}

export function machineFiles(directory: string): MachineFiles {
  const file = (name: string) => path.join(directory, name);
  return {
    qmp: file('qmp'),
    vnc: file('vnc'),
    serial: file('ser'),
    serialLog: file('serial.log'),
    agent: file('qga'),
    config: file('cfg'),
    errors: file('stderr.log'),
    record: file('process.json'),
  };
}

export interface MachineSize {
  memoryMiB: number;
  vcpus: number;
  /** What it can grow to while it runs. */
  maxMemoryMiB?: number;
  maxVcpus?: number;
}

export interface MachineShape extends MachineSize {
  accelerator: Accelerator;
  kernel: string;
  initrd: string;
}

/** Of a machine that starts what its disks hold. */
export interface FirmwareParts {
  /** QEMU's machine and its properties. */
  machine: string;
  /** What makes the bus that devices are plugged into, where the machine has none of that kind. */
  bridge: readonly string[];
  /** Firmware, its variables, TPM. */
  arguments: readonly string[];
}

/** A machine of which there is no template: it boots each time. */
export interface FirmwareShape extends Omit<MachineShape, 'kernel' | 'initrd'> {
  firmware: FirmwareParts;
}

export interface MachineRun {
  /** Part of the command line, so that a process can be told from one that got the same pid later. */
  id: string;
  directory: string;
  firmwareUuid: string;
  /** A file for the memory: shared when a template is made (it becomes the template), private for its copies. */
  memory: { file: string; share: boolean } | 'anonymous';
  /** Waits for a saved state to be loaded instead of booting. */
  incoming: boolean;
  /** Devices that have to be there from the first: see `coldPieces`. */
  devices?: readonly Piece[];
}

/**
 * Memory that comes later is used at once, for what can leave it again. A machine that can grow may have memory that
 * old devices cannot reach, for which Linux sets 64 MiB aside: 8 are plenty here.
 */
const KERNEL_ARGUMENTS =
  'console=tty0 console=ttyS0 video=1024x768 mitigations=off memhp_default_state=online_movable swiotlb=4096';
/** Translated code of an emulated CPU, MiB per guest. The default takes hundreds; 16 hold what an idle Linux needs. */
const TRANSLATION_CACHE_MIB = 16;
/** Firmware and whole distributions run through more code than that. */
const LARGE_TRANSLATION_CACHE_MIB = 64;

/** PCI slots are given by hand: a saved state, and a migration, need the same device at the same place. */
const SERIAL_BUS_SLOT = 3;
const BALLOON_SLOT = 4;
const RANDOM_SLOT = 5;

const slot = (number: number) => `0x${number.toString(16)}`;

function accelerator(shape: MachineShape | FirmwareShape): string[] {
  const { vcpus, maxVcpus = vcpus } = shape;
  if (shape.accelerator === 'kvm') return ['-accel', 'kvm', '-cpu', 'host'];
  // QEMU 7.2 ends when a CPU with a thread of its own comes after the others have filled the cache (tcg/region.c).
  const threads = maxVcpus > vcpus ? ',thread=single' : '';
  // Newer distributions refuse a processor that has only what all have.
  return 'firmware' in shape
    ? ['-accel', `tcg,tb-size=${LARGE_TRANSLATION_CACHE_MIB}${threads}`, '-cpu', 'max']
    : ['-accel', `tcg,tb-size=${TRANSLATION_CACHE_MIB}${threads}`, '-cpu', 'qemu64'];
}

/** Below this a guest is not made to grow: KubeVirt gives none more memory either, and Linux would not even boot. */
const LEAST_GROWING_MIB = 1024;
/** Each possible CPU costs the guest memory, and time at its boot. */
const MOST_VCPUS = 32;

/** How a machine of `memoryMiB` is made for what its spec may become. */
export function machineSize(
  { vcpus, maxVcpus = vcpus, maxMemoryMiB = 0 }: Omit<MachineSize, 'memoryMiB'>,
  memoryMiB: number,
): MachineSize {
  const most = Math.max(vcpus, Math.min(maxVcpus, MOST_VCPUS));
  const grows = memoryMiB >= LEAST_GROWING_MIB && maxMemoryMiB > memoryMiB;
  return {
    memoryMiB,
    vcpus,
    ...(most > vcpus ? { maxVcpus: most } : {}),
    ...(grows ? { maxMemoryMiB } : {}),
  };
}

function processors({ vcpus, maxVcpus = vcpus }: MachineSize): string {
  return maxVcpus > vcpus
    ? `${vcpus},maxcpus=${maxVcpus},sockets=${maxVcpus},cores=1,threads=1`
    : String(vcpus);
}

function size({ memoryMiB, maxMemoryMiB = memoryMiB }: MachineSize): string {
  return maxMemoryMiB > memoryMiB ? `${memoryMiB},maxmem=${maxMemoryMiB}M` : String(memoryMiB);
}

function memory({ memoryMiB }: Pick<MachineShape, 'memoryMiB'>, { memory }: MachineRun): string[] {
  // Without reservation: a guest's size is a promise to the guest, paid only as far as it uses it.
  const common = `id=ram,size=${memoryMiB}M,reserve=off`;
  return memory === 'anonymous'
    ? ['-object', `memory-backend-ram,${common}`]
    : [
        '-object',
        `memory-backend-file,${common},mem-path=${memory.file},share=${memory.share ? 'on' : 'off'}`,
      ];
}

/**
 * QEMU's arguments for one machine. Most disks and network cards are not among them: they are plugged in before the
 * machine runs, because copies of one template differ in them.
 *
 * The balloon device is there for its statistics only. It must never be inflated, and free-page reporting must stay
 * off: QEMU 7.2 would punch holes into the template's memory file, although the copy maps it privately.
 */
export function machineArguments(shape: MachineShape | FirmwareShape, run: MachineRun): string[] {
  const files = machineFiles(run.directory);
  const socket = (id: string, file: string, more = '') => [
    '-chardev',
    `socket,id=${id},path=${file},server=on,wait=off${more}`,
  ];
  const firmware = 'firmware' in shape ? shape.firmware : undefined;
  // Our own Linux hears by it who it is; nobody else listens there.
  const gate = ['-device', 'virtserialport,id=config,chardev=cfg0,name=portlight.config.0,nr=2'];
  return [
    ...['-name', `portlight-${run.id}`, '-uuid', run.firmwareUuid],
    ...['-display', 'none', '-nodefaults', '-no-user-config', '-S'],
    ...['-M', `${firmware?.machine ?? 'pc,hpet=off'},memory-backend=ram`],
    ...accelerator(shape),
    ...['-smp', processors(shape), '-m', size(shape)],
    ...memory(shape, run),
    ...(firmware?.bridge ?? []),
    ...['-vga', 'std', '-vnc', `unix:${files.vnc},share=ignore`],
    ...socket('ser0', files.serial, `,logfile=${files.serialLog},logappend=on`),
    ...['-serial', 'chardev:ser0'],
    ...['-device', `virtio-serial-pci,id=vser,bus=pci.0,addr=${slot(SERIAL_BUS_SLOT)}`],
    ...socket('qga0', files.agent),
    ...['-device', 'virtserialport,id=agent,chardev=qga0,name=org.qemu.guest_agent.0,nr=1'],
    ...socket('cfg0', files.config),
    ...(firmware ? [] : gate),
    ...['-device', `virtio-balloon-pci,id=balloon,bus=pci.0,addr=${slot(BALLOON_SLOT)}`],
    ...['-object', 'rng-random,id=rng,filename=/dev/urandom'],
    ...['-device', `virtio-rng-pci,id=random,rng=rng,bus=pci.0,addr=${slot(RANDOM_SLOT)}`],
    // A new generation id tells the kernel that it was copied: it draws new random numbers at once.
    ...['-device', 'vmgenid,id=generation,guid=auto'],
    ...['-qmp', `unix:${files.qmp},server=on,wait=off`],
    ...('firmware' in shape
      ? shape.firmware.arguments
      : ['-kernel', shape.kernel, '-initrd', shape.initrd, '-append', KERNEL_ARGUMENTS]),
    ...pieceArguments(run.devices ?? []),
    ...(run.incoming ? ['-incoming', 'defer'] : []),
  ];
}
