import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { coldPieces, pieceArguments } from './device-pieces';
import { directImages, plugDevices } from './devices';
import type { Guest, GuestSpec } from './hypervisor';
import { Machine } from './machine';
import {
  type GuestMove,
  type IncomingGuest,
  MoveError,
  type MoveOptions,
  type MoveProgress,
} from './migration';
import { readProgress } from './migration-progress';
import { targetArguments } from './migration-target';
import { QemuGuest } from './qemu-guest';
import type { QmpClient } from './qmp';
import { movedName } from './run-directory';
import type { MachineNetwork } from './segments/machine-network';

/** Between two looks at a migration, unless QEMU tells of a step itself. */
const LOOK_MS = 100;
/** What "without limit" comes to; QEMU's own default is 128 MiB. */
const UNLIMITED_BANDWIDTH = 2 ** 40;
/** A migration that does not end by then, although it was given up, left its guest in neither process. */
const RELEASE_MS = 5000;

async function setCapabilities(qmp: QmpClient, wanted: Record<string, boolean>): Promise<void> {
  const capabilities = Object.entries(wanted).map(([capability, state]) => ({ capability, state }));
  await qmp.execute('migrate-set-capabilities', { capabilities });
}

async function generationOf(qmp: QmpClient): Promise<string | undefined> {
  // A machine without the device refuses the question.
  const answer = await qmp.execute('query-vm-generation-id').catch(() => undefined);
  return typeof answer === 'object' && answer !== null && 'guid' in answer ? String(answer.guid) : undefined;
}

/** A second QEMU process, made as the guest's own is, that waits for the guest to come over. */
export class IncomingMachine implements IncomingGuest {
  #move: QemuMove | undefined;

  private constructor(
    private readonly source: QemuGuest,
    readonly machine: Machine,
    readonly network: MachineNetwork,
    private readonly id: string,
    private readonly keep: (guest: QemuGuest) => void,
  ) {}

  /**
   * Starts it beside the source, under a name of its own that `move` makes. Its disks are open but inactive: as long as it waits, QEMU
   * neither reads nor locks them.
   * @param options.network connects the cards of the new process
   * @param options.keep told of the guest when it has come, right before the old process ends
   * @throws an Error with QEMU's words
   */
  static async start(
    source: QemuGuest,
    move: string,
    options: { network(machine: Machine): MachineNetwork; keep(guest: QemuGuest): void },
  ): Promise<IncomingMachine> {
    const { machine, spec } = source;
    const name = movedName(spec.id, move);
    const directory = path.join(path.dirname(machine.directory), name);
    const places = { from: machine.directory, to: directory, id: name };
    const generation = await generationOf(machine.qmp);
    const words = targetArguments(await machine.commandLine(), { ...places, generation });
    const drives = pieceArguments(coldPieces(spec, await directImages(spec.disks)));
    const target = await Machine.launch(name, directory, [...words, ...drives]);
    try {
      const network = options.network(target);
      await plugDevices(target.qmp, spec, network);
      return new IncomingMachine(source, target, network, move, options.keep);
    } catch (error) {
      await target.kill();
      throw error;
    }
  }

  get spec(): GuestSpec {
    return structuredClone({ ...this.source.spec, machine: this.machine.id, move: this.id });
  }

  begin(options: MoveOptions): GuestMove {
    const commit = async (guest: QemuGuest) => {
      await options.commit(guest);
      this.keep(guest);
    };
    this.#move = new QemuMove(this.source, this, { ...options, commit });
    return this.#move;
  }

  async end(): Promise<void> {
    if (!this.#move?.arrived) await this.machine.kill();
  }
}

/** One migration from one process to another. */
class QemuMove implements GuestMove {
  readonly done: Promise<Guest>;
  progress: MoveProgress = readProgress({});
  canPostCopy = false;
  /** The guest has left its old process. */
  arrived = false;
  #followsLater = false;
  #canceled = false;
  #wake = () => {};

  constructor(
    private readonly source: QemuGuest,
    private readonly incoming: IncomingMachine,
    private readonly options: Omit<MoveOptions, 'commit'> & { commit(guest: QemuGuest): Promise<void> },
  ) {
    const wake = () => this.#wake();
    const { qmp } = source.machine;
    qmp.on('event', wake);
    incoming.machine.once('exit', wake);
    this.done = this.#run().finally(() => qmp.off('event', wake));
    // Whoever began it may look at `done` later.
    this.done.catch(() => {});
  }

  async startPostCopy(): Promise<void> {
    await this.source.machine.qmp.execute('migrate-start-postcopy');
    this.#followsLater = true;
  }

  async hold(): Promise<void> {
    await this.source.machine.qmp.execute('stop');
  }

  async cancel(): Promise<void> {
    if (this.arrived) return;
    this.#canceled = true;
    this.#wake();
  }

  async #run(): Promise<Guest> {
    try {
      await this.#begin();
      const guest = await this.#transfer();
      await this.#arrive(guest);
      return guest;
    } catch (error) {
      await this.#goBack();
      if (this.#canceled) throw new MoveError('The migration was canceled.', true);
      throw new MoveError(error instanceof Error ? error.message : String(error));
    }
  }

  async #begin(): Promise<void> {
    const { options, source } = this;
    const from = source.machine.qmp;
    const to = this.incoming.machine.qmp;
    // What loading the template needed would leave memory behind.
    const common = { 'x-ignore-shared': false, events: true, 'late-block-activate': true };
    await setCapabilities(to, common);
    if (options.postCopy) {
      this.canPostCopy = await setCapabilities(to, { 'postcopy-ram': true }).then(
        () => true,
        () => false,
      );
    }
    const more = { 'auto-converge': options.autoConverge, 'postcopy-ram': this.canPostCopy };
    await setCapabilities(from, { ...common, ...more, 'pause-before-switchover': true });
    const bandwidth = options.bandwidth > 0 ? options.bandwidth : UNLIMITED_BANDWIDTH;
    const limits = { 'max-bandwidth': Math.ceil(bandwidth), 'downtime-limit': options.maxDowntimeMs };
    await from.execute('migrate-set-parameters', limits);
    const uri = `unix:${path.join(this.incoming.machine.directory, 'mig')}`;
    await to.execute('migrate-incoming', { uri });
    await from.execute('migrate', { uri });
  }

  /** Until the guest stands still in both processes and has all, or all but its memory, in the new one. */
  async #transfer(): Promise<QemuGuest> {
    const { qmp } = this.source.machine;
    let guest: QemuGuest | undefined;
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const status = await this.#look();
      if (this.#canceled || status === 'cancelled') throw new MoveError('canceled', true);
      if (this.incoming.machine.exited) throw new Error('the process that the guest was to move into ended');
      if (status === 'pre-switchover') {
        guest ??= await this.#takeHold();
        await qmp.execute('migrate-continue', { state: 'pre-switchover' });
      } else if (guest && (status === 'completed' || status === 'postcopy-active')) return guest;
      else await Promise.race([woken, delay(LOOK_MS)]);
    }
  }

  async #look(): Promise<string> {
    const answer = await this.source.machine.qmp.execute('query-migrate');
    // QEMU's MigrationInfo: all fields are optional.
    const found = (answer ?? {}) as { status?: string; 'error-desc'?: string };
    this.progress = readProgress(found, this.progress);
    if (found.status === 'failed') throw new Error(found['error-desc'] ?? 'QEMU could not copy the guest');
    return found.status ?? 'none';
  }

  /** The guest stands still: what it has printed goes along, and its lines are taken up at the other end. */
  async #takeHold(): Promise<QemuGuest> {
    const { machine, network, spec } = this.incoming;
    await copyFile(this.source.machine.files.serialLog, machine.files.serialLog);
    return QemuGuest.attach(spec, machine, network);
  }

  async #arrive(guest: QemuGuest): Promise<void> {
    const { machine } = this.incoming;
    if (!this.#followsLater) await this.#loaded();
    await machine.complete();
    if (this.source.machine.exited) throw new Error('the process that had the guest ended');
    await this.options.commit(guest);
    this.arrived = true;
    // From here on a target that dies is a guest that dies, and says so itself.
    if (!this.options.paused()) await machine.qmp.execute('cont').catch(() => {});
    const rounds = { initial: 50, max: 550, rounds: 5, step: 100 };
    await machine.qmp.execute('announce-self', rounds).catch(() => {});
    if (this.#followsLater) await this.#followed();
    await this.source.kill();
  }

  async #loaded(): Promise<void> {
    const { qmp } = this.incoming.machine;
    for (;;) {
      const answer = await qmp.execute('query-migrate');
      const status = (answer as { status?: string } | undefined)?.status;
      if (status === 'completed') return;
      if (status === 'failed') throw new Error('QEMU could not load the guest that it was given');
      await delay(2);
    }
  }

  /** Waits for the memory that follows a guest which runs already. @throws when it ends before: the guest is lost. */
  async #followed(): Promise<void> {
    while ((await this.#look()) !== 'completed') {
      if (this.incoming.machine.exited) throw new Error('the process that the guest had moved into ended');
      await delay(LOOK_MS);
    }
  }

  /** The target ends; the guest goes on where it was, as far as that is still possible. */
  async #goBack(): Promise<void> {
    const { machine } = this.source;
    await this.incoming.machine.kill();
    if (machine.exited) return;
    await releaseGuest(machine, { run: !this.options.paused() }).catch(() => machine.kill());
  }
}

/** Has a machine be no part of any migration, and its guest run or stand still. @throws when it cannot. */
export async function releaseGuest(machine: Machine, { run }: { run: boolean }): Promise<void> {
  const { qmp } = machine;
  const deadline = performance.now() + RELEASE_MS;
  await qmp.execute('migrate_cancel');
  for (;;) {
    const answer = await qmp.execute('query-migrate');
    const status = (answer as { status?: string } | undefined)?.status ?? 'none';
    if (['none', 'failed', 'cancelled', 'completed'].includes(status)) break;
    if (performance.now() > deadline) throw new Error(`the migration stays ${status}`);
    await delay(5);
  }
  if (run) await qmp.execute('cont');
}
