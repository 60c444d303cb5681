import { ApiError } from '../../api/errors';
import type { ClusterApi, KubeObject } from '../../api/objects';
import { findCondition, isTrue } from '../conditions';
import { CANCELLATION, VOLUMES_CHANGE } from '../live-update/volume-migration';
import { type VirtualMachineInstance, VMIS } from '../types';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { isOver, MIGRATIONS, type Migration, WORKLOAD_UPDATE } from './migration';
import { requestMigration } from './request-migration';

const COMPONENT = 'virtualmachineinstance-workload-update-controller';
const LATENCY_MS = 300;
const RETRY_MS = 5_000;
/** What a running guest gets only by moving. */
const WAITING = ['HotVCPUChange', 'HotMemoryChange', 'MigrationRequired', VOLUMES_CHANGE];

type KubeVirt = KubeObject & {
  spec?: { workloadUpdateStrategy?: { workloadUpdateMethods?: string[] } };
};

/**
 * Migrates instances whose live update waits for it, where the KubeVirt resource lists LiveMigrate among its
 * workloadUpdateMethods. Mirrors virt-controller's workload updater as far as live updates go.
 */
export class WorkloadUpdateController {
  private readonly queue = new WorkQueue('workload update', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object }) => {
        if (type !== 'DELETED' && (waits(object) || isCanceled(object))) this.queue.add(keyFor(object));
      }),
      cluster.watch('kubevirts.kubevirt.io', () => {
        for (const vmi of cluster.list<VirtualMachineInstance>(VMIS)) {
          if (waits(vmi)) this.queue.add(keyFor(vmi));
        }
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
    if (vmi && isCanceled(vmi)) this.giveUp(vmi);
    if (!vmi || !waits(vmi) || vmi.status?.phase !== 'Running' || vmi.metadata.deletionTimestamp) return;
    const methods = this.cluster.list<KubeVirt>('kubevirts.kubevirt.io')[0]?.spec?.workloadUpdateStrategy;
    if (!methods?.workloadUpdateMethods?.includes('LiveMigrate')) return;
    if (!isTrue(vmi.status, 'LiveMigratable')) return;
    const busy = this.cluster
      .list<Migration>(MIGRATIONS, namespace)
      .some((migration) => migration.spec.vmiName === name && !isOver(migration));
    if (busy) {
      this.queue.add(key, RETRY_MS);
      return;
    }
    try {
      const made = requestMigration(this.cluster, vmi, {
        generateName: 'kubevirt-workload-update-',
        annotations: { [WORKLOAD_UPDATE]: '' },
        priority: 'system-maintenance',
      });
      const message = `Created migration ${made?.metadata.name} for automated workload update`;
      this.tell(vmi, 'Normal', 'SuccessfulCreate', message);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = `Error creating a Migration for automated workload update: ${error.message}`;
      this.tell(vmi, 'Warning', 'FailedCreate', message);
    }
    this.queue.add(key, RETRY_MS);
  }

  /** The volumes go back to where they were: a migration under way for them ends. */
  private giveUp({ metadata }: VirtualMachineInstance): void {
    for (const migration of this.cluster.list<Migration>(MIGRATIONS, metadata.namespace)) {
      const isOurs = migration.metadata.annotations?.[WORKLOAD_UPDATE] !== undefined;
      if (!isOurs || migration.spec.vmiName !== metadata.name || isOver(migration)) continue;
      if (!migration.metadata.deletionTimestamp)
        this.cluster.delete(MIGRATIONS, metadata.namespace, migration.metadata.name);
    }
  }

  private tell(
    vmi: VirtualMachineInstance,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    this.cluster.event(vmi, { type, reason, message, component: COMPONENT });
  }
}

function waits({ status }: VirtualMachineInstance): boolean {
  return WAITING.some((type) => isTrue(status, type));
}

function isCanceled({ status }: VirtualMachineInstance): boolean {
  return findCondition(status, VOLUMES_CHANGE)?.reason === CANCELLATION;
}
