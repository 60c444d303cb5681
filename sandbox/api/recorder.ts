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

/** Components that report through events.k8s.io: what they were doing, by the event's reason. */
const ACTIONS: Record<string, Record<string, string>> = {
  'default-scheduler': { Scheduled: 'Binding', FailedScheduling: 'Scheduling', Preempted: 'Preempting' },
};

interface CoreEvent extends KubeObject {
  count?: number;
  eventTime: string | null;
  lastTimestamp: string | null;
  series?: { count: number; lastObservedTime: string };
}

/**
 * Writes Events as client-go's recorders do, and drops what is old. What happens again is counted: by `count` in the
 * core API, as a `series` in events.k8s.io.
 */
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
          if (event.eventTime === null) {
            event.count = (event.count ?? 1) + 1;
            event.lastTimestamp = timestamp(now);
          } else {
            event.series = { count: (event.series?.count ?? 1) + 1, lastObservedTime: microTime(now) };
          }
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
      type,
      reportingComponent: component,
      ...occurrence(reason, component, host, now),
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
      const last = Date.parse(
        event.series?.lastObservedTime ?? event.lastTimestamp ?? event.metadata.creationTimestamp,
      );
      if (now - last > EVENT_TTL_MS)
        this.cluster.delete('events', event.metadata.namespace, event.metadata.name);
    }
    for (const [key, { namespace, name }] of this.known) {
      if (!this.cluster.get('events', namespace, name)) this.known.delete(key);
    }
  }
}

/** When and where it first happened, as the API has it through which the component reports. */
function occurrence(reason: string, component: string, host: string | undefined, now: Date): object {
  const actions = ACTIONS[component];
  if (!actions) {
    return {
      source: { component, ...(host ? { host } : {}) },
      firstTimestamp: timestamp(now),
      lastTimestamp: timestamp(now),
      count: 1,
      eventTime: null,
      reportingInstance: host ?? '',
    };
  }
  return {
    action: actions[reason] ?? reason,
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: microTime(now),
    reportingInstance: `${component}-${host ?? 'control-plane'}`,
  };
}

/** RFC 3339 to the microsecond, as metav1.MicroTime is written. */
function microTime(date: Date): string {
  return `${date.toISOString().slice(0, -1)}000Z`;
}
