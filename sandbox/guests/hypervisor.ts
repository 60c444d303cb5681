import type { Duplex } from 'node:stream';
import type { CopyOptions } from './block-copy';
import type { GuestStats } from './guest-stats';
import type { Lease } from './segments/dhcp';

/** Why no guest can run here, or how guests run. Shown to users: whole sentences. */
export type Availability =
  | { available: true; accelerator: 'tcg' | 'kvm'; version: string }
  | { available: false; reason: string };

export interface GuestDisk {
  /** The volume's name in the VM's spec. */
  name: string;
  /** Host path of a raw image; `root` disks carry the built-in Linux's /home, others are what they are. */
  path: string;
  role: 'root' | 'data' | 'seed';
  readOnly: boolean;
  /** What the guest sees it as; a disk unless it says otherwise. A drive without a medium has an empty path. */
  device?: 'disk' | 'cdrom' | 'lun';
  /** virtio unless it says otherwise. */
  bus?: 'virtio' | 'sata' | 'scsi' | 'usb';
  serial?: string;
  /** From 1; devices without it come after those with it. */
  bootOrder?: number;
  cache?: 'none' | 'writethrough' | 'writeback';
  /** Several machines may have it open. */
  shareable?: boolean;
  /** What happens when the image cannot be read or written; the machine stops unless it says otherwise. */
  errorPolicy?: 'stop' | 'ignore' | 'report' | 'enospace';
  /** raw unless it says otherwise. */
  format?: 'raw' | 'qcow2';
  /** Where it is plugged: given once, and kept when the machine is taken over or moves. */
  slot?: number;
}

export interface GuestNic {
  name: string;
  /** aa:bb:cc:dd:ee:ff, lower case. */
  mac: string;
  /** The pod's address, by which the cluster knows the card; distinct per VM. Empty in a segment. */
  address: string;
  /** The address that the cluster knows it by, where that is another: of the pod that a machine has moved into. */
  seenAs?: string;
  /** The layer-2 network that it is part of, by a name that its other guests share; without it the pod network. */
  segment?: string;
  /**
   * What it is told when it asks by DHCP. Without it: on the pod network the pod's address, in a segment nothing, unless
   * by another guest.
   */
  lease?: Lease;
  /** The card's model as libvirt names it; virtio unless it says otherwise. */
  model?: string;
  /** Whether the cable is in; up unless it says otherwise. */
  link?: 'up' | 'down';
  bootOrder?: number;
  /** Where it is plugged: given once, and kept when the machine is taken over or moves. */
  slot?: number;
}

/** What a machine boots: our own small Linux, or what its disks hold. */
export type GuestBoot =
  | { kind: 'built-in' }
  | {
      kind: 'disk';
      firmware: 'bios' | 'efi';
      secureBoot: boolean;
      /** Host path of the EFI variables that outlast the machine; without it they are its own and end with it. */
      nvram?: string;
      /** Host directory of the TPM's state; without it the machine has no TPM. */
      tpm?: string;
    };

export interface GuestSpec {
  /** The VMI's uid: names the process and its directory. */
  id: string;
  name: string;
  memoryMiB: number;
  vcpus: number;
  /** What it can grow to while it runs; without it, not at all. */
  maxMemoryMiB?: number;
  maxVcpus?: number;
  firmwareUuid: string;
  /** The built-in system unless it says otherwise. */
  boot?: GuestBoot;
  /** Names the QEMU process and its directory where that is not the id: a machine that has moved. */
  machine?: string;
  /** The move by which it came into that process. */
  move?: string;
  /** What the machine got a controller for, and keeps: buses whose last disk may have left, and memory that it grew by. */
  controllers?: ('scsi' | 'usb' | 'memory')[];
  /** In the order of the spec: the guest sees vda, vdb, … */
  disks: GuestDisk[];
  nics: GuestNic[];
  startPaused: boolean;
}

/** How a guest ended: `shutdown` is its own doing (or the power button's), `killed` ours, `crash` anybody else's. */
export type GuestExit = { reason: 'shutdown' | 'killed' | 'crash'; detail: string };

/** Why a machine stands still: the image of a disk (by its name, where known) could not be read or written. */
export interface GuestIoError {
  disk?: string;
  noSpace: boolean;
  /** The system's words. */
  reason: string;
}

export interface GuestEvents {
  exit: [GuestExit];
  /** The guest agent's channel opened (true) or closed (false). */
  agent: [boolean];
  /** The guest was reset, by itself or by us. */
  reset: [];
  /** The machine stopped because of an image; `resume` lets it try again. */
  ioError: [GuestIoError];
}

/** The guest agent's answers, already in KubeVirt's shapes (guestosinfo, userlist, filesystemlist, vmi.status.interfaces). */
export interface GuestAgentFacts {
  agentVersion: string;
  supportedCommands: { name: string; enabled: boolean }[];
  hostname: string;
  timezone: string;
  os: {
    name?: string;
    kernelRelease?: string;
    version?: string;
    prettyName?: string;
    versionId?: string;
    kernelVersion?: string;
    machine?: string;
    id?: string;
  };
  users: { userName: string; domain?: string; loginTime: number }[];
  filesystems: {
    diskName: string;
    mountPoint: string;
    fileSystemType: string;
    usedBytes: number;
    totalBytes: number;
    disk: { serial?: string; busType: string }[];
  }[];
  interfaces: { interfaceName: string; mac: string; ipAddresses: string[] }[];
}

/** One running virtual machine: a QEMU process, or the mere state of one where QEMU is missing. */
export interface Guest {
  readonly spec: GuestSpec;
  readonly pid: number | undefined;
  readonly agentConnected: boolean;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** A cold reset of the machine; the process stays. */
  reset(): Promise<void>;
  /** A reboot asked of the guest: through the agent, else the ACPI power button cannot help and Ctrl+Alt+Del is sent. */
  softReboot(): Promise<void>;
  /** Presses the ACPI power button and kills after `graceSeconds`. Resolves when the process has gone. */
  shutdown(graceSeconds: number): Promise<GuestExit>;
  kill(): Promise<GuestExit>;
  /** Has the agent freeze the file systems. @throws what the agent says. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Has the agent replace the public keys that let `user` in. @throws what the agent says. */
  authorizeKeys(user: string, keys: readonly string[]): Promise<void>;
  setPassword(user: string, password: string): Promise<void>;
  /** Adds a disk while the guest runs; `spec` has it from then on. @throws when the machine has no slot left. */
  plugDisk(disk: GuestDisk): Promise<void>;
  /** Takes a disk out again, which the guest has to let happen; `spec` has it no more. */
  unplugDisk(name: string): Promise<void>;
  /** Makes a disk's image `bytes` long, and the guest sees it at once. */
  resizeDisk(name: string, bytes: number): Promise<void>;
  /**
   * Moves a disk to another image while the guest writes: `file`, made if need be, has it all in the end, and `spec`
   * names it. @throws when it was given up or cannot be written: the guest stays where it was.
   */
  mirrorDisk(name: string, file: string, options?: CopyOptions): Promise<void>;
  /** Copies a disk to `file` as it is at one moment, while the guest runs. */
  copyDisk(name: string, file: string, options?: CopyOptions): Promise<void>;
  /** Takes the medium out of a CD-ROM drive, which stays. @throws while the guest holds the tray. */
  ejectDisk(name: string): Promise<void>;
  /** Puts the image of `medium` into the CD-ROM drive of its name. */
  insertDisk(medium: GuestDisk): Promise<void>;
  plugNic(nic: GuestNic): Promise<void>;
  unplugNic(name: string): Promise<void>;
  /** Puts a card's cable in, or pulls it. */
  setLink(name: string, link: 'up' | 'down'): Promise<void>;
  /** Gives it more vCPUs, up to `maxVcpus`, and has the agent bring them online. */
  setVcpus(vcpus: number): Promise<void>;
  /** Gives it more memory, up to `maxMemoryMiB`, or takes some of that back. @throws when the guest does not take it. */
  setMemory(memoryMiB: number): Promise<void>;
  /** Writes the guest's memory into a file, during which the guest stands still: an ELF core, as `crash` reads it. */
  dumpMemory(file: string): Promise<void>;
  /** A PNG of the screen. */
  screenshot(): Promise<Buffer>;
  /** A raw RFB stream to the guest's screen. Several may be open. */
  openVnc(): Promise<Duplex>;
  /**
   * The serial line, fanned out: every reader gets what the guest prints from now on, and first the scroll-back
   * (at most 64 KiB) when `history` is asked for. Slow readers are dropped rather than buffered without end; the
   * stream ends when the guest does.
   * @throws the reason where machines are only their state.
   */
  openSerial(options: { history: boolean }): Duplex;
  /**
   * A stream to a port of the guest's card on the pod network; a chunk of UDP is a datagram.
   * @throws DialError saying `connection refused` and the like.
   */
  openPort(protocol: 'tcp' | 'udp', port: number): Promise<Duplex>;
  /** @throws when the agent is not connected or does not answer within 5 s. */
  agentFacts(): Promise<GuestAgentFacts>;
  /**
   * What it has taken and done so far, asked for at the moment and never in between: an idle guest is left alone.
   * Undefined for machines that are only their state. @throws when QEMU does not answer.
   */
  stats(): Promise<GuestStats | undefined>;
  on<E extends keyof GuestEvents>(event: E, listener: (...args: GuestEvents[E]) => void): this;
  off<E extends keyof GuestEvents>(event: E, listener: (...args: GuestEvents[E]) => void): this;
}

export interface CloudInitSeed {
  instanceId: string;
  hostname: string;
  userData: string;
  networkData?: string;
  /** For the default user, through the meta-data. */
  publicKeys?: readonly string[];
  /** The account that the image's own cloud-init configuration names: `fedora`, `ubuntu`, … Without it: `cloud`. */
  defaultUser?: string;
}

export interface Hypervisor {
  availability(): Availability;
  /** Starts a guest from the template for its size, making the template first when there is none. Queues: two at a time. */
  start(spec: GuestSpec, onProgress?: (sentence: string) => void): Promise<Guest>;
  /** Takes over a guest that outlived an unclean end of the sandbox; undefined when there is none. */
  adopt(spec: GuestSpec): Promise<Guest | undefined>;
  /**
   * The guest of an instance that runs without ever having been started here: only generated clusters have those.
   * `hasAgent` says whether an agent answers in it.
   */
  standing?(spec: GuestSpec, hasAgent: boolean): Guest;
  /** Makes the root image for a container disk: an own copy for this VM, gone with it. Returns the host path. */
  makeRootDisk(id: string, volume: string): Promise<string>;
  /** Makes a private image over a disk that is never written, for this VM and gone with it. Returns the host path. */
  makeOverlay(id: string, volume: string, base: { path: string; format: 'raw' | 'qcow2' }): Promise<string>;
  /** Writes the NoCloud image with the given user data. Returns the host path. */
  makeSeedDisk(id: string, volume: string, seed: CloudInitSeed): Promise<string>;
  /** Writes an image with a volume's files, as secrets and config maps reach a guest. Returns the host path. */
  makeFilesDisk(
    id: string,
    volume: string,
    label: string,
    files: ReadonlyMap<string, Buffer>,
  ): Promise<string>;
  /** An empty raw image of `bytes`, sparse, kept until `removeDisk`. An existing one is left as it is. */
  makeDataDisk(path: string, bytes: number): Promise<string>;
  /** Forgets everything a VM's instance owned (sockets, logs, ephemeral disks). */
  discard(id: string): Promise<void>;
  /** Ends guests of the directory that nobody adopted, then all others: nothing outlives the sandbox. */
  close(): Promise<void>;
}
