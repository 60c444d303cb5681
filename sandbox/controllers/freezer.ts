import type { ClusterApi } from '../api/objects';
import { type Appointment, clock } from '../clock';
import type { Guest } from '../guests/hypervisor';
import { type VirtualMachineInstance, VMIS } from './types';

/** Keeps guests' file systems frozen for as long as was asked for, and no longer. */
export class Freezer {
  private readonly thaws = new Map<string, Appointment>();

  constructor(private readonly cluster: ClusterApi) {}

  /** @throws what the guest's agent says. A `timeoutMs` of 0 waits for `thaw`. */
  async freeze(vmi: VirtualMachineInstance, guest: Guest, timeoutMs: number): Promise<void> {
    await guest.freeze();
    this.report(vmi, 'frozen');
    this.thaws.get(vmi.metadata.uid)?.cancel();
    if (timeoutMs === 0) return;
    const thaw = () => void this.thaw(vmi, guest).catch(() => {});
    this.thaws.set(vmi.metadata.uid, clock.after(timeoutMs, thaw, { background: true }));
  }

  /** @throws what the guest's agent says. */
  async thaw(vmi: VirtualMachineInstance, guest: Guest): Promise<void> {
    this.thaws.get(vmi.metadata.uid)?.cancel();
    this.thaws.delete(vmi.metadata.uid);
    await guest.thaw();
    this.report(vmi, undefined);
  }

  private report({ metadata }: VirtualMachineInstance, state: 'frozen' | undefined): void {
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, ({ status }) => {
      if (!status) return;
      if (state) status.fsFreezeStatus = state;
      else delete status.fsFreezeStatus;
    });
  }
}
