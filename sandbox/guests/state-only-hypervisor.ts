import { EventEmitter } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { exists } from './cache-directory';
import type {
  Availability,
  CloudInitSeed,
  Guest,
  GuestAgentFacts,
  GuestEvents,
  GuestExit,
  GuestSpec,
  Hypervisor,
} from './hypervisor';
import { InstanceFiles, makeSparseFile, safeName } from './instance-files';
import { DialError } from './port-dialer';

/** About what a copy of a template takes: the states on the way stay visible. */
const START_MS = 800;
const SHUTDOWN_MS = 400;

/** The state of a machine without the machine. Everything that would need one is refused with the reason. */
class StateOnlyGuest implements Guest {
  readonly #events = new EventEmitter<GuestEvents>();
  readonly #reason: string;
  #exit: GuestExit | undefined;
  readonly pid = undefined;
  readonly agentConnected = false;

  constructor(
    readonly spec: GuestSpec,
    reason: string,
  ) {
    this.#reason = reason;
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

  on<E extends keyof GuestEvents>(event: E, listener: (...args: GuestEvents[E]) => void): this {
    EventEmitter.prototype.on.call(this.#events, event, listener as (...args: unknown[]) => void);
    return this;
  }

  off<E extends keyof GuestEvents>(event: E, listener: (...args: GuestEvents[E]) => void): this {
    EventEmitter.prototype.off.call(this.#events, event, listener as (...args: unknown[]) => void);
    return this;
  }

  #end(exit: GuestExit): GuestExit {
    if (!this.#exit) {
      this.#exit = exit;
      this.#events.emit('exit', exit);
    }
    return this.#exit;
  }
}

/**
 * What stands in where no guest can run: machines are mere state, disks are empty files, and `reason` (whole sentences)
 * is what every console gets to hear. A running machine is remembered by a file, so that it outlives the sandbox's
 * unclean end as a real one does.
 */
export class StateOnlyHypervisor implements Hypervisor {
  readonly #directory: string;
  readonly #reason: string;
  readonly #instances: InstanceFiles;
  readonly #guests = new Map<string, StateOnlyGuest>();

  constructor(directory: string, reason: string) {
    this.#directory = path.join(directory, 'state-only');
    this.#reason = reason;
    this.#instances = new InstanceFiles(path.join(directory, 'instances'));
  }

  availability(): Availability {
    return { available: false, reason: this.#reason };
  }

  async start(spec: GuestSpec): Promise<Guest> {
    await delay(START_MS);
    await mkdir(this.#directory, { recursive: true });
    await writeFile(this.#marker(spec.id), spec.name);
    return this.#keep(spec);
  }

  async adopt(spec: GuestSpec): Promise<Guest | undefined> {
    const runs = await exists(this.#marker(spec.id));
    return runs ? (this.#guests.get(spec.id) ?? this.#keep(spec)) : undefined;
  }

  async makeRootDisk(id: string, volume: string): Promise<string> {
    return makeSparseFile(await this.#instances.path(id, `${volume}.img`), 2 ** 30);
  }

  async makeSeedDisk(id: string, volume: string, seed: CloudInitSeed): Promise<string> {
    const file = await this.#instances.path(id, `${volume}.user-data`);
    await writeFile(file, seed.userData, { mode: 0o600 });
    return file;
  }

  makeDataDisk(file: string, bytes: number): Promise<string> {
    return makeSparseFile(file, bytes);
  }

  async discard(id: string): Promise<void> {
    await this.#guests.get(id)?.kill();
    await rm(this.#marker(id), { force: true });
    await this.#instances.discard(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#guests.values()].map((guest) => guest.kill()));
    await rm(this.#directory, { recursive: true, force: true });
  }

  #marker(id: string): string {
    return path.join(this.#directory, safeName(id));
  }

  #keep(spec: GuestSpec): StateOnlyGuest {
    const guest = new StateOnlyGuest(spec, this.#reason);
    this.#guests.set(spec.id, guest);
    guest.on('exit', () => {
      this.#guests.delete(spec.id);
      void rm(this.#marker(spec.id), { force: true });
    });
    return guest;
  }
}
