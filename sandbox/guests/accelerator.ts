import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Artefacts } from './artefacts';
import { Machine } from './machine';
import type { Accelerator } from './qemu-command';
import { GATE_SENTENCE, waitForSerial } from './templates';

/** A kernel prints its first line within a second under KVM; where KVM is broken it never does. */
const FIRST_WORD_MS = 6000;
const BOOT_MS = 60_000;

async function bootsUnderKvm(runDirectory: string, artefacts: Artefacts): Promise<boolean> {
  const { kernel, initrd } = artefacts;
  const directory = path.join(runDirectory, `k-${process.pid}`);
  let machine: Machine | undefined;
  try {
    machine = await Machine.start(
      { memoryMiB: 256, vcpus: 1, accelerator: 'kvm', kernel, initrd },
      {
        id: `kvm-probe-${process.pid}`,
        directory,
        firmwareUuid: '00000000-0000-0000-0000-000000000000',
        memory: 'anonymous',
        incoming: false,
      },
    );
    await waitForSerial(machine, 'Linux version', FIRST_WORD_MS);
    const log = await readFile(machine.files.serialLog, 'utf8');
    if (!log.includes(GATE_SENTENCE)) await waitForSerial(machine, GATE_SENTENCE, BOOT_MS);
    return true;
  } catch {
    return false;
  } finally {
    await machine?.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * KVM where a guest is seen to boot under it, else emulation. That /dev/kvm opens proves nothing: in nested and
 * paravirtualised hosts a guest may hang without a word, so a guest is booted once with a deadline. The verdict is
 * kept until the host boots again or QEMU or the kernel changes.
 */
export async function chooseAccelerator(options: {
  cacheDirectory: string;
  runDirectory: string;
  artefacts: Artefacts;
  qemuVersion: string;
  log: (line: string) => void;
  /** Aborted when the sandbox ends: a trial that is cut short proves nothing. */
  signal: AbortSignal;
}): Promise<Accelerator> {
  const { cacheDirectory, runDirectory, artefacts, qemuVersion, log, signal } = options;
  const usable = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!usable) return 'tcg';
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const key = createHash('sha256').update(`${bootId}\0${qemuVersion}\0${artefacts.key}`).digest('hex');
  const file = path.join(cacheDirectory, 'accelerator.json');
  try {
    const known: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (
      typeof known === 'object' &&
      known !== null &&
      'key' in known &&
      known.key === key &&
      'accelerator' in known
    ) {
      return known.accelerator === 'kvm' ? 'kvm' : 'tcg';
    }
  } catch {
    // No verdict yet.
  }
  log('Trying whether guests boot under KVM here…');
  const accelerator = (await bootsUnderKvm(runDirectory, artefacts)) ? 'kvm' : 'tcg';
  signal.throwIfAborted();
  log(accelerator === 'kvm' ? 'They do.' : 'They do not: guests run under emulation.');
  // Without a place to keep the verdict it is found again next time.
  await writeFile(file, JSON.stringify({ key, accelerator })).catch(() => {});
  return accelerator;
}
