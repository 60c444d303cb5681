import { lstatSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chooseAccelerator } from './accelerator';
import { type Artefacts, ensureArtefacts } from './artefacts';
import { seedFiles } from './cloud-init';
import { coldPieces } from './device-pieces';
import { giveSlots, nicBackend } from './device-slots';
import { directImages, plugDevices } from './devices';
import { type DiskBoot, diskBoot } from './firmware';
import { startFirmwareMachine, tellFirmware } from './firmware-machine';
import { IncomingMachine } from './guest-move';
import type { Availability, CloudInitSeed, Guest, GuestSpec } from './hypervisor';
import { InstanceFiles, makeSparseFile, safeName } from './instance-files';
import { endInterruptedCopies } from './interrupted-copy';
import { awaitMemory, endInterruptedMove } from './interrupted-move';
import { writeIso } from './iso9660';
import { endRecordedMachine, Machine } from './machine';
import type { IncomingGuest, MovingHypervisor } from './migration';
import type { GuestPackages } from './packages';
import { type Accelerator, machineSize } from './qemu-command';
import { QemuGuest } from './qemu-guest';
import { isNameOf, machineNames, movedName, runDirectoryFor } from './run-directory';
import { MachineNetwork } from './segments/machine-network';
import { Segments } from './segments/segments';
import { Slots } from './slots';
import { type Template, TemplateStore } from './templates';

const STARTS_AT_ONCE = 2;
/** A started guest has so long to come up before the next one starts anyway. */
const SETTLING_MS = 10_000;
/** Below this the kernel and its initramfs don't fit into the memory. */
export const LEAST_MEMORY_MIB = 128;
/** Guests of an earlier sandbox that nobody has adopted by then belong to objects that are gone. */
const ADOPTION_MS = 60_000;

interface Options {
  /** The sandbox's state: disks and sockets of its guests. */
  directory: string;
  cacheDirectory: string;
  projectRoot: string;
  log: (line: string) => void;
}

interface Prepared {
  artefacts: Artefacts;
  templates: TemplateStore;
  /** Known at once, or after some seconds where KVM has to be tried first. */
  accelerator: Promise<Accelerator>;
}

/** Runs each guest as a QEMU process: a private copy of a machine that was saved when it had booted. */
export class QemuHypervisor implements MovingHypervisor {
  readonly #options: Options;
  readonly #packages: GuestPackages;
  readonly #version: string;
  readonly #runDirectory: string;
  readonly #instances: InstanceFiles;
  readonly #segments: Segments;
  readonly #slots = new Slots(STARTS_AT_ONCE);
  readonly #guests = new Map<string, QemuGuest>();
  #prepared: Promise<Prepared> | undefined;
  #accelerator: Accelerator = 'tcg';
  readonly #starting = new Set<Promise<unknown>>();
  /** The machines that wait for a guest. */
  readonly #arriving = new Set<string>();
  readonly #closing = new AbortController();
  readonly #leftoverTimer: NodeJS.Timeout;

  constructor(options: Options, packages: GuestPackages, version: string) {
    this.#options = options;
    this.#packages = packages;
    this.#version = version;
    this.#runDirectory = runDirectoryFor(options.directory);
    this.#segments = new Segments(options.directory);
    this.#instances = new InstanceFiles(path.join(options.directory, 'instances'));
    const earlier = machineNames(this.#runDirectory);
    this.#leftoverTimer = setTimeout(() => void this.#endUnadopted(earlier), ADOPTION_MS);
    this.#leftoverTimer.unref();
  }

  availability(): Availability {
    return { available: true, accelerator: this.#accelerator, version: this.#version };
  }

  /** Builds what guests boot from, ahead of the first start. @throws what makes guests impossible here. */
  async prepare(): Promise<void> {
    const { accelerator } = await this.#ready();
    await accelerator;
  }

  async start(spec: GuestSpec, onProgress: (sentence: string) => void = () => {}): Promise<Guest> {
    giveSlots(spec);
    const turn = new Promise<QemuGuest>((resolve, reject) => {
      void this.#slots.run(async () => {
        try {
          const guest = await this.#start(spec, onProgress);
          resolve(guest);
          // The next ones wait until this one is up: all at once would all be slow.
          if (!spec.startPaused) await guest.up(SETTLING_MS, this.#closing.signal);
        } catch (error) {
          reject(error);
        }
      });
    });
    this.#starting.add(turn);
    return turn.finally(() => this.#starting.delete(turn));
  }

  async adopt(spec: GuestSpec): Promise<Guest | undefined> {
    const known = this.#guests.get(spec.id);
    if (known) return known;
    giveSlots(spec);
    const name = spec.machine ?? spec.id;
    const machine = await Machine.adopt(name, this.#directoryOf(name));
    if (machine) await awaitMemory(machine);
    await this.#endLeftovers(spec.id, machine?.id);
    if (!machine) return undefined;
    try {
      await endInterruptedMove(machine, spec);
      await endInterruptedCopies(machine.qmp, spec);
      const network = new MachineNetwork(machine, this.#segments);
      await network.adopt(spec.nics, nicBackend);
      const guest = await QemuGuest.attach(spec, machine, network);
      this.#keep(guest);
      return guest;
    } catch {
      await machine.kill();
      return undefined;
    }
  }

  async receive(guest: Guest, move: string): Promise<IncomingGuest> {
    const source = this.#guests.get(guest.spec.id);
    if (!source || source !== guest) throw new Error('The guest has ended.');
    // Its state is locked by the program beside the process that it belongs to.
    if (diskBoot(source.spec)?.tpm)
      throw new Error('A machine with a TPM cannot move to another process here.');
    const name = safeName(movedName(guest.spec.id, move));
    this.#arriving.add(name);
    try {
      this.#mustBeOpen();
      const incoming = await IncomingMachine.start(source, move, {
        network: (machine) => new MachineNetwork(machine, this.#segments),
        keep: (moved) => this.#keep(moved),
      });
      void incoming.machine.gone.then(() => this.#arriving.delete(name));
      return incoming;
    } catch (error) {
      this.#arriving.delete(name);
      throw error;
    }
  }

  async makeRootDisk(id: string, volume: string): Promise<string> {
    const { artefacts } = await this.#ready();
    return this.#instances.copyOf(artefacts.rootImage, id, volume);
  }

  makeOverlay(id: string, volume: string, base: { path: string; format: 'raw' | 'qcow2' }): Promise<string> {
    return this.#instances.overlayOf(base, id, volume);
  }

  async makeSeedDisk(id: string, volume: string, seed: CloudInitSeed): Promise<string> {
    const file = await this.#instances.path(id, `${volume}.iso`);
    await writeFile(file, writeIso('cidata', seedFiles(seed)), { mode: 0o600 });
    return file;
  }

  async makeFilesDisk(
    id: string,
    volume: string,
    label: string,
    files: ReadonlyMap<string, Buffer>,
  ): Promise<string> {
    const file = await this.#instances.path(id, `${volume}.iso`);
    await writeFile(file, writeIso(label, files), { mode: 0o600 });
    return file;
  }

  makeDataDisk(file: string, bytes: number): Promise<string> {
    return makeSparseFile(file, bytes);
  }

  async discard(id: string): Promise<void> {
    await this.#guests.get(id)?.kill();
    await this.#endLeftovers(id);
    for (const name of this.#namesOf(id)) await rm(this.#directoryOf(name), { recursive: true, force: true });
    await this.#instances.discard(id);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#leftoverTimer);
    this.#arriving.clear();
    await Promise.all([...this.#guests.values()].map((guest) => guest.kill()));
    // What is under way (a template, the trial of KVM) fails when its machine ends.
    await this.#endUnadopted(machineNames(this.#runDirectory));
    const preparing = this.#prepared?.then(({ accelerator }) => accelerator);
    await Promise.allSettled([...this.#starting, preparing]);
    await this.#endUnadopted(machineNames(this.#runDirectory));
    await this.#segments.close();
    await rm(this.#runDirectory, { recursive: true, force: true });
  }

  async #start(spec: GuestSpec, onProgress: (sentence: string) => void): Promise<QemuGuest> {
    this.#mustBeOpen();
    await this.#endLeftovers(spec.id);
    const prepared = await this.#ready();
    const boot = diskBoot(spec);
    const machine = boot
      ? await this.#firmwareMachine(spec, boot, await prepared.accelerator)
      : await this.#machine(spec, prepared, onProgress);
    try {
      const network = new MachineNetwork(machine, this.#segments);
      await plugDevices(machine.qmp, spec, network);
      if (boot) await tellFirmware(machine.qmp);
      const guest = await QemuGuest.attach(spec, machine, network);
      if (!spec.startPaused) await machine.qmp.execute('cont');
      await machine.complete();
      this.#mustBeOpen();
      this.#keep(guest);
      return guest;
    } catch (error) {
      await machine.kill();
      throw error;
    }
  }

  #mustBeOpen(): void {
    if (this.#closing.signal.aborted) throw new Error('The sandbox is ending: no guest starts any more.');
  }

  #ready(): Promise<Prepared> {
    this.#prepared ??= this.#prepare();
    // What failed once (a full disk, a missing package) may be well at the next start.
    this.#prepared.catch(() => {
      this.#prepared = undefined;
    });
    return this.#prepared;
  }

  async #prepare(): Promise<Prepared> {
    const { cacheDirectory, projectRoot, log } = this.#options;
    this.#makeRunDirectory(await mkdir(this.#runDirectory, { recursive: true, mode: 0o700 }));
    const artefacts = await ensureArtefacts({
      packages: this.#packages,
      rootfsDirectory: path.join(projectRoot, 'sandbox/guests/rootfs'),
      cacheDirectory,
      log,
    });
    const common = { runDirectory: this.#runDirectory, artefacts, qemuVersion: this.#version };
    const accelerator = chooseAccelerator({ ...common, cacheDirectory, log, signal: this.#closing.signal });
    accelerator.then(
      (chosen) => {
        this.#accelerator = chosen;
      },
      () => {},
    );
    const templates = new TemplateStore({ ...common, directory: path.join(cacheDirectory, 'templates') });
    return { artefacts, accelerator, templates };
  }

  /** The temporary directory is everybody's: a directory that somebody else made there would be theirs to read. */
  #makeRunDirectory(created: string | undefined): void {
    if (created === undefined && lstatSync(this.#runDirectory).uid !== process.getuid?.()) {
      throw new Error(`${this.#runDirectory} belongs to somebody else.`);
    }
  }

  #directoryOf(id: string): string {
    return path.join(this.#runDirectory, safeName(id));
  }

  #keep(guest: QemuGuest): void {
    const { id } = guest.spec;
    this.#guests.set(id, guest);
    guest.on('exit', () => {
      if (this.#guests.get(id) === guest) this.#guests.delete(id);
    });
  }

  /** A stopped machine ready for its devices, which will boot what they hold. */
  async #firmwareMachine(spec: GuestSpec, boot: DiskBoot, accelerator: Accelerator): Promise<Machine> {
    const { cacheDirectory } = this.#options;
    const id = spec.machine ?? spec.id;
    const variables = await this.#instances.path(spec.id, 'nvram.fd');
    const run = { id, directory: this.#directoryOf(id), accelerator, variables };
    return startFirmwareMachine(spec, boot, { cacheDirectory }, run);
  }

  /** A stopped machine ready for its devices: a copy of the template, or a machine yet to boot when that fails. */
  async #machine(
    spec: GuestSpec,
    { templates, accelerator }: Prepared,
    onProgress: (sentence: string) => void,
  ): Promise<Machine> {
    const memoryMiB = Math.max(LEAST_MEMORY_MIB, Math.floor(spec.memoryMiB));
    if (memoryMiB > spec.memoryMiB) onProgress(`The guest gets ${memoryMiB} MiB: its system needs as much.`);
    const size = machineSize(spec, memoryMiB);
    const announce = () => {
      const cpus = size.vcpus === 1 ? '1 CPU' : `${size.vcpus} CPUs`;
      onProgress(
        `Booting the first guest with ${size.memoryMiB} MiB and ${cpus}: the next ones start from it.`,
      );
    };
    // While KVM is being tried, the template for emulation, the likelier one then, is made beside it.
    const undecided = (await Promise.race([accelerator, undefined])) === undefined;
    if (undecided) await templates.ensure(templates.shape(size, 'tcg'), announce).catch(() => {});
    const shape = templates.shape(size, await accelerator);
    const name = spec.machine ?? spec.id;
    const devices = coldPieces(spec, await directImages(spec.disks));
    const run = { id: name, directory: this.#directoryOf(name), firmwareUuid: spec.firmwareUuid, devices };
    let template: Template | undefined;
    try {
      template = await templates.ensure(shape, announce);
      const memory = { file: template.memory, share: false };
      const machine = await Machine.start(shape, { ...run, memory, incoming: true }, template);
      try {
        await machine.load(template.state);
        return machine;
      } catch (error) {
        await machine.kill();
        throw error;
      }
    } catch (error) {
      this.#mustBeOpen();
      this.#options.log(`A guest boots afresh, because its template failed: ${String(error)}`);
      if (template) await templates.forget(template);
      return Machine.start(shape, { ...run, memory: 'anonymous', incoming: false });
    }
  }

  /** The machines that a guest has or had: more than one where a move was cut off. */
  #namesOf(id: string): string[] {
    return machineNames(this.#runDirectory).filter((name) => isNameOf(id, name));
  }

  /** Ends all machines of a guest but `survivor`. */
  async #endLeftovers(id: string, survivor?: string): Promise<void> {
    const others = this.#namesOf(id).filter((name) => name !== survivor);
    await Promise.all(others.map((name) => endRecordedMachine(this.#directoryOf(name))));
  }

  async #endLeftover(name: string): Promise<void> {
    const held =
      this.#arriving.has(name) || [...this.#guests.values()].some(({ machine }) => machine.id === name);
    if (!held) await endRecordedMachine(path.join(this.#runDirectory, name));
  }

  async #endUnadopted(names: string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#endLeftover(name)));
  }
}
