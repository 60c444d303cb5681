import type { ClusterApi } from '../api/objects';
import { clock } from '../clock';
import type { Guest, GuestIoError } from '../guests/hypervisor';
import { findCondition, removeCondition, setCondition } from './conditions';
import { now } from './time';
import { type VirtualMachineInstance, type VirtualMachineInstanceStatus, VMIS } from './types';

const REASON = 'PausedIOError';
/** How long until virt-handler lets such a guest try again by itself. */
const RETRY_MS = 60_000;

/** What virt-handler and virt-launcher do about guests that stand still because a disk cannot be read or written. */
export class IoErrors {
  private closed = false;

  constructor(private readonly cluster: ClusterApi) {}

  close(): void {
    this.closed = true;
  }

  follow(vmi: VirtualMachineInstance, guest: Guest): void {
    guest.on('ioError', (error) => this.stopped(vmi, guest, error));
  }

  private stopped(vmi: VirtualMachineInstance, guest: Guest, { disk = '', noSpace }: GuestIoError): void {
    if (this.closed) return;
    const time = now();
    this.write(vmi, (status) =>
      setCondition(status, {
        type: 'Paused',
        status: 'True',
        reason: REASON,
        message: 'VMI was paused, low-level IO error detected',
        lastProbeTime: time,
        lastTransitionTime: time,
      }),
    );
    const why = noSpace ? 'not enough space on volume' : 'IO error at the volume';
    this.cluster.event(vmi, {
      type: 'Warning',
      reason: 'IOerror',
      message: `VM Paused due to ${why}: ${disk}`,
      component: 'virt-launcher',
    });
    clock.after(RETRY_MS, () => void this.retry(vmi, guest).catch(() => {}), { background: true });
  }

  /** It goes on if there is room again; otherwise it stops at once, and that is told once more. */
  private async retry(vmi: VirtualMachineInstance, guest: Guest): Promise<void> {
    const { namespace, name, uid } = vmi.metadata;
    const current = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    const stands = findCondition(current?.status, 'Paused')?.reason === REASON;
    if (this.closed || current?.metadata.uid !== uid || !stands) return;
    await guest.resume();
    this.write(vmi, (status) => removeCondition(status, 'Paused'));
  }

  private write(
    { metadata }: VirtualMachineInstance,
    change: (status: VirtualMachineInstanceStatus) => void,
  ): void {
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      if (draft.metadata.uid === metadata.uid && draft.status) change(draft.status);
    });
  }
}
