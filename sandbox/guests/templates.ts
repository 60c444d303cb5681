import { createHash } from 'node:crypto';
import { chmod, copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Artefacts } from './artefacts';
import { fillDirectory, pruneDirectory } from './cache-directory';
import { Machine } from './machine';
import { type Accelerator, type MachineShape, type MachineSize, machineArguments } from './qemu-command';
import { connectUnix } from './unix-socket';

/** What the guest prints when it has booted and waits to be told who it is. */
export const GATE_SENTENCE = 'portlight: waiting for instance data';
/** A boot takes 4 to 15 s under emulation, on a loaded machine several times that. */
const BOOT_DEADLINE_MS = 180_000;
const KEPT_TEMPLATES = 12;
/** Not all zeros: the kernel would take the tables for having none, and copies could not set theirs. */
const TEMPLATE_UUID = '00000000-0000-4000-8000-000000000001';

/** A machine saved at the gate. Its files are never written again. */
export interface Template {
  directory: string;
  memory: string;
  state: string;
  bootLog: string;
  shape: MachineShape;
}

function templateAt(directory: string, shape: MachineShape): Template {
  const file = (name: string) => path.join(directory, name);
  return { directory, memory: file('memory'), state: file('state'), bootLog: file('boot.log'), shape };
}

/** CPU time that a process has used, in ticks of 10 ms; all its threads. */
async function cpuTicks(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

/** Waits until the machine has nothing left to do (what it does now would be done again in every copy). */
async function settled(pid: number): Promise<void> {
  let before = await cpuTicks(pid);
  for (let quiet = 0, round = 0; quiet < 2 && round < 30; round++) {
    await delay(100);
    const now = await cpuTicks(pid);
    quiet = now - before <= 1 ? quiet + 1 : 0;
    before = now;
  }
}

/** Boots until the guest prints `sentence` on its serial line. @throws when it doesn't in time. */
export async function waitForSerial(machine: Machine, sentence: string, deadlineMs: number): Promise<void> {
  const line = await connectUnix(machine.files.serial, 5000, () => !machine.exited);
  try {
    await machine.qmp.execute('cont');
    await new Promise<void>((resolve, reject) => {
      let tail = '';
      const timer = setTimeout(
        () => reject(new Error(`the guest did not boot within ${deadlineMs / 1000} s`)),
        deadlineMs,
      );
      const end = (error?: Error) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      };
      line.on('data', (chunk: Buffer) => {
        tail = (tail + chunk.toString('latin1')).slice(-4096);
        if (tail.includes(sentence)) end();
      });
      line.on('error', end);
      machine.once('exit', () => end(new Error('QEMU ended while the guest booted')));
    });
  } finally {
    line.destroy();
  }
}

/**
 * Saved machines, one per size: made on demand, one at a time, kept on disk for the next start and for other sandboxes
 * that share the cache.
 */
export class TemplateStore {
  readonly #directory: string;
  readonly #runDirectory: string;
  readonly #artefacts: Artefacts;
  readonly #qemuVersion: string;
  #making: Promise<unknown> = Promise.resolve();

  constructor(options: {
    directory: string;
    runDirectory: string;
    artefacts: Artefacts;
    qemuVersion: string;
  }) {
    this.#directory = options.directory;
    this.#runDirectory = options.runDirectory;
    this.#artefacts = options.artefacts;
    this.#qemuVersion = options.qemuVersion;
  }

  shape(size: MachineSize, accelerator: Accelerator): MachineShape {
    return { ...size, accelerator, kernel: this.#artefacts.kernel, initrd: this.#artefacts.initrd };
  }

  /** The template for a size; `onMaking` is called when it has to be made first. */
  async ensure(shape: MachineShape, onMaking: () => void): Promise<Template> {
    const found = await this.#find(shape);
    if (found) return found;
    const turn = this.#making.then(async () => {
      const meanwhile = await this.#find(shape);
      if (meanwhile) return meanwhile;
      onMaking();
      return this.#make(shape);
    });
    this.#making = turn.catch(() => {});
    return turn;
  }

  /** Throws a template away that did not work: the next start makes it anew. */
  async forget(template: Template): Promise<void> {
    await rm(template.directory, { recursive: true, force: true });
  }

  /** Everything that a saved state depends on: another QEMU, kernel or device would not load it. */
  #key(shape: MachineShape): string {
    const run = { id: '', directory: '/', firmwareUuid: '', memory: 'anonymous' as const, incoming: false };
    const inputs = [
      this.#qemuVersion,
      this.#artefacts.key,
      machineArguments({ ...shape, kernel: '', initrd: '' }, run),
    ];
    const hash = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12);
    return `${shape.memoryMiB}m-${shape.vcpus}c-${shape.accelerator}-${hash}`;
  }

  async #find(shape: MachineShape): Promise<Template | undefined> {
    const template = templateAt(path.join(this.#directory, this.#key(shape)), shape);
    try {
      const seal: unknown = JSON.parse(await readFile(path.join(template.directory, 'seal.json'), 'utf8'));
      if (JSON.stringify(seal) === JSON.stringify(await sealOf(template))) return template;
      await this.forget(template);
    } catch {
      // Not there, or not whole.
    }
    return undefined;
  }

  async #make(shape: MachineShape): Promise<Template> {
    const key = this.#key(shape);
    const final = templateAt(path.join(this.#directory, key), shape);
    // A stale one of the same name has no valid seal.
    await this.forget(final);
    await fillDirectory(final.directory, (work) => this.#save(templateAt(work, shape), key));
    await pruneDirectory(this.#directory, KEPT_TEMPLATES, key);
    return final;
  }

  async #save(work: Template, key: string): Promise<void> {
    const machine = await Machine.start(work.shape, {
      id: `template-${process.pid}-${key}`,
      directory: path.join(this.#runDirectory, `t-${process.pid}`),
      firmwareUuid: TEMPLATE_UUID,
      memory: { file: work.memory, share: true },
      incoming: false,
    });
    try {
      await waitForSerial(machine, GATE_SENTENCE, BOOT_DEADLINE_MS);
      await settled(machine.pid);
      await machine.qmp.execute('stop');
      await machine.save(work.state);
      await copyFile(machine.files.serialLog, work.bootLog);
    } finally {
      await machine.kill();
      await rm(machine.directory, { recursive: true, force: true });
    }
    for (const file of [work.state, work.bootLog]) await chmod(file, 0o444);
    // QEMU 7.2 opens the memory for writing even when it maps it privately: only root may have it read-only.
    if (process.getuid?.() === 0) await chmod(work.memory, 0o444);
    await writeFile(path.join(work.directory, 'seal.json'), JSON.stringify(await sealOf(work)));
  }
}

/** Size and time of last change of a template's files: a changed memory file would crash every copy in strange ways. */
async function sealOf(template: Template): Promise<unknown> {
  const files = [template.memory, template.state, template.bootLog];
  return Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs } = await stat(file);
      return { name: path.basename(file), size, mtimeMs };
    }),
  );
}
