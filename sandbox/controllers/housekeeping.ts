import type { ClusterApi, KubeObject } from '../api/objects';
import { now } from './time';
import type { Node } from './types';

/** How often a kubelet reports an unchanged status (nodeStatusReportFrequency). */
const HEARTBEAT_MS = 300_000;

/** Node heartbeats, and what every namespace gets: a service account and the cluster's CA. */
export class Housekeeping {
  private readonly timer: NodeJS.Timeout;
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly caCertificate: string,
  ) {
    this.stop = cluster.watch('namespaces', ({ type, object }) => {
      if (type === 'ADDED') setImmediate(() => this.furnish(object));
    });
    this.beat();
    this.timer = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.timer.unref();
  }

  close(): void {
    this.stop();
    clearInterval(this.timer);
  }

  private furnish({ metadata }: KubeObject): void {
    const namespace = metadata.name;
    const current = this.cluster.get('namespaces', undefined, namespace);
    if (!current || current.metadata.deletionTimestamp) return;
    if (!this.cluster.get('serviceaccounts', namespace, 'default')) {
      this.cluster.create('serviceaccounts', {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace },
      });
    }
    if (this.cluster.get('configmaps', namespace, 'kube-root-ca.crt')) return;
    this.cluster.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'kube-root-ca.crt',
        namespace,
        annotations: {
          'kubernetes.io/description':
            'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc.',
        },
      },
      data: { 'ca.crt': this.caCertificate },
    });
  }

  private beat(): void {
    const time = now();
    for (const { metadata } of this.cluster.list<Node>('nodes')) {
      this.cluster.update<Node>('nodes', undefined, metadata.name, (draft) => {
        draft.metadata.annotations = { ...draft.metadata.annotations, 'kubevirt.io/heartbeat': time };
        if (!draft.status?.conditions) return;
        draft.status.conditions = draft.status.conditions.map((known) => ({
          ...known,
          lastHeartbeatTime: time,
        }));
      });
    }
  }
}
