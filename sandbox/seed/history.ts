import type { ClusterApi, KubeObject, ResourceName } from '../api/objects';
import { timestamp } from '../controllers/time';
import { VMS } from '../controllers/types';

interface PastEvent {
  resource: ResourceName;
  namespace?: string;
  name: string;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  component: string;
  minutesAgo: number;
}

/** Within the hour that the apiserver keeps events. */
const PAST: readonly PastEvent[] = [
  nodeEvent('node-3', 'NodeNotSchedulable', 'Node node-3 status is now: NodeNotSchedulable', 48),
  nodeEvent('node-3', 'NodeSchedulable', 'Node node-3 status is now: NodeSchedulable', 31),
  vmEvent('staging', 'mail-relay', {
    reason: 'SuccessfulCreate',
    message: 'Started the virtual machine by creating the new virtual machine instance mail-relay',
    minutesAgo: 54,
  }),
  vmEvent('staging', 'mail-relay', {
    reason: 'SuccessfulDelete',
    message:
      'Stopped the virtual machine by deleting the virtual machine instance 0f9c2d5e-6a1b-4d0f-9b1c-6a7e0c3f5d21',
    minutesAgo: 22,
  }),
];

/** Writes what happened before the first start, as far as a cluster would still remember it. */
export function addHistory(cluster: ClusterApi, now: number): void {
  for (const [index, past] of PAST.entries()) {
    const about = cluster.get(past.resource, past.namespace, past.name);
    if (about) addEvent(cluster, about, past, now - past.minutesAgo * 60_000, index);
  }
}

function addEvent(cluster: ClusterApi, about: KubeObject, past: PastEvent, at: number, index: number): void {
  const { type, reason, message, component } = past;
  const namespace = past.namespace ?? 'default';
  const host = past.namespace ? {} : { host: past.name };
  cluster.create('events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${past.name}.${(at * 1_000_000 + index).toString(16)}`, namespace },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name: past.name,
      ...(past.namespace ? { namespace: past.namespace } : {}),
      uid: about.metadata.uid,
      resourceVersion: about.metadata.resourceVersion,
    },
    ...{ type, reason, message, count: 1, eventTime: null },
    firstTimestamp: timestamp(at),
    lastTimestamp: timestamp(at),
    source: { component, ...host },
    reportingComponent: component,
    reportingInstance: host.host ?? '',
  });
}

function nodeEvent(name: string, reason: string, message: string, minutesAgo: number): PastEvent {
  return { resource: 'nodes', name, type: 'Normal', reason, message, component: 'kubelet', minutesAgo };
}

function vmEvent(
  namespace: string,
  name: string,
  rest: Pick<PastEvent, 'reason' | 'message' | 'minutesAgo'>,
): PastEvent {
  return { resource: VMS, namespace, name, type: 'Normal', component: 'virtualmachine-controller', ...rest };
}
