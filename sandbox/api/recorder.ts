import { timestamp } from './metadata';
import type { ClusterApi, EventDetails, KubeObject } from './objects';

/** kube-apiserver's --event-ttl. */
const EVENT_TTL_MS = 60 * 60 * 1000;
const SWEEP_MS = 60 * 1000;

/** Who writes the events of components that go by another name there. */
const MANAGERS: Record<string, string> = {
  'virtualmachine-controller': 'virt-controller',
  'disruptionbudget-controller': 'virt-controller',
  'default-scheduler': 'kube-scheduler',
  'persistentvolume-controller': 'kube-controller-manager',
  'node-controller': 'kube-controller-manager',
};

interface CoreEvent extends KubeObject {
  count: number;
  lastTimestamp: string;
}

/** Writes core/v1 Events as client-go's recorder does: what happens again is counted, and what is old is dropped. */
export class EventRecorder {
  private readonly known = new Map<string, { namespace: string; name: string }>();
  private sweptAt = 0;

  constructor(private readonly cluster: ClusterApi & { now: () => Date }) {}

  record(about: KubeObject, { type, reason, message, component, host }: EventDetails): void {
    const now = this.cluster.now();
    this.sweep(now.getTime());
    const namespace = about.metadata.namespace ?? 'default';
    const key = [about.metadata.uid, type, reason, message, component, host].join('\u0000');
    const earlier = this.known.get(key);
    const counted =
      earlier &&
      this.cluster
        .as(MANAGERS[component] ?? component)
        .update<CoreEvent>('events', earlier.namespace, earlier.name, (event) => {
          event.count += 1;
          event.lastTimestamp = timestamp(now);
        });
    if (counted) return;
    const name = this.freeName(namespace, about.metadata.name, now);
    const place = this.cluster.get('namespaces', undefined, namespace);
    // Events about what is being torn down have nowhere to go; the apiserver refuses them.
    if (!place || place.metadata.deletionTimestamp) return;
    this.cluster.as(MANAGERS[component] ?? component).create('events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        kind: about.kind,
        ...(about.metadata.namespace ? { namespace } : {}),
        name: about.metadata.name,
        uid: about.metadata.uid,
        apiVersion: about.apiVersion,
        resourceVersion: about.metadata.resourceVersion,
      },
      reason,
      message,
      source: { component, ...(host ? { host } : {}) },
      firstTimestamp: timestamp(now),
      lastTimestamp: timestamp(now),
      count: 1,
      type,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: host ?? '',
    });
    this.known.set(key, { namespace, name });
  }

  /** The object's name and a time in hexadecimal nanoseconds, as client-go names events. */
  private freeName(namespace: string, about: string, now: Date): string {
    let nanoseconds = BigInt(now.getTime()) * 1_000_000n;
    for (;;) {
      const name = `${about}.${nanoseconds.toString(16)}`;
      if (!this.cluster.get('events', namespace, name)) return name;
      nanoseconds += 1n;
    }
  }

  private sweep(now: number): void {
    if (now - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = now;
    for (const event of this.cluster.list<CoreEvent>('events')) {
      const last = Date.parse(event.lastTimestamp ?? event.metadata.creationTimestamp);
      if (now - last > EVENT_TTL_MS)
        this.cluster.delete('events', event.metadata.namespace, event.metadata.name);
    }
    for (const [key, { namespace, name }] of this.known) {
      if (!this.cluster.get('events', namespace, name)) this.known.delete(key);
    }
  }
}
