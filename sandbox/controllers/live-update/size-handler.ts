import type { ClusterApi } from '../../api/objects';
import type { Guest } from '../../guests/hypervisor';
import { isMoving } from '../migration/migration-state';
import { parseQuantity } from '../quantity';
import { type VirtualMachineInstance, VMIS } from '../types';
import type { VirtHandler } from '../virt-handler';
import { keyFor, splitKey, WorkQueue } from '../work-queue';

const LATENCY_MS = 50;
const MIB = 2 ** 20;

/** virt-handler's part of live updates of size: the guest gets the CPUs and memory that a migration has settled. */
export class SizeHandler {
  private readonly queue = new WorkQueue('size', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
  ) {
    this.stop = cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object, previous }) => {
      if (type !== 'MODIFIED' || object.status?.phase !== 'Running') return;
      const changed =
        previous?.status?.currentCPUTopology !== object.status.currentCPUTopology ||
        previous?.status?.memory !== object.status.memory ||
        previous?.status?.migrationState !== object.status.migrationState;
      if (changed) this.queue.add(keyFor(object));
    });
  }

  close(): void {
    this.stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (vmi?.status?.phase !== 'Running' || vmi.metadata.deletionTimestamp) return;
    // QEMU changes no machine whose guest is under way; the end of the migration comes here again.
    if (isMoving(vmi.status.migrationState)) return;
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) return;
    try {
      for (const step of growth(vmi, guest)) await this.virtHandler.change(vmi, guest, step);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const host = vmi.status.nodeName;
      this.cluster.event(vmi, {
        ...{ type: 'Warning', reason: 'SyncFailed', message, component: 'virt-handler' },
        ...(host ? { host } : {}),
      });
    }
  }
}

/** What the guest lacks of its size as the status has it. */
function growth({ spec, status }: VirtualMachineInstance, guest: Guest): (() => Promise<void>)[] {
  const { sockets = 1, cores = 1, threads = 1 } = status?.currentCPUTopology ?? {};
  const vcpus = status?.currentCPUTopology ? sockets * cores * threads : 0;
  const memoryMiB = Math.ceil(parseQuantity(status?.memory?.guestCurrent) / MIB);
  const sized = spec.domain.memory?.guest !== undefined && memoryMiB > 0;
  return [
    ...(vcpus > guest.spec.vcpus ? [() => guest.setVcpus(vcpus)] : []),
    ...(sized && memoryMiB !== guest.spec.memoryMiB ? [() => guest.setMemory(memoryMiB)] : []),
  ];
}
