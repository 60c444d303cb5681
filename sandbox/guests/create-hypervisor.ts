import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Hypervisor } from './hypervisor';
import { readGuestPackages } from './packages';
import { QEMU } from './qemu-command';
import { QemuHypervisor } from './qemu-hypervisor';
import { StateOnlyHypervisor } from './state-only-hypervisor';

const run = promisify(execFile);

async function qemuVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await run(QEMU, ['--version']);
    return /version (\S+(?: \([^)]*\))?)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Guests as QEMU processes where that is possible, as mere state elsewhere; `availability()` says which and why.
 * Building what guests boot from begins at once, in the background.
 *
 * `PORTLIGHT_SANDBOX_GUESTS=off` chooses mere state whatever the machine has.
 * @param options.directory the sandbox's state directory; @param options.cacheDirectory where the set-up step left the
 *   extracted packages (`.cache/guest`); @param options.projectRoot holds sandbox/guests/rootfs.
 */
export async function createHypervisor(options: {
  directory: string;
  cacheDirectory: string;
  projectRoot: string;
  log: (line: string) => void;
}): Promise<Hypervisor> {
  const stateOnly = (reason: string) => new StateOnlyHypervisor(options.directory, reason);
  if (process.env.PORTLIGHT_SANDBOX_GUESTS === 'off') {
    return stateOnly(
      'Guests are switched off (PORTLIGHT_SANDBOX_GUESTS=off): this machine is only its state.',
    );
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return stateOnly(
      `Guests need Linux on an amd64 processor, and the sandbox runs on ${process.platform} ${process.arch}: this machine is only its state.`,
    );
  }
  const version = await qemuVersion();
  if (!version)
    return stateOnly(`${QEMU} is not installed where the sandbox runs: this machine is only its state.`);
  try {
    const packages = await readGuestPackages(options.cacheDirectory);
    if (!packages) {
      return stateOnly(
        'The Debian packages that guests are built from are missing: this machine is only its state.',
      );
    }
    const hypervisor = new QemuHypervisor(options, packages, version);
    hypervisor.prepare().catch((error: unknown) => options.log(`Guests cannot be built: ${String(error)}`));
    return hypervisor;
  } catch (error) {
    return stateOnly(`Guests cannot be built here (${String(error)}): this machine is only its state.`);
  }
}
