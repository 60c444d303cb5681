import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Appointment, clock } from '../clock';
import { saveBlank, type Target, type TransferReport } from './transfer/save-image';

const run = promisify(execFile);
/** How long a small image takes from a registry that is near. */
const PULL_MS = 3000;
const STEP_MS = 200;

/**
 * The built-in image, in place of one that no registry hands out: an empty file system labelled `home`, as the root
 * disks of the guests that boot it. Where nothing can make one, the guest does on its first boot.
 */
export async function standIn(
  target: Target,
  report: TransferReport,
  onShare: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = clock.millis();
  for (;;) {
    const share = (clock.millis() - startedAt) / PULL_MS;
    onShare(share);
    if (share >= 1) break;
    await pause(STEP_MS, signal);
  }
  const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  await saveBlank(target, report, async (draft) => {
    const args = ['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-L', 'home', '-i', '262144', draft];
    await run('mke2fs', args, { env: environment, signal }).catch(() => signal.throwIfAborted());
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let appointment: Appointment | undefined;
    const abort = () => {
      appointment?.cancel();
      reject(signal.reason);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    appointment = clock.after(milliseconds, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}
