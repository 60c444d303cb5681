import type { ClusterApi } from '../api/objects';
import { clock } from '../clock';
import type { Taint } from './placement-types';
import { tolerates } from './scheduling';
import type { Node, Pod } from './types';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const COMPONENT = 'taint-eviction-controller';
const LATENCY_MS = 20;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/**
 * The taint eviction controller, and the pod garbage collector's part for nodes: deletes pods that do not tolerate a
 * NoExecute taint, at once or when their patience ends, and takes away those whose node is gone or out of service.
 */
export class TaintEviction {
  private readonly queue = new WorkQueue('taint-eviction', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<Node>('nodes', ({ type, object, previous }) => {
        const taints = ({ spec }: Node) => JSON.stringify(spec.taints ?? []);
        if (type === 'MODIFIED' && previous && taints(object) === taints(previous)) return;
        // Pods are looked at when they come; a node that comes without taints sends nobody away.
        if (type === 'ADDED' && !object.spec.taints?.length) return;
        for (const pod of cluster.list<Pod>('pods')) {
          if (pod.spec.nodeName === object.metadata.name) this.queue.add(keyFor(pod));
        }
      }),
      cluster.watch<Pod>('pods', ({ type, object }) => {
        if (type !== 'DELETED' && object.spec.nodeName) this.queue.add(keyFor(object));
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const pod = this.cluster.get<Pod>('pods', namespace, name);
    if (!pod?.spec.nodeName) return;
    const node = this.cluster.get<Node>('nodes', undefined, pod.spec.nodeName);
    if (!node || (pod.metadata.deletionTimestamp && isOutOfService(node))) {
      this.cluster.delete('pods', namespace, name, { gracePeriodSeconds: 0 });
      return;
    }
    if (pod.metadata.deletionTimestamp) return;
    const patience = patienceOf(pod, node, clock.millis());
    if (patience === undefined) return;
    if (patience > 0) {
      this.queue.add(key, patience);
      return;
    }
    const message = `Marking for deletion Pod ${namespace}/${name}`;
    this.cluster.event(pod, {
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message,
      component: COMPONENT,
    });
    this.cluster.update<Pod>('pods', namespace, name, (draft) => {
      const taken = {
        type: 'DisruptionTarget',
        status: 'True' as const,
        observedGeneration: pod.metadata.generation ?? 1,
        lastProbeTime: null,
        lastTransitionTime: clock.now().toISOString().replace(/\.\d+/, ''),
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
      };
      draft.status = { ...draft.status, conditions: [...(draft.status?.conditions ?? []), taken] };
    });
    this.cluster.delete('pods', namespace, name);
  }
}

/**
 * Milliseconds that a pod may stay in spite of its node's NoExecute taints: undefined when it may stay for good, 0 or
 * less when it has to go.
 */
export function patienceOf(pod: Pick<Pod, 'spec'>, node: Pick<Node, 'spec'>, at: number): number | undefined {
  const taints = (node.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  const limits: number[] = [];
  for (const taint of taints) {
    const fitting = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (fitting.length === 0) return 0;
    const seconds = fitting.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    if (seconds.length > 0) limits.push(addedAt(taint, at) + Math.max(0, Math.min(...seconds)) * 1000 - at);
  }
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

function addedAt({ timeAdded }: Taint, otherwise: number): number {
  return timeAdded ? Date.parse(timeAdded) : otherwise;
}

/** Somebody has made sure that the node is off: what is ending there has ended. */
function isOutOfService({ spec, status }: Node): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  return ready !== 'True' && (spec.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE);
}
