import type { ClusterApi, KubeObject } from '../api/objects';
import { clock } from '../clock';
import type { Pod } from './types';
import { WorkQueue } from './work-queue';

const LEASES = 'leases.coordination.k8s.io';
const NAMESPACE = 'kubevirt';
const PROGRAMS = ['virt-controller', 'virt-operator', 'virt-synchronization-controller'];
const LATENCY_MS = 50;
const LEASE_S = 15;

interface Lease extends KubeObject {
  spec?: { holderIdentity?: string; leaseTransitions?: number };
}

/**
 * Leader election among the replicas of KubeVirt's controllers: when the holder of a lease is gone the oldest replica
 * takes it. A real holder renews every few seconds; here that would be most of what the journal holds.
 */
export class LeaderLeases {
  private readonly queue = new WorkQueue('leader-leases', (program) => this.elect(program), LATENCY_MS);
  private readonly stop: () => void;

  constructor(private readonly cluster: ClusterApi) {
    this.stop = cluster.watch<Pod>('pods', ({ object }) => {
      const program = object.metadata.labels?.['kubevirt.io'];
      if (object.metadata.namespace === NAMESPACE && program && PROGRAMS.includes(program))
        this.queue.add(program);
    });
  }

  close(): void {
    this.stop();
    this.queue.close();
  }

  private elect(program: string): void {
    const candidates = this.cluster
      .list<Pod>('pods', NAMESPACE)
      .filter(
        ({ metadata, status }) =>
          metadata.labels?.['kubevirt.io'] === program &&
          status?.phase === 'Running' &&
          !metadata.deletionTimestamp,
      )
      .sort((a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp));
    const lease = this.cluster.get<Lease>(LEASES, NAMESPACE, program);
    const holder = lease?.spec?.holderIdentity;
    const [next] = candidates;
    if (!next || candidates.some(({ metadata }) => metadata.name === holder)) return;
    const time = `${clock.now().toISOString().slice(0, -1)}000Z`;
    const spec = {
      acquireTime: time,
      holderIdentity: next.metadata.name,
      leaseDurationSeconds: LEASE_S,
      leaseTransitions: lease ? (lease.spec?.leaseTransitions ?? 0) + 1 : 0,
      renewTime: time,
    };
    const taken = lease
      ? this.cluster.update<Lease>(LEASES, NAMESPACE, program, (draft) => {
          draft.spec = spec;
        })
      : this.cluster.create<Lease>(LEASES, {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: program, namespace: NAMESPACE },
          spec,
        });
    if (!taken) return;
    const message = `${next.metadata.name} became leader`;
    this.cluster.event(taken, { type: 'Normal', reason: 'LeaderElection', message, component: program });
  }
}
