import { imageOf } from './block-nodes';
import type { GuestDisk, GuestIoError } from './hypervisor';
import type { QmpClient, QmpEvent } from './qmp';

/** What a disk's device does when its image cannot be read or written, in QEMU's words. */
export function errorActions({ errorPolicy = 'stop' }: GuestDisk): { werror: string; rerror: string } {
  // As libvirt has it: only writes can lack space.
  if (errorPolicy === 'enospace') return { werror: 'enospc', rerror: 'report' };
  return { werror: errorPolicy, rerror: errorPolicy };
}

/** Whether the machine stands still because an image could not be read or written. */
export async function isStoppedByError(qmp: QmpClient): Promise<boolean> {
  const answer = await qmp.execute('query-status');
  return typeof answer === 'object' && answer !== null && 'status' in answer && answer.status === 'io-error';
}

/** Tells, once until it was let run again, that the machine stopped because an image could not be read or written. */
export class BlockErrors {
  #told = false;

  constructor(
    private readonly qmp: QmpClient,
    private readonly disks: () => readonly GuestDisk[],
    private readonly tell: (error: GuestIoError) => void,
  ) {
    qmp.on('event', (event) => this.#take(event));
  }

  /** The machine is about to run again: what stops it from now on is told anew. */
  forget(): void {
    this.#told = false;
  }

  #take({ event, data }: QmpEvent): void {
    if (event !== 'BLOCK_IO_ERROR' || data.action !== 'stop' || this.#told) return;
    this.#told = true;
    const { nospace, reason } = data;
    void imageOf(this.qmp, String(data['node-name']))
      .catch(() => undefined)
      .then((image) => {
        const disk = this.disks().find(({ path }) => path === image)?.name;
        const error = { noSpace: nospace === true, reason: String(reason) };
        this.tell(disk === undefined ? error : { ...error, disk });
      });
  }
}
