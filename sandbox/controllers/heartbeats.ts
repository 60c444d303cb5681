import type { ClusterApi, KubeObject } from '../api/objects';
import { type Appointment, clock } from '../clock';
import type { DeadNodes } from './dead-nodes';
import { now } from './time';
import type { Condition, Node, Pod } from './types';
import { hasHandler } from './virt-nodes';

/** How often a kubelet reports an unchanged status (nodeStatusReportFrequency). */
const HEARTBEAT_MS = 300_000;
const LEASES = 'leases.coordination.k8s.io';
const LEASE_NAMESPACE = 'kube-node-lease';

/** The nodes' heartbeats: a sign of life every five minutes, and nothing in between. */
export class Heartbeats {
  private readonly beats: Appointment;
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly deadNodes: DeadNodes,
  ) {
    this.beat();
    this.beats = clock.every(HEARTBEAT_MS, () => this.beat());
    this.stops = [
      // A kubelet that boots reports at once, and so does a virt-handler that starts.
      deadNodes.watch((_name, dead) => {
        if (!dead) this.beat();
      }),
      cluster.watch<Pod>('pods', ({ object, previous }) => {
        if (object.metadata.labels?.['kubevirt.io'] !== 'virt-handler') return;
        if (previous && previous.status?.phase !== 'Running' && object.status?.phase === 'Running')
          this.beat();
      }),
    ];
  }

  close(): void {
    this.beats.cancel();
    for (const stop of this.stops) stop();
  }

  private beat(): void {
    const time = now();
    for (const node of this.cluster.list<Node>('nodes')) {
      const { metadata } = node;
      if (this.deadNodes.has(metadata.name)) continue;
      this.renewLease(node);
      const handled = hasHandler(this.cluster, this.deadNodes, metadata.name);
      this.cluster.update<Node>('nodes', undefined, metadata.name, (draft) => {
        if (handled) {
          draft.metadata.annotations = { ...draft.metadata.annotations, 'kubevirt.io/heartbeat': time };
          draft.metadata.labels = { ...draft.metadata.labels, 'kubevirt.io/schedulable': 'true' };
        }
        if (!draft.status?.conditions) return;
        draft.status.conditions = draft.status.conditions.map((known) => ({
          ...(known.status === 'Unknown' ? healthy(known.type, time) : known),
          lastHeartbeatTime: time,
        }));
      });
    }
  }

  /**
   * The lease that `kubectl describe node` shows. A kubelet renews it every 10 s; here that would be most of what the
   * journal holds, so it lasts as long as the beat instead.
   */
  private renewLease(node: Node): void {
    const { name, uid } = node.metadata;
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: (2 * HEARTBEAT_MS) / 1000,
      renewTime: `${clock.now().toISOString().slice(0, -1)}000Z`,
    };
    const renewed = this.cluster.update<KubeObject>(LEASES, LEASE_NAMESPACE, name, (draft) => {
      draft.spec = spec;
    });
    if (renewed) return;
    this.cluster.create(LEASES, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name,
        namespace: LEASE_NAMESPACE,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
      },
      spec,
    });
  }
}

const HEALTHY: Record<string, [reason: string, message: string]> = {
  MemoryPressure: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  DiskPressure: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  PIDPressure: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  Ready: ['KubeletReady', 'kubelet is posting ready status'],
};

/** What a kubelet says of itself after a boot. */
function healthy(type: string, time: string): Condition {
  const [reason = '', message = ''] = HEALTHY[type] ?? [];
  return { type, status: type === 'Ready' ? 'True' : 'False', reason, message, lastTransitionTime: time };
}
