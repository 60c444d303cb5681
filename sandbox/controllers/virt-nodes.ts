import type { ClusterApi } from '../api/objects';
import { clock } from '../clock';
import type { DeadNodes } from './dead-nodes';
import { launchersOf } from './launchers';
import { isFinal } from './run-strategy';
import { now } from './time';
import { type Node, type Pod, type VirtualMachineInstance, VMIS } from './types';
import { setPhase } from './vmi-status';
import { WorkQueue } from './work-queue';

const COMPONENT = 'node-controller';
const LATENCY_MS = 50;
/** How old virt-handler's heartbeat may get. */
const HEARTBEAT_TIMEOUT_MS = 300_000;
const HEARTBEAT = 'kubevirt.io/heartbeat';
const SCHEDULABLE = 'kubevirt.io/schedulable';

/** Whether a virt-handler works on the node: its pod runs, and the node is there. */
export function hasHandler(cluster: ClusterApi, deadNodes: DeadNodes, node: string): boolean {
  if (deadNodes.has(node)) return false;
  return cluster
    .list<Pod>('pods', 'kubevirt')
    .some(
      ({ metadata, spec, status }) =>
        spec.nodeName === node &&
        metadata.labels?.['kubevirt.io'] === 'virt-handler' &&
        status?.phase === 'Running' &&
        !metadata.deletionTimestamp,
    );
}

/**
 * virt-controller's view of nodes: where virt-handler has been silent for too long nothing is started any more, and
 * instances whose pod is gone from such a node have failed.
 */
export class VirtNodes {
  private readonly queue = new WorkQueue('virt-nodes', (name) => this.reconcile(name), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly deadNodes: DeadNodes,
  ) {
    this.stops = [
      cluster.watch<Node>('nodes', ({ object }) => this.queue.add(object.metadata.name)),
      deadNodes.watch((name) => this.queue.add(name)),
      cluster.watch<Pod>('pods', ({ type, object }) => {
        const kind = object.metadata.labels?.['kubevirt.io'];
        if (!object.spec.nodeName || !['virt-handler', 'virt-launcher'].includes(kind ?? '')) return;
        if (type !== 'MODIFIED' || kind === 'virt-handler') this.queue.add(object.spec.nodeName);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(name: string): void {
    const node = this.cluster.get<Node>('nodes', undefined, name);
    const seen = Date.parse(node?.metadata.annotations?.[HEARTBEAT] ?? '') || 0;
    // The heartbeat is written more seldom than on a real cluster, so that its age alone proves nothing.
    const silent = !hasHandler(this.cluster, this.deadNodes, name);
    const left = seen + HEARTBEAT_TIMEOUT_MS - clock.millis();
    if (node && silent && left > 0) this.queue.add(name, left + 1);
    if (node && !silent) return;
    if (node && left > 0) return;
    if (node && node.metadata.labels?.[SCHEDULABLE] !== 'false') this.giveUp(node);
    this.failInstances(name);
  }

  private giveUp(node: Node): void {
    this.cluster.update<Node>('nodes', undefined, node.metadata.name, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, [SCHEDULABLE]: 'false' };
    });
    const message = 'virt-handler is not responsive, marking node as unresponsive';
    this.cluster.event(node, { type: 'Normal', reason: 'NodeUnresponsive', message, component: COMPONENT });
  }

  private failInstances(node: string): void {
    for (const vmi of this.cluster.list<VirtualMachineInstance>(VMIS)) {
      if (vmi.status?.nodeName !== node || isFinal(vmi)) continue;
      const alive = launchersOf(this.cluster, vmi).some(
        ({ spec, status }) =>
          spec.nodeName === node && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
      );
      if (alive) continue;
      const { namespace, name } = vmi.metadata;
      this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, (draft) => {
        draft.status ??= {};
        setPhase(draft.status, 'Failed', now());
        draft.status.reason = 'NodeUnresponsive';
      });
      const message = `virt-handler is not responsive, marking VMI as failed`;
      this.cluster.event(vmi, { type: 'Normal', reason: 'NodeUnresponsive', message, component: COMPONENT });
    }
  }
}
