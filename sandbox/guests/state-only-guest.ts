import { EventEmitter } from 'node:events';
import { access, open } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { copySparse } from './block-copy';
import type {
  Guest,
  GuestAgentFacts,
  GuestDisk,
  GuestEvents,
  GuestExit,
  GuestNic,
  GuestSpec,
} from './hypervisor';
import { DialError } from './port-dialer';

const SHUTDOWN_MS = 400;

/** The state of a machine without the machine. Everything that would need one is refused with the reason. */
export class StateOnlyGuest implements Guest {
  readonly #events = new EventEmitter<GuestEvents>();
  readonly #reason: string;
  #exit: GuestExit | undefined;
  readonly pid = undefined;

  constructor(
    readonly spec: GuestSpec,
    reason: string,
  ) {
    this.#reason = reason;
  }

  get agentConnected(): boolean {
    return false;
  }

  async pause(): Promise<void> {}

  async resume(): Promise<void> {}

  async reset(): Promise<void> {
    this.#events.emit('reset');
  }

  async softReboot(): Promise<void> {
    this.#events.emit('reset');
  }

  async shutdown(graceSeconds: number): Promise<GuestExit> {
    await delay(Math.min(SHUTDOWN_MS, graceSeconds * 1000));
    return this.#end({ reason: 'shutdown', detail: 'The guest shut itself down.' });
  }

  async kill(): Promise<GuestExit> {
    return this.#end({ reason: 'killed', detail: 'The machine was switched off.' });
  }

  async freeze(): Promise<void> {
    this.#needAgent();
  }

  async thaw(): Promise<void> {
    this.#needAgent();
  }

  async authorizeKeys(): Promise<void> {
    this.#needAgent();
  }

  async setPassword(): Promise<void> {
    this.#needAgent();
  }

  async plugDisk(disk: GuestDisk): Promise<void> {
    this.spec.disks.push(disk);
  }

  async unplugDisk(name: string): Promise<void> {
    this.spec.disks = this.spec.disks.filter((disk) => disk.name !== name);
  }

  /** The image is as long as whoever wants it longer has made it. */
  async resizeDisk(): Promise<void> {}

  async mirrorDisk(name: string, file: string): Promise<void> {
    const disk = this.spec.disks.find((candidate) => candidate.name === name);
    if (!disk) throw new Error(`${this.spec.name} has no disk ${name}`);
    await this.copyDisk(name, file);
    disk.path = file;
  }

  /** Nobody writes it meanwhile. */
  async copyDisk(name: string, file: string): Promise<void> {
    const disk = this.spec.disks.find((candidate) => candidate.name === name);
    if (
      disk?.path &&
      (await access(disk.path).then(
        () => true,
        () => false,
      ))
    )
      await copySparse(disk.path, file);
  }

  async ejectDisk(name: string): Promise<void> {
    for (const disk of this.spec.disks) if (disk.name === name) disk.path = '';
  }

  async insertDisk({ name, path, format = 'raw' }: GuestDisk): Promise<void> {
    for (const disk of this.spec.disks) if (disk.name === name) Object.assign(disk, { path, format });
  }

  async plugNic(nic: GuestNic): Promise<void> {
    this.spec.nics.push(nic);
  }

  async unplugNic(name: string): Promise<void> {
    this.spec.nics = this.spec.nics.filter((nic) => nic.name !== name);
  }

  async setLink(name: string, link: 'up' | 'down'): Promise<void> {
    for (const nic of this.spec.nics) if (nic.name === name) nic.link = link;
  }

  async setVcpus(vcpus: number): Promise<void> {
    this.spec.vcpus = vcpus;
  }

  async setMemory(memoryMiB: number): Promise<void> {
    this.spec.memoryMiB = memoryMiB;
  }

  /** Nothing ever ran in this memory: all of it is zero. */
  async dumpMemory(file: string): Promise<void> {
    const handle = await open(file, 'w');
    try {
      await handle.truncate(this.spec.memoryMiB * 1024 * 1024);
    } finally {
      await handle.close();
    }
  }

  async screenshot(): Promise<Buffer> {
    throw new Error(this.#reason);
  }

  async openVnc(): Promise<Duplex> {
    throw new Error(this.#reason);
  }

  async openPort(): Promise<Duplex> {
    throw new DialError('no route to host');
  }

  openSerial(): Duplex {
    throw new Error(this.#reason);
  }

  async agentFacts(): Promise<GuestAgentFacts> {
    throw new Error(this.#reason);
  }

  /** There is nothing to measure. */
  async stats(): Promise<undefined> {
    return undefined;
  }

  on<E extends keyof GuestEvents>(event: E, listener: (...args: GuestEvents[E]) => void): this {
    EventEmitter.prototype.on.call(this.#events, event, listener as (...args: unknown[]) => void);
    return this;
  }

  off<E extends keyof GuestEvents>(event: E, listener: (...args: GuestEvents[E]) => void): this {
    EventEmitter.prototype.off.call(this.#events, event, listener as (...args: unknown[]) => void);
    return this;
  }

  /** For those that make an agent up. */
  protected tellAgent(connected: boolean): void {
    this.#events.emit('agent', connected);
  }

  #needAgent(): void {
    if (!this.agentConnected) throw new Error(this.#reason);
  }

  #end(exit: GuestExit): GuestExit {
    if (!this.#exit) {
      this.#exit = exit;
      this.#events.emit('exit', exit);
    }
    return this.#exit;
  }
}
