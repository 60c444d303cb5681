import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exists } from './cache-directory';
import type { GuestBoot, GuestSpec } from './hypervisor';
import type { FirmwareParts } from './qemu-command';

export type DiskBoot = Extract<GuestBoot, { kind: 'disk' }>;

const TPM_MS = 5000;
/** QEMU's q35 has a bus of its own kind; behind this bridge lies the one that devices are plugged into elsewhere. */
const BRIDGE = ['-device', 'pcie-pci-bridge,id=pci.0,bus=pcie.0,addr=0x1e'];

/** Where the packages that bring firmware were extracted; see tools/guest-packages.mjs. */
export interface FirmwarePlace {
  /** `.cache/guest` */
  cacheDirectory: string;
}

function inPackages({ cacheDirectory }: FirmwarePlace, file: string): string {
  return path.join(cacheDirectory, 'firmware', file);
}

/**
 * What a machine needs that starts its disks by firmware: its arguments, and its variables beside its other files.
 * @param variables where EFI keeps its variables when they are not to outlast the instance
 * @throws an Error with a sentence when the package is missing
 */
export async function prepareFirmware(
  boot: DiskBoot,
  place: FirmwarePlace,
  { variables, tpmSocket }: { variables: string; tpmSocket: string },
): Promise<FirmwareParts> {
  const tpm = boot.tpm ? tpmArguments(tpmSocket) : [];
  if (boot.tpm) await mustHave(inPackages(place, 'usr/bin/swtpm'), 'a TPM', 'swtpm');
  if (boot.firmware === 'bios') return { machine: 'pc,hpet=off', arguments: tpm, bridge: [] };
  const name = (kind: 'CODE' | 'VARS') => {
    const file = `usr/share/OVMF/OVMF_${kind}_4M${boot.secureBoot ? '.ms' : ''}.fd`;
    return inPackages(place, file);
  };
  await mustHave(name('CODE'), 'UEFI', 'ovmf');
  const nvram = boot.nvram ?? variables;
  if (!(await exists(nvram))) {
    await mkdir(path.dirname(nvram), { recursive: true, mode: 0o700 });
    // Whole or not there: a half of it would be taken for the machine's the next time.
    await copyFile(name('VARS'), `${nvram}.new`);
    await rename(`${nvram}.new`, nvram);
  }
  const secure = boot.secureBoot
    ? ['-global', 'driver=cfi.pflash01,property=secure,value=on', '-global', 'ICH9-LPC.disable_s3=1']
    : [];
  return {
    machine: `q35,hpet=off,smm=${boot.secureBoot ? 'on' : 'off'}`,
    bridge: BRIDGE,
    arguments: [
      ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${escaped(name('CODE'))}`],
      ...['-drive', `if=pflash,unit=1,format=raw,file=${escaped(nvram)}`],
      ...secure,
      ...tpm,
    ],
  };
}

/** A comma ends a property on QEMU's command line; two are one. */
function escaped(file: string): string {
  return file.replaceAll(',', ',,');
}

function tpmArguments(socket: string): string[] {
  return [
    ...['-chardev', `socket,id=tpm-socket,path=${socket}`],
    ...['-tpmdev', 'emulator,id=tpm,chardev=tpm-socket', '-device', 'tpm-crb,tpmdev=tpm'],
  ];
}

async function mustHave(file: string, what: string, name: string): Promise<void> {
  if (await exists(file)) return;
  throw new Error(
    `The machine asks for ${what}, which Debian's package ${name} brings: the sandbox could not fetch it. It tries again when it is started anew.`,
  );
}

/**
 * Starts the TPM of one machine, which ends with the machine's process.
 * @throws an Error with what it wrote when it does not start
 */
export async function startTpm(
  directory: string,
  socket: string,
  place: FirmwarePlace,
): Promise<ChildProcess> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const libraries = inPackages(place, 'usr/lib/x86_64-linux-gnu');
  const child = spawn(
    inPackages(place, 'usr/bin/swtpm'),
    [
      ...['socket', '--tpm2', '--tpmstate', `dir=${directory},mode=0600`],
      ...['--ctrl', `type=unixio,path=${socket},mode=0600`, '--terminate'],
    ],
    {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LD_LIBRARY_PATH: `${libraries}:${path.join(libraries, 'swtpm')}` },
    },
  );
  let words = '';
  child.stderr.on('data', (chunk) => {
    words += chunk;
  });
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  const deadline = Date.now() + TPM_MS;
  while (!(await exists(socket))) {
    if (failure || child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The TPM did not start: ${failure?.message ?? (words.trim() || 'it does not answer')}`);
    }
    await delay(10);
  }
  child.stderr.destroy();
  child.unref();
  return child;
}

/** Whether a machine starts what its disks hold. */
export function diskBoot({ boot }: GuestSpec): DiskBoot | undefined {
  return boot?.kind === 'disk' ? boot : undefined;
}
