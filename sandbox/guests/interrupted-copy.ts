import { setTimeout as delay } from 'node:timers/promises';
import { list, record, text } from './answers';
import { diskDevice } from './device-slots';
import type { GuestSpec } from './hypervisor';
import type { QmpClient } from './qmp';

const LOOK_MS = 20;

/**
 * Gives up the copies of images that a killed sandbox had begun in a machine, which goes on with them by itself, and
 * corrects in `spec` the image of a disk whose copy had taken its place already.
 */
export async function endInterruptedCopies(qmp: QmpClient, spec: GuestSpec): Promise<void> {
  for (let jobs = await copies(qmp); jobs.length > 0; jobs = await copies(qmp)) {
    // One that ends by itself at this moment is none any more.
    for (const device of jobs) {
      await qmp.execute('block-job-cancel', { device, force: true }).catch(() => {});
    }
    await delay(LOOK_MS);
  }
  const images = new Map<string, string>();
  for (const { qdev, inserted } of list(await qmp.execute('query-block'))) {
    const file = text(record(inserted).file);
    // A path in QEMU's object tree, or the device's own name.
    const device = text(qdev)
      ?.split('/')
      .find((part) => part.endsWith('-device'));
    if (file && device) images.set(device, file);
  }
  for (const disk of spec.disks) {
    const image = images.get(diskDevice(disk));
    // An overlay's file is named as it was given; a drive without a medium has none.
    if (disk.path && image && disk.format !== 'qcow2') disk.path = image;
  }
}

async function copies(qmp: QmpClient): Promise<string[]> {
  return list(await qmp.execute('query-block-jobs')).flatMap(({ device }) => text(device) ?? []);
}
