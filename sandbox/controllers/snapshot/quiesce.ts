import type { ClusterApi } from '../../api/objects';
import { isTrue } from '../conditions';
import { Freezer } from '../freezer';
import { type VirtualMachineInstance, VMIS } from '../types';
import type { VirtHandler } from '../virt-handler';
import { deadlineMs } from './snapshot-status';
import { SNAPSHOTS, type VmSnapshot, type VmSnapshotContent } from './types';

/** Freezes a running source while its disks are copied. Mirrors Freeze and Unfreeze of virt-controller's source. */
export class Quiesce {
  private readonly freezer: Freezer;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
  ) {
    this.freezer = new Freezer(cluster);
  }

  /**
   * No longer than the snapshot's own deadline. A guest without an agent, or one that is paused, is copied as it is.
   * @throws Error saying that, and why, the guest could not be frozen.
   */
  async freeze(content: VmSnapshotContent): Promise<void> {
    const vmi = this.sourceOf(content);
    if (!vmi || vmi.status?.fsFreezeStatus || isTrue(vmi.status, 'Paused')) return;
    const guest = isTrue(vmi.status, 'AgentConnected') ? this.virtHandler.guestOf(vmi) : undefined;
    if (!guest) return;
    const name = content.spec.virtualMachineSnapshotName ?? '';
    const snapshot = this.cluster.get<VmSnapshot>(SNAPSHOTS, content.metadata.namespace, name);
    const deadline = snapshot ? deadlineMs(snapshot) : 0;
    try {
      await this.freezer.freeze(vmi, guest, Number.isFinite(deadline) ? deadline : 0);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`Failed freezing vm ${vmi.metadata.name}: ${why}`);
    }
  }

  async thaw(content: VmSnapshotContent): Promise<void> {
    const vmi = this.sourceOf(content);
    const guest = vmi?.status?.fsFreezeStatus ? this.virtHandler.guestOf(vmi) : undefined;
    if (vmi && guest) await this.freezer.thaw(vmi, guest).catch(() => {});
  }

  private sourceOf({ metadata, spec }: VmSnapshotContent): VirtualMachineInstance | undefined {
    const { name } = spec.source.virtualMachine.metadata;
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, metadata.namespace, name);
    return vmi?.status?.phase === 'Running' ? vmi : undefined;
  }
}
