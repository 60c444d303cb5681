import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { coldPieces } from './device-pieces';
import { directImages } from './devices';
import { type DiskBoot, type FirmwarePlace, prepareFirmware, startTpm } from './firmware';
import type { GuestSpec } from './hypervisor';
import { Machine } from './machine';
import type { Accelerator, MachineRun } from './qemu-command';
import type { QmpClient, QmpEvent } from './qmp';

/**
 * Makes a stopped machine that will start what its disks hold. Its TPM, if it has one, is a process beside it that
 * ends with it.
 * @param variables where EFI keeps its variables when they are not to outlast the instance
 * @throws an Error with a sentence when firmware is missing, or with QEMU's words
 */
export async function startFirmwareMachine(
  spec: GuestSpec,
  boot: DiskBoot,
  place: FirmwarePlace,
  options: Pick<MachineRun, 'id' | 'directory'> & { accelerator: Accelerator; variables: string },
): Promise<Machine> {
  const { id, directory, accelerator, variables } = options;
  const tpmSocket = path.join(directory, 'tpm');
  const firmware = await prepareFirmware(boot, place, { variables, tpmSocket });
  const shape = {
    memoryMiB: Math.max(1, Math.floor(spec.memoryMiB)),
    vcpus: spec.vcpus,
    accelerator,
    firmware,
  };
  const devices = coldPieces(spec, await directImages(spec.disks));
  const own = { id, directory, firmwareUuid: spec.firmwareUuid, devices };
  const run: MachineRun = { ...own, memory: 'anonymous', incoming: false };
  let tpm: ChildProcess | undefined;
  try {
    return await Machine.start(shape, run, {
      beside: async () => {
        if (boot.tpm) tpm = await startTpm(boot.tpm, tpmSocket, place);
      },
    });
  } catch (error) {
    tpm?.kill('SIGKILL');
    throw error;
  }
}

/**
 * Has the firmware of a stopped machine hear of the devices that were plugged in, and in which order to try them: it
 * is told with a reset.
 */
export async function tellFirmware(qmp: QmpClient): Promise<void> {
  const stop = new AbortController();
  const done = (async () => {
    for (;;) {
      const [{ event }] = (await once(qmp, 'event', { signal: stop.signal })) as [QmpEvent];
      if (event === 'RESET') return;
    }
  })();
  // It is waited for below, unless QEMU refuses to begin.
  done.catch(() => {});
  try {
    await qmp.execute('system_reset');
    await done;
  } finally {
    stop.abort();
  }
}
