import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { stat, truncate } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { nodeOf } from './block-nodes';
import { makeSparseFile } from './instance-files';
import type { QmpClient, QmpEvent } from './qmp';

const run = promisify(execFile);
const LOOK_MS = 200;

export interface CopyOptions {
  /** Told the bytes that were copied and those that there are; both may grow while the guest writes. */
  onProgress?: (done: number, total: number) => void;
  /** Called when the copy is about to take the disk's place: from then on either image is the right one. */
  beforePivot?: () => Promise<void>;
  /** Gives up, and leaves the guest on the image that it has. */
  signal?: AbortSignal;
}

/** Copies an image that nobody writes, without filling its holes. */
export async function copySparse(source: string, target: string): Promise<void> {
  await run('cp', ['--sparse=always', '--reflink=auto', '--no-preserve=mode', '--', source, target]);
}

/**
 * Copies the image of a running machine's disk to `target`, which is made if need be. What the guest writes meanwhile
 * is written to both. In the end the guest either goes on with the copy (`pivot`), or with what it had: then the copy
 * is the disk as it was at one moment, the last one.
 * @throws what QEMU says, or that the copy was given up.
 */
export async function mirrorImage(
  qmp: QmpClient,
  source: string,
  target: string,
  { pivot, onProgress, beforePivot, signal }: CopyOptions & { pivot: boolean },
): Promise<void> {
  signal?.throwIfAborted();
  const before = await nodeOf(qmp, source);
  const { size } = await stat(source);
  await makeSparseFile(target, size);
  // QEMU takes none of another size. What is more on it is the caller's to have back, by `resizeImage`.
  await truncate(target, size);
  const job = `copy-${randomUUID().slice(0, 8)}`;
  await qmp.execute('blockdev-add', {
    driver: 'raw',
    'node-name': job,
    discard: 'unmap',
    file: { driver: 'file', filename: target, discard: 'unmap' },
  });
  const watch = new JobWatch(qmp, job);
  const giveUp = () => void qmp.execute('block-job-cancel', { device: job, force: true }).catch(() => {});
  try {
    await qmp.execute('blockdev-mirror', {
      'job-id': job,
      device: before,
      target: job,
      sync: 'full',
      // A guest that writes without end would never be caught up with otherwise.
      'copy-mode': 'write-blocking',
      'on-target-error': 'report',
    });
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) giveUp();
    await tellProgress(qmp, job, watch.ready, onProgress);
    if (pivot) await beforePivot?.();
    const end = pivot ? 'block-job-complete' : 'block-job-cancel';
    await qmp.execute(end, pivot ? { device: job } : { device: job, force: false });
    await watch.completed;
    if (signal?.aborted && !pivot) throw new Error('the copy was given up');
  } catch (error) {
    await watch.gone();
    await remove(qmp, job);
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
    watch.close();
  }
  await remove(qmp, pivot ? before : job);
}

async function tellProgress(
  qmp: QmpClient,
  job: string,
  ready: Promise<void>,
  onProgress: CopyOptions['onProgress'],
): Promise<void> {
  for (let waiting = true; waiting; ) {
    waiting = await Promise.race([ready.then(() => false), delay(LOOK_MS, true)]);
    if (!onProgress) continue;
    const jobs = await qmp.execute('query-block-jobs');
    const found = Array.isArray(jobs) ? jobs.find(({ device }) => device === job) : undefined;
    if (found) onProgress(Number(found.offset), Number(found.len));
  }
}

async function remove(qmp: QmpClient, node: string): Promise<void> {
  await qmp.execute('blockdev-del', { 'node-name': node }).catch(() => {});
}

/** Follows a block job by QEMU's events. */
class JobWatch {
  readonly ready: Promise<void>;
  readonly completed: Promise<void>;
  #begun = false;
  #ended = false;
  #resolveReady = () => {};
  #resolveCompleted = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    private readonly qmp: QmpClient,
    private readonly job: string,
  ) {
    this.completed = new Promise((resolve, reject) => {
      this.#resolveCompleted = resolve;
      this.#reject = reject;
    });
    this.ready = Promise.race([
      new Promise<void>((resolve) => {
        this.#resolveReady = resolve;
      }),
      this.completed,
    ]);
    // Both are waited for by whoever began the job, if it could be begun at all.
    this.ready.catch(() => {});
    this.completed.catch(() => {});
    qmp.on('event', this.#take);
    qmp.on('close', this.#lose);
  }

  /** Waits for the end of a job that is being given up. */
  async gone(): Promise<void> {
    if (!this.#begun || this.#ended) return;
    await this.qmp.execute('block-job-cancel', { device: this.job, force: true }).catch(() => {});
    await this.completed.catch(() => {});
  }

  close(): void {
    this.qmp.off('event', this.#take);
    this.qmp.off('close', this.#lose);
  }

  #take = ({ event, data }: QmpEvent): void => {
    if (event === 'JOB_STATUS_CHANGE' && data.id === this.job) this.#begun = true;
    if (data.device !== this.job) return;
    if (event === 'BLOCK_JOB_READY') this.#resolveReady();
    if (event !== 'BLOCK_JOB_COMPLETED' && event !== 'BLOCK_JOB_CANCELLED') return;
    this.#ended = true;
    if (event === 'BLOCK_JOB_CANCELLED') this.#reject(new Error('the copy was given up'));
    else if (data.error !== undefined) this.#reject(new Error(String(data.error)));
    else this.#resolveCompleted();
  };

  #lose = (): void => {
    this.#ended = true;
    this.#reject(new Error('the machine has gone'));
  };
}
