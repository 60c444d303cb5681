import type { ClusterApi, KubeObject } from '../api/objects';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const NETWORK_POLICIES = 'networkpolicies.networking.k8s.io';
const LATENCY_MS = 20;

/**
 * What a network plugin would do with NetworkPolicies is not done here, and a policy that silently lets everything
 * through would be a trap: an event on each says so.
 */
export class NetworkPolicies {
  private readonly queue = new WorkQueue('network policies', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stop: () => void;

  constructor(private readonly cluster: ClusterApi) {
    this.stop = cluster.watch(NETWORK_POLICIES, ({ type, object, previous }) => {
      const changed =
        type === 'ADDED'
          ? !isTold(cluster, object)
          : previous?.metadata.generation !== object.metadata.generation;
      if (type !== 'DELETED' && changed) this.queue.add(keyFor(object));
    });
  }

  close(): void {
    this.stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const policy = this.cluster.get(NETWORK_POLICIES, namespace, name);
    if (!policy) return;
    this.cluster.event(policy, {
      type: 'Warning',
      reason: 'NotEnforced',
      message:
        'This sandbox keeps network policies but does not enforce them: everything that could reach the selected pods before still can.',
      component: 'sandbox-network',
    });
  }
}

interface EventObject extends KubeObject {
  involvedObject?: { uid?: string };
  reason?: string;
}

/** After a restart of the sandbox all policies are new to the watch; those that know are not told again. */
function isTold(cluster: ClusterApi, { metadata }: KubeObject): boolean {
  return cluster
    .list<EventObject>('events', metadata.namespace)
    .some(({ involvedObject, reason }) => involvedObject?.uid === metadata.uid && reason === 'NotEnforced');
}
