import type { ClusterApi } from '../../api/objects';
import type { Guest } from '../../guests/hypervisor';
import { isMoving } from '../migration/migration-state';
import { type VirtualMachineInstance, VMIS } from '../types';
import type { VirtHandler } from '../virt-handler';
import { keyFor, splitKey, WorkQueue } from '../work-queue';

const LATENCY_MS = 100;

/** One thing about a running guest that follows its instance. */
export interface LiveRule {
  /** Of its queue. */
  name: string;
  /** How long after a failure it is tried again; without it, at the next change. */
  retryMs?: number;
  /** Whether a change of a running instance may ask for one of its guest. */
  concerns(before: VirtualMachineInstance | undefined, now: VirtualMachineInstance): boolean;
  /** Brings the guest to what the instance says. @throws what becomes the event SyncFailed. */
  follow(vmi: VirtualMachineInstance, guest: Guest): Promise<void>;
}

/**
 * virt-handler's sync of guests that run already: each change of an instance that concerns `rule` is followed once its
 * guest is in its place, and what fails becomes an event.
 */
export class LiveSync {
  private readonly queue: WorkQueue;
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly virtHandler: VirtHandler,
    private readonly rule: LiveRule,
  ) {
    this.queue = new WorkQueue(rule.name, (key) => this.reconcile(key), LATENCY_MS);
    this.stop = cluster.watch<VirtualMachineInstance>(VMIS, ({ type, object, previous }) => {
      if (type !== 'MODIFIED' || object.status?.phase !== 'Running') return;
      // The end of a migration is what a change that came during it has waited for.
      const arrived = previous?.status?.migrationState !== object.status.migrationState;
      if (arrived || rule.concerns(previous, object)) this.queue.add(keyFor(object));
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
    // QEMU changes no machine whose guest is under way.
    if (isMoving(vmi.status.migrationState)) return;
    const guest = this.virtHandler.guestOf(vmi);
    if (!guest) return;
    try {
      await this.rule.follow(vmi, guest);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const host = vmi.status.nodeName;
      this.cluster.event(vmi, {
        ...{ type: 'Warning', reason: 'SyncFailed', message, component: 'virt-handler' },
        ...(host ? { host } : {}),
      });
      if (this.rule.retryMs !== undefined) this.queue.add(key, this.rule.retryMs);
    }
  }
}
