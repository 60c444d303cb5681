import { readConfig } from '../../api/admission/config';
import { ApiError } from '../../api/errors';
import type { ClusterApi } from '../../api/objects';
import { removeCondition, setCondition } from '../conditions';
import { now } from '../time';
import { type Node, type VirtualMachineInstance, VMIS } from '../types';
import { WorkQueue } from '../work-queue';
import { migrationConfiguration } from './configuration';
import { planEvacuation } from './evacuation';
import { EVACUATION, isOver, MIGRATIONS, type Migration } from './migration';
import { requestMigration } from './request-migration';

const COMPONENT = 'disruptionbudget-controller';
const LATENCY_MS = 150;
const RETRY_MS = 5_000;

/** Empties nodes: makes a migration for each instance that has to leave one, as many at a time as are allowed. */
export class EvacuationController {
  private readonly queue = new WorkQueue('evacuation', (name) => this.reconcile(name), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<Node>('nodes', ({ type, object, previous }) => {
        const taints = JSON.stringify(object.spec.taints) !== JSON.stringify(previous?.spec.taints);
        if (type !== 'DELETED' && taints) this.queue.add(object.metadata.name);
      }),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ object }) => {
        this.markEviction(object);
        const node = object.status?.evacuationNodeName;
        if (node) this.queue.add(node);
      }),
      cluster.watch<Migration>(MIGRATIONS, ({ object }) => {
        const node = object.metadata.annotations?.[EVACUATION];
        if (node && isOver(object)) this.queue.add(node);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private markEviction({ metadata, status }: VirtualMachineInstance): void {
    const asked = status?.evacuationNodeName !== undefined;
    const told = status?.conditions?.some(({ type }) => type === 'EvictionRequested') ?? false;
    if (asked === told) return;
    this.cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, (draft) => {
      draft.status ??= {};
      if (!asked) removeCondition(draft.status, 'EvictionRequested');
      else {
        setCondition(draft.status, {
          type: 'EvictionRequested',
          status: 'True',
          message: 'VMI is marked for eviction',
          lastProbeTime: null,
          lastTransitionTime: now(),
        });
      }
    });
  }

  private reconcile(name: string): void {
    const node = this.cluster.get<Node>('nodes', undefined, name);
    if (!node) return;
    const { start, stuck, more } = planEvacuation({
      node,
      instances: this.cluster
        .list<VirtualMachineInstance>(VMIS)
        .filter(({ status }) => status?.nodeName === name),
      migrations: this.cluster.list<Migration>(MIGRATIONS),
      options: migrationConfiguration(this.cluster),
      strategy: readConfig(this.cluster).evictionStrategy,
    });
    for (const vmi of stuck) {
      this.tell(vmi, 'Warning', 'FailedCreate', 'VirtualMachineInstance is not migrateable');
    }
    for (const vmi of start) this.migrate(vmi, name);
    if (more || stuck.length > 0) this.queue.add(name, RETRY_MS);
  }

  private migrate(vmi: VirtualMachineInstance, node: string): void {
    try {
      const made = requestMigration(this.cluster, vmi, {
        generateName: 'kubevirt-evacuation-',
        annotations: { [EVACUATION]: node },
        priority: 'system-critical',
      });
      this.tell(vmi, 'Normal', 'SuccessfulCreate', `Created Migration ${made?.metadata.name}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.tell(vmi, 'Warning', 'FailedCreate', `Error creating a Migration: ${error.message}`);
      this.queue.add(node, RETRY_MS);
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
