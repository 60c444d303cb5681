import { EventEmitter } from 'node:events';
import { readFile, rm, truncate } from 'node:fs/promises';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentClient } from './agent-client';
import { readAgentFacts } from './agent-facts';
import { type CopyOptions, mirrorImage } from './block-copy';
import { BlockErrors } from './block-errors';
import { resizeImage } from './block-nodes';
import { nicBackend } from './device-slots';
import { ejectDisk, insertDisk, plugDisk, plugNic, setLink, unplugDisk, unplugNic } from './devices';
import { diskBoot } from './firmware';
import { keepGate } from './gate';
import { bringOnline, setMemory, setVcpus } from './growth';
import type { GuestStats } from './guest-stats';
import type {
  Guest,
  GuestAgentFacts,
  GuestDisk,
  GuestEvents,
  GuestExit,
  GuestNic,
  GuestSpec,
} from './hypervisor';
import type { Machine } from './machine';
import { dumpMemory } from './memory-dump';
import { DialError, PortDialer, type Protocol } from './port-dialer';
import type { QmpEvent } from './qmp';
import { insideAddress, type MachineNetwork } from './segments/machine-network';
import { SCROLL_BACK_BYTES, SerialHub } from './serial-hub';
import { readStats } from './stats';
import { AgentMeter } from './stats-agent';
import { connectUnix } from './unix-socket';

/** The power button is pressed again while the guest doesn't react: early in its boot nobody listens to it. */
const POWER_BUTTON_MS = 3000;
/** Syncing what the guest has in memory takes its time. */
const FREEZE_MS = 15_000;
/** QEMU appends whatever a guest prints to its log, for a later sandbox to read: beyond this it starts anew. */
const SERIAL_LOG_BYTES = 8 * 1024 * 1024;

/** A running machine with its serial line, agent and screen. */
export class QemuGuest implements Guest {
  readonly #events = new EventEmitter<GuestEvents>();
  readonly #serial: SerialHub;
  readonly #agent: AgentClient;
  readonly #config: Socket;
  readonly #ports: PortDialer;
  readonly #meter = new AgentMeter();
  readonly #blockErrors: BlockErrors;
  readonly exited: Promise<GuestExit>;
  #agentConnected = false;
  #frozen = false;
  #facts: GuestAgentFacts | undefined;
  #ending: 'killed' | undefined;
  #shutdownReason: string | undefined;
  #restarting = false;
  #screenshots = 0;

  private constructor(
    readonly spec: GuestSpec,
    readonly machine: Machine,
    /** What its cards are connected to. */
    readonly network: MachineNetwork,
    sockets: { serial: Socket; agent: Socket; config: Socket },
    history: Buffer,
  ) {
    this.#serial = new SerialHub(history);
    this.#serial.attach(sockets.serial);
    this.#boundLog(sockets.serial);
    this.#agent = new AgentClient(sockets.agent);
    this.#config = sockets.config;
    this.#ports = new PortDialer(machine.qmp);
    keepGate(this.#config, () => {
      this.#restarting = false;
      return this.spec;
    });
    machine.qmp.on('event', (event) => this.#take(event));
    this.#blockErrors = new BlockErrors(
      machine.qmp,
      () => this.spec.disks,
      (error) => this.#events.emit('ioError', error),
    );
    this.exited = machine.gone.then(() => this.#ended());
  }

  /**
   * Takes hold of a machine: connects its serial line, agent and configuration port. What it has printed so far (for a
   * copy of a template: the template's boot) becomes the scroll-back.
   */
  static async attach(spec: GuestSpec, machine: Machine, network: MachineNetwork): Promise<QemuGuest> {
    const { files } = machine;
    const worth = () => !machine.exited;
    const printed = await readFile(files.serialLog).catch(() => Buffer.alloc(0));
    const [serial, agent, config] = await Promise.all(
      [files.serial, files.agent, files.config].map((file) => connectUnix(file, 5000, worth)),
    );
    if (!serial || !agent || !config) throw new Error('QEMU opened none of its sockets');
    const guest = new QemuGuest(
      spec,
      machine,
      network,
      { serial, agent, config },
      printed.subarray(-SCROLL_BACK_BYTES),
    );
    guest.#setAgent(await guest.#agentIsOpen());
    return guest;
  }

  get pid(): number | undefined {
    return this.machine.exited ? undefined : this.machine.pid;
  }

  get agentConnected(): boolean {
    return this.#agentConnected;
  }

  /** Waits until the guest's agent answers, which is the end of its boot; no longer than `timeoutMs`, and until it ends. */
  async up(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#agentConnected || signal.aborted) return;
    const wait = new AbortController();
    const stop = () => wait.abort();
    this.#events.once('agent', stop);
    signal.addEventListener('abort', stop, { once: true });
    void this.exited.then(stop);
    await delay(timeoutMs, undefined, { signal: wait.signal }).catch(() => {});
    this.#events.off('agent', stop);
    signal.removeEventListener('abort', stop);
  }

  async pause(): Promise<void> {
    await this.machine.qmp.execute('stop');
  }

  async resume(): Promise<void> {
    this.#blockErrors.forget();
    await this.machine.qmp.execute('cont');
    // The guest's clock stood still; KubeVirt's launcher sets it through the agent as well.
    if (this.#agentConnected) {
      this.#agent.request('guest-set-time', { time: Date.now() * 1e6 }, 10_000).catch(() => {});
    }
  }

  async reset(): Promise<void> {
    await this.machine.qmp.execute('system_reset');
  }

  async softReboot(): Promise<void> {
    if (this.#agentConnected) {
      await this.#agent.tell('guest-shutdown', { mode: 'reboot' });
      return;
    }
    const keys = ['ctrl', 'alt', 'delete'].map((data) => ({ type: 'qcode', data }));
    await this.machine.qmp.execute('send-key', { keys });
  }

  async shutdown(graceSeconds: number): Promise<GuestExit> {
    const deadline = Date.now() + graceSeconds * 1000;
    while (!this.machine.exited && Date.now() < deadline) {
      await this.machine.qmp.execute('system_powerdown').catch(() => {});
      const wait = Math.max(0, Math.min(POWER_BUTTON_MS, deadline - Date.now()));
      await Promise.race([this.exited, delay(wait)]);
    }
    return this.machine.exited ? this.exited : this.kill();
  }

  async kill(): Promise<GuestExit> {
    if (!this.machine.exited) this.#ending = 'killed';
    await this.machine.kill();
    return this.exited;
  }

  plugDisk(disk: GuestDisk): Promise<void> {
    return plugDisk(this.machine.qmp, this.spec, disk);
  }

  unplugDisk(name: string): Promise<void> {
    return unplugDisk(this.machine.qmp, this.spec, name);
  }

  ejectDisk(name: string): Promise<void> {
    return ejectDisk(this.machine.qmp, this.spec, name);
  }

  insertDisk(medium: GuestDisk): Promise<void> {
    return insertDisk(this.machine.qmp, this.spec, medium);
  }

  plugNic(nic: GuestNic): Promise<void> {
    return plugNic(this.machine.qmp, this.spec, this.network, nic);
  }

  unplugNic(name: string): Promise<void> {
    return unplugNic(this.machine.qmp, this.spec, this.network, name);
  }

  setLink(name: string, link: 'up' | 'down'): Promise<void> {
    return setLink(this.machine.qmp, this.spec, name, link);
  }

  async resizeDisk(name: string, bytes: number): Promise<void> {
    await resizeImage(this.machine.qmp, this.#disk(name).path, bytes);
  }

  async mirrorDisk(name: string, file: string, options: CopyOptions = {}): Promise<void> {
    const disk = this.#disk(name);
    await mirrorImage(this.machine.qmp, disk.path, file, { ...options, pivot: true });
    disk.path = file;
  }

  async copyDisk(name: string, file: string, options: CopyOptions = {}): Promise<void> {
    await mirrorImage(this.machine.qmp, this.#disk(name).path, file, { ...options, pivot: false });
  }

  async setVcpus(vcpus: number): Promise<void> {
    await setVcpus(this.machine.qmp, this.spec, vcpus);
    // Without an agent it is up to the guest's own rules for new devices.
    if (this.#agentConnected) await bringOnline(this.#agent, vcpus).catch(() => {});
  }

  setMemory(memoryMiB: number): Promise<void> {
    return setMemory(this.machine.qmp, this.spec, memoryMiB);
  }

  async dumpMemory(file: string): Promise<void> {
    await dumpMemory(this.machine.qmp, file);
  }

  async screenshot(): Promise<Buffer> {
    const filename = path.join(this.machine.directory, `screen-${this.#screenshots++}.png`);
    try {
      await this.machine.qmp.execute('screendump', { filename, format: 'png' });
      return await readFile(filename);
    } finally {
      await rm(filename, { force: true });
    }
  }

  openVnc(): Promise<Duplex> {
    return connectUnix(this.machine.files.vnc, 2000, () => !this.machine.exited);
  }

  async openPort(protocol: Protocol, port: number): Promise<Duplex> {
    const card = this.spec.nics.find(({ segment }) => segment === undefined);
    if (!card) throw new DialError('no route to host');
    return this.#ports.open(nicBackend(card), insideAddress(card), protocol, port);
  }

  openSerial(options: { history: boolean }): Duplex {
    return this.#serial.open(options);
  }

  async agentFacts(): Promise<GuestAgentFacts> {
    if (!this.#agentConnected) throw new Error('The guest agent is not connected.');
    // A frozen guest's agent answers next to nothing: what it said last stands.
    if (this.#frozen && this.#facts) return this.#facts;
    this.#facts = await readAgentFacts(this.#agent);
    return this.#facts;
  }

  async stats(): Promise<GuestStats | undefined> {
    const agent = this.#agentConnected && !this.#frozen ? this.#agent : undefined;
    const cableOf = (nic: GuestNic) => this.network.counters(nicBackend(nic));
    return readStats(this.machine, this.spec, this.#meter.read(agent, this.spec), cableOf);
  }

  async freeze(): Promise<void> {
    await this.agentFacts();
    await this.#agent.request('guest-fsfreeze-freeze', {}, FREEZE_MS);
    this.#frozen = true;
  }

  async thaw(): Promise<void> {
    await this.#agent.request('guest-fsfreeze-thaw', {}, FREEZE_MS);
    this.#frozen = false;
  }

  async authorizeKeys(user: string, keys: readonly string[]): Promise<void> {
    await this.#agent.request('guest-ssh-add-authorized-keys', { username: user, keys, reset: true });
  }

  async setPassword(user: string, password: string): Promise<void> {
    const base64 = Buffer.from(password).toString('base64');
    await this.#agent.request('guest-set-user-password', {
      username: user,
      password: base64,
      crypted: false,
    });
  }

  on<E extends keyof GuestEvents>(event: E, listener: (...args: GuestEvents[E]) => void): this {
    this.#emitter<E>().on(event, listener);
    return this;
  }

  off<E extends keyof GuestEvents>(event: E, listener: (...args: GuestEvents[E]) => void): this {
    this.#emitter<E>().off(event, listener);
    return this;
  }

  /** Node's emitter types cannot follow a generic event name; this says that name and listener belong together. */
  #emitter<E extends keyof GuestEvents>() {
    return this.#events as unknown as {
      on(event: E, listener: (...args: GuestEvents[E]) => void): void;
      off(event: E, listener: (...args: GuestEvents[E]) => void): void;
    };
  }

  #disk(name: string): GuestDisk {
    const disk = this.spec.disks.find((candidate) => candidate.name === name);
    if (!disk) throw new Error(`${this.spec.name} has no disk ${name}`);
    return disk;
  }

  #boundLog(serial: Socket): void {
    let written = 0;
    serial.on('data', (chunk: Buffer) => {
      written += chunk.length;
      if (written < SERIAL_LOG_BYTES) return;
      written = 0;
      truncate(this.machine.files.serialLog, 0).catch(() => {});
    });
  }

  #take({ event, data }: QmpEvent): void {
    if (event === 'VSERPORT_CHANGE' && data.id === 'agent') {
      this.#setAgent(data.open === true);
    } else if (event === 'RESET') {
      this.#setAgent(false);
      this.#meter.reset();
      // The firmware resets itself again, some times, on its way: one reset of the machine is one event.
      if (!this.#restarting) this.#events.emit('reset');
      this.#restarting = diskBoot(this.spec) === undefined;
    } else if (event === 'SHUTDOWN') {
      this.#shutdownReason = String(data.reason);
    }
  }

  #setAgent(connected: boolean): void {
    if (this.#agentConnected === connected) return;
    this.#agentConnected = connected;
    this.#frozen = false;
    this.#agent.reset();
    this.#events.emit('agent', connected);
  }

  async #agentIsOpen(): Promise<boolean> {
    const devices = await this.machine.qmp.execute('query-chardev');
    const agent = Array.isArray(devices) ? devices.find((device) => device?.label === 'qga0') : undefined;
    return agent?.['frontend-open'] === true;
  }

  #ended(): GuestExit {
    const exit = this.#exit();
    this.#setAgent(false);
    this.#serial.close();
    this.#agent.close();
    this.#config.destroy();
    this.#events.emit('exit', exit);
    return exit;
  }

  #exit(): GuestExit {
    if (this.#ending === 'killed') return { reason: 'killed', detail: 'The machine was switched off.' };
    if (this.#shutdownReason === 'guest-shutdown')
      return { reason: 'shutdown', detail: 'The guest shut itself down.' };
    const why = this.#shutdownReason === undefined ? 'without a word' : `with ${this.#shutdownReason}`;
    return { reason: 'crash', detail: `The QEMU process ${this.machine.pid} ended ${why}.` };
  }
}
