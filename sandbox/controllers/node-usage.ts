import type { ClusterApi } from '../api/objects';
import { type Amounts, podRequests } from './scheduling';
import type { Pod } from './types';

interface Share {
  node: string;
  priority: number;
  amounts: Amounts;
}

/**
 * What the pods of each node request together, kept up to date pod by pod: adding up everything for each pod to be
 * placed would cost a large cluster its time.
 */
export class NodeUsage {
  private readonly shares = new Map<string, Share>();
  private readonly sums = new Map<string, Amounts>();
  /** Pods on nodes that keep others away, by uid. */
  private readonly averse = new Map<string, Pod>();
  /** How many pods on nodes have a priority. */
  private readonly priorities = new Map<number, number>();
  private readonly stop: () => void;

  constructor(private readonly cluster: ClusterApi) {
    // Not left to the watch's beginning, which may leave out what is settled.
    for (const pod of cluster.list<Pod>('pods')) this.note(pod);
    this.stop = cluster.watch<Pod>('pods', ({ type, object }) => {
      if (type === 'DELETED') this.forget(object);
      else this.note(object);
    });
  }

  close(): void {
    this.stop();
  }

  /** By node, in base units. */
  used(): ReadonlyMap<string, Amounts> {
    return this.sums;
  }

  /** The pods that rules about neighbours can be about when `pod` is placed. */
  neighboursOf({ spec }: Pod): readonly Pod[] {
    const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
    return podAffinity || podAntiAffinity ? this.cluster.list<Pod>('pods') : [...this.averse.values()];
  }

  /** Whether any pod on a node has a lower priority: without, preemption can find nobody. */
  hasLower({ spec }: Pod): boolean {
    const rank = priorityOf(spec);
    return [...this.priorities.keys()].some((priority) => priority < rank);
  }

  private note(pod: Pod): void {
    const { uid } = pod.metadata;
    const node = pod.spec.nodeName;
    const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (!node || ended) {
      this.forget(pod);
      return;
    }
    if (pod.spec.affinity?.podAntiAffinity) this.averse.set(uid, pod);
    // What a pod requests is set when it is made, and where it runs when it is placed.
    if (this.shares.has(uid)) return;
    const share = { node, priority: priorityOf(pod.spec), amounts: podRequests(pod) };
    this.shares.set(uid, share);
    this.add(share, 1);
  }

  private forget({ metadata }: Pod): void {
    const share = this.shares.get(metadata.uid);
    this.averse.delete(metadata.uid);
    if (!share) return;
    this.shares.delete(metadata.uid);
    this.add(share, -1);
  }

  private add({ node, priority, amounts }: Share, sign: 1 | -1): void {
    const alike = (this.priorities.get(priority) ?? 0) + sign;
    if (alike > 0) this.priorities.set(priority, alike);
    else this.priorities.delete(priority);
    const sum = this.sums.get(node) ?? {};
    for (const [name, amount] of Object.entries(amounts)) sum[name] = (sum[name] ?? 0) + sign * amount;
    this.sums.set(node, sum);
  }
}

function priorityOf({ priority }: Pod['spec']): number {
  return typeof priority === 'number' ? priority : 0;
}
