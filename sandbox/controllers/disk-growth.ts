import { isDeepStrictEqual } from 'node:util';
import type { ClusterApi } from '../api/objects';
import { imageBytes } from './claim-image';
import { claimName } from './claims';
import { type PersistentVolumeClaim, PVCS } from './storage-types';
import { type VirtualMachineInstance, VMIS } from './types';
import type { VirtHandler } from './virt-handler';
import { claimInfo } from './vmi-status';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const LATENCY_MS = 100;
const RETRY_MS = 5_000;

/** virt-handler's part of a claim that has grown: its disk grows in the guests that run with it. */
export class DiskGrowth {
  private readonly queue = new WorkQueue('disk growth', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
  ) {
    this.stop = cluster.watch<PersistentVolumeClaim>(PVCS, ({ type, object, previous }) => {
      if (type !== 'MODIFIED' || !previous?.status?.capacity) return;
      if (!isDeepStrictEqual(object.status?.capacity, previous.status.capacity))
        this.queue.add(keyFor(object));
    });
  }

  close(): void {
    this.stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (!claim) return;
    for (const vmi of this.cluster.list<VirtualMachineInstance>(VMIS, namespace)) {
      const volumes = (vmi.spec.volumes ?? []).filter(
        (volume) => !volume.ephemeral && claimName(volume) === name,
      );
      if (volumes.length > 0) await this.grow(key, vmi, claim, new Set(volumes.map((volume) => volume.name)));
    }
  }

  private async grow(
    key: string,
    vmi: VirtualMachineInstance,
    claim: PersistentVolumeClaim,
    volumes: ReadonlySet<string>,
  ): Promise<void> {
    this.cluster.update<VirtualMachineInstance>(VMIS, vmi.metadata.namespace, vmi.metadata.name, (draft) => {
      for (const status of draft.status?.volumeStatus ?? []) {
        if (volumes.has(status.name)) Object.assign(status, claimInfo(claim));
      }
    });
    const guest = vmi.status?.phase === 'Running' ? this.virtHandler.guestOf(vmi) : undefined;
    for (const disk of guest?.spec.disks ?? []) {
      if (!volumes.has(disk.name) || disk.readOnly) continue;
      try {
        await guest?.resizeDisk(disk.name, imageBytes(this.cluster, claim));
      } catch (error) {
        console.error(`${keyFor(vmi)}: disk ${disk.name} cannot grow:`, error);
        this.queue.add(key, RETRY_MS);
      }
    }
  }
}
