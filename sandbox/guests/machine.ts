import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { closeSync, copyFileSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type FirmwareShape,
  type MachineFiles,
  type MachineRun,
  type MachineShape,
  machineArguments,
  machineFiles,
  QEMU,
} from './qemu-command';
import { QmpClient } from './qmp';

/** How often the process of a machine that this sandbox did not start itself is looked at. */
const LOOK_MS = 500;
const LAST_WORDS_MS = 1000;

/** Whether `pid` is a QEMU that was started as `id` (a pid alone may belong to anybody by now). */
export async function isMachine(pid: number, id: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
  const words = commandLine.split('\0');
  return words[0]?.includes('qemu-system') === true && words.includes(`portlight-${id}`);
}

export interface LaunchOptions {
  /** Becomes the beginning of the machine's serial log. */
  bootLog?: string;
  /** Starts what the machine needs beside it, once its directory is there. */
  beside?: () => Promise<void>;
}

interface MachineRecord {
  id: string;
  pid: number;
  /** Its devices are in place and it was let run: only such a machine can be taken over. */
  complete: boolean;
}

/** The machine that a directory records, if that very process still runs. */
export async function recordedMachine(directory: string): Promise<MachineRecord | undefined> {
  const text = await readFile(machineFiles(directory).record, 'utf8').catch(() => '{}');
  const { id, pid, complete }: { id?: unknown; pid?: unknown; complete?: unknown } = JSON.parse(text);
  if (typeof id !== 'string' || typeof pid !== 'number') return undefined;
  return (await isMachine(pid, id)) ? { id, pid, complete: complete === true } : undefined;
}

/** Ends whatever machine a directory records, and waits until it has gone and holds its disks no more. */
export async function endRecordedMachine(directory: string): Promise<void> {
  const machine = await recordedMachine(directory);
  if (!machine) return;
  try {
    process.kill(machine.pid, 'SIGKILL');
  } catch {
    return;
  }
  while (await isMachine(machine.pid, machine.id)) await delay(10);
}

async function writeRecord(directory: string, record: MachineRecord): Promise<void> {
  const file = machineFiles(directory).record;
  await writeFile(`${file}.new`, JSON.stringify(record));
  await rename(`${file}.new`, file);
}

/**
 * One QEMU process with its control connection. It runs detached, in its own session: neither Ctrl+C at the sandbox's
 * terminal nor the sandbox's own death ends it, so that a later sandbox can take it over.
 * Emits `exit` once, when the process has gone.
 */
export class Machine extends EventEmitter<{ exit: [] }> {
  #exited = false;
  readonly gone: Promise<void>;

  private constructor(
    readonly id: string,
    readonly directory: string,
    readonly pid: number,
    readonly qmp: QmpClient,
    child: ChildProcess | undefined,
  ) {
    super();
    this.gone = new Promise((resolve) => this.once('exit', resolve));
    if (child) child.once('exit', () => this.#ended());
    else void this.#watch();
    if (child && child.exitCode !== null) this.#ended();
  }

  get files(): MachineFiles {
    return machineFiles(this.directory);
  }

  get exited(): boolean {
    return this.#exited;
  }

  /**
   * Starts QEMU in a fresh directory, stopped. `bootLog` becomes the beginning of its serial log.
   * @throws an Error with what QEMU wrote when it ends at once.
   */
  static start(
    shape: MachineShape | FirmwareShape,
    run: MachineRun,
    options: LaunchOptions = {},
  ): Promise<Machine> {
    return Machine.launch(run.id, run.directory, machineArguments(shape, run), options);
  }

  /** As `start`, for a machine that is known by its command line. */
  static async launch(
    id: string,
    directory: string,
    words: readonly string[],
    { bootLog, beside }: LaunchOptions = {},
  ): Promise<Machine> {
    const files = machineFiles(directory);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (bootLog) copyFileSync(bootLog, files.serialLog);
    await beside?.();
    const errors = openSync(files.errors, 'w');
    const child = spawn(QEMU, words, {
      detached: true,
      stdio: ['ignore', errors, errors],
    });
    closeSync(errors);
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
    });
    try {
      const pid = child.pid ?? 0;
      await writeRecord(directory, { id, pid, complete: false });
      const qmp = await QmpClient.connect(files.qmp, 15_000, () => child.exitCode === null && !failure);
      return new Machine(id, directory, pid, qmp, child);
    } catch (error) {
      child.kill('SIGKILL');
      const written = await readFile(files.errors, 'utf8').catch(() => '');
      const words = written.trim().split('\n').at(-1) || (failure ?? error);
      throw new Error(`QEMU did not start: ${words}`);
    }
  }

  /** Connects to a machine that another sandbox started; undefined when it runs no more or does not answer. */
  static async adopt(id: string, directory: string): Promise<Machine | undefined> {
    const recorded = await recordedMachine(directory);
    if (recorded?.id !== id || !recorded.complete) return undefined;
    try {
      const qmp = await QmpClient.connect(machineFiles(directory).qmp, 3000);
      return new Machine(id, directory, recorded.pid, qmp, undefined);
    } catch {
      return undefined;
    }
  }

  /** The words of its command line, the program's name first. */
  async commandLine(): Promise<string[]> {
    return (await readFile(`/proc/${this.pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
  }

  /** Says that the machine is whole, so that a later sandbox may take it over. */
  complete(): Promise<void> {
    return writeRecord(this.directory, { id: this.id, pid: this.pid, complete: true });
  }

  /** Ends the process at once and waits until it has gone. */
  async kill(): Promise<void> {
    if (!this.#exited && (await isMachine(this.pid, this.id))) process.kill(this.pid, 'SIGKILL');
    await this.gone;
  }

  /** Loads the state that a template saved. @throws when QEMU says that it failed. */
  async load(stateFile: string): Promise<void> {
    await this.qmp.execute('migrate-set-capabilities', {
      capabilities: [{ capability: 'x-ignore-shared', state: true }],
    });
    await this.qmp.execute('migrate-incoming', { uri: `exec:cat '${stateFile.replaceAll("'", "'\\''")}'` });
    await this.#migrated();
  }

  /** Saves the machine's state without its memory, which lies in a shared file. The machine must be stopped. */
  async save(stateFile: string): Promise<void> {
    await this.qmp.execute('migrate-set-capabilities', {
      capabilities: [{ capability: 'x-ignore-shared', state: true }],
    });
    await this.qmp.execute('migrate', { uri: `exec:cat > '${stateFile.replaceAll("'", "'\\''")}'` });
    await this.#migrated();
  }

  async #migrated(): Promise<void> {
    for (;;) {
      const answer = await this.qmp.execute('query-migrate');
      const status =
        typeof answer === 'object' && answer !== null && 'status' in answer ? answer.status : undefined;
      if (status === 'completed') return;
      if (status === 'failed') throw new Error('QEMU could not load or save the state of a machine');
      await delay(5);
    }
  }

  async #watch(): Promise<void> {
    while (await isMachine(this.pid, this.id)) await delay(LOOK_MS);
    this.#ended();
  }

  #ended(): void {
    if (this.#exited) return;
    this.#exited = true;
    // Its last words may still lie in the socket: why it ended is known only when they have been read.
    const finish = () => {
      clearTimeout(timer);
      this.qmp.off('close', finish);
      this.qmp.close();
      this.emit('exit');
    };
    const timer = setTimeout(finish, LAST_WORDS_MS);
    if (this.qmp.closed) finish();
    else this.qmp.on('close', finish);
  }
}
