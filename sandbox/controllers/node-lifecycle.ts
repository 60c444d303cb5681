import type { ClusterApi } from '../api/objects';
import { clock } from '../clock';
import type { DeadNodes } from './dead-nodes';
import type { Taint } from './placement-types';
import { now } from './time';
import type { Condition, Node, Pod } from './types';
import { WorkQueue } from './work-queue';

const COMPONENT = 'node-controller';
const LATENCY_MS = 20;
/** How long a kubelet may be silent (--node-monitor-grace-period). */
const GRACE_MS = 40_000;
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const NOT_READY = 'node.kubernetes.io/not-ready';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const MANAGED = [UNREACHABLE, NOT_READY, UNSCHEDULABLE];
const PRESSURES: Record<string, string> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
};

type NodeCondition = Condition & { lastHeartbeatTime?: string };

/**
 * The node lifecycle controller: notices kubelets that fall silent, says so in the node's conditions and in those of
 * its pods, and keeps the taints that follow from a node's conditions and from a cordon.
 */
export class NodeLifecycle {
  private readonly queue = new WorkQueue('node-lifecycle', (name) => this.reconcile(name), LATENCY_MS);
  private readonly silentSince = new Map<string, number>();
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly deadNodes: DeadNodes,
  ) {
    this.stops = [
      cluster.watch<Node>('nodes', ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(object.metadata.name);
      }),
      deadNodes.watch((name, dead) => {
        if (dead) this.silentSince.set(name, clock.millis());
        else this.silentSince.delete(name);
        this.queue.add(name);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(name: string): void {
    const node = this.cluster.get<Node>('nodes', undefined, name);
    if (!node) return;
    const left = this.timeToSilence(name);
    if (left !== undefined && left > 0) this.queue.add(name, left);
    if (left !== undefined && left <= 0 && readiness(node) !== 'Unknown') this.giveUp(node);
    this.taint(name);
  }

  /** How long until a silent node counts as lost; undefined for one that reports. */
  private timeToSilence(name: string): number | undefined {
    const since = this.silentSince.get(name);
    return since === undefined || !this.deadNodes.has(name) ? undefined : since + GRACE_MS - clock.millis();
  }

  private giveUp(node: Node): void {
    const { name } = node.metadata;
    const time = now();
    this.cluster.update<Node>('nodes', undefined, name, (draft) => {
      const known = draft.status?.conditions ?? [];
      const conditions = known.map(
        (condition): NodeCondition => ({
          ...condition,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: time,
        }),
      );
      draft.status = { ...draft.status, conditions };
    });
    const message = `Node ${name} status is now: NodeNotReady`;
    this.cluster.event(node, { type: 'Normal', reason: 'NodeNotReady', message, component: COMPONENT });
    for (const pod of this.cluster.list<Pod>('pods')) {
      if (pod.spec.nodeName === name) this.markUnready(pod, time);
    }
  }

  /** Nobody but the kubelet says that a pod is ready, so that nothing is sent to one on a lost node. */
  private markUnready(pod: Pod, time: string): void {
    const { namespace, name } = pod.metadata;
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True') return;
    this.cluster.update<Pod>('pods', namespace, name, (draft) => {
      draft.status = {
        ...draft.status,
        conditions: (draft.status?.conditions ?? []).map((condition) =>
          condition.type === 'Ready'
            ? { ...condition, status: 'False' as const, lastTransitionTime: time }
            : condition,
        ),
      };
    });
    const said = { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' } as const;
    this.cluster.event(pod, { ...said, component: COMPONENT });
  }

  private taint(name: string): void {
    this.cluster.update<Node>('nodes', undefined, name, (draft) => {
      const kept = withTaints(draft);
      if (kept.length > 0) draft.spec.taints = kept;
      else delete draft.spec.taints;
    });
  }
}

function readiness({ status }: Node): string {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
}

/** The taints a node should have: people's own, and those that its conditions and its cordon call for. */
export function withTaints(node: Node): Taint[] {
  const { taints = [], unschedulable } = node.spec;
  const wanted: Taint[] = [];
  if (unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  for (const { type, status } of node.status?.conditions ?? []) {
    const pressure = PRESSURES[type];
    if (pressure && status === 'True') wanted.push({ key: pressure, effect: 'NoSchedule' });
    if (type !== 'Ready' || status === 'True') continue;
    const key = status === 'Unknown' ? UNREACHABLE : NOT_READY;
    wanted.push({ key, effect: 'NoSchedule' }, { key, effect: 'NoExecute' });
  }
  const isManaged = ({ key }: Taint) => MANAGED.includes(key) || Object.values(PRESSURES).includes(key);
  const same = (a: Taint, b: Taint) => a.key === b.key && a.effect === b.effect;
  const kept = taints.filter((taint) => !isManaged(taint) || wanted.some((other) => same(taint, other)));
  const added = wanted.filter((taint) => !taints.some((other) => same(taint, other)));
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: now() }))];
}
