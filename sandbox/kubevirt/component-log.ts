import { isDeepStrictEqual } from 'node:util';
import type { ClusterApi, KubeObject } from '../api/objects';
import { KUBEVIRT_VERSION } from '../controllers/release';
import type { Pod } from '../controllers/types';
import type { LogLine } from './log-lines';

const NAMESPACE = 'kubevirt';

interface CoreEvent extends KubeObject {
  involvedObject?: { kind?: string; namespace?: string; name?: string; uid?: string };
  message?: string;
  reason?: string;
  type?: string;
  source?: { component?: string; host?: string };
  reportingComponent?: string;
  count?: number;
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

/** The names under which a program records events. */
const RECORDERS: Record<string, string[]> = {
  'virt-controller': [
    'virtualmachine-controller',
    'node-controller',
    'disruptionbudget-controller',
    'clone-controller',
    'snapshot-controller',
    'restore-controller',
    'export-controller',
    'virtualmachinepool-controller',
  ],
  'virt-handler': ['virt-handler'],
  'virt-operator': ['virt-operator'],
  'virt-api': ['virt-api'],
};

/** Whether a pod is one of KubeVirt's own. */
export function isComponent({ metadata }: Pod): boolean {
  return metadata.namespace === NAMESPACE && programOf(metadata) !== undefined;
}

function programOf({ labels }: Pod['metadata']): string | undefined {
  const program = labels?.['kubevirt.io'];
  return program?.startsWith('virt-') ? program : undefined;
}

/**
 * The log of one of KubeVirt's pods, in its structured lines: its start, and what it did, as far as the cluster still
 * knows. Of virt-controller only the leader acts; a virt-handler tells of its own node.
 */
export function componentLines(cluster: ClusterApi, pod: Pod): LogLine[] {
  const program = programOf(pod.metadata) ?? '';
  const started = Date.parse(pod.status?.containerStatuses?.[0]?.state.running?.startedAt ?? '');
  const lines = Number.isNaN(started) ? [] : startLines(program, pod, started);
  for (const event of cluster.list<CoreEvent>('events')) {
    const line = eventLine(cluster, pod, event);
    if (line && line.at >= started) lines.push(line);
  }
  return lines.sort((a, b) => a.at - b.at);
}

/** Hands over the lines that a pod prints from now on. Returns the way to stop. */
export function followComponent(cluster: ClusterApi, pod: Pod, take: (line: LogLine) => void): () => void {
  let past = true;
  const stop = cluster.watch<CoreEvent>('events', ({ type, object, previous }) => {
    if (past || type === 'DELETED') return;
    if (previous && isDeepStrictEqual(previous.count, object.count)) return;
    const line = eventLine(cluster, pod, object);
    if (line) take(line);
  });
  past = false;
  return stop;
}

function startLines(program: string, { spec, metadata }: Pod, at: number): LogLine[] {
  const say = (msg: string) => line(program, at, { level: 'info', msg });
  const next =
    program === 'virt-handler'
      ? `STARTING informer vmiInformer-sources for node ${spec.nodeName}`
      : `Attempting to acquire leader status as ${metadata.name}`;
  return [say(`Starting ${program} ${KUBEVIRT_VERSION}`), say(next)];
}

function eventLine(cluster: ClusterApi, pod: Pod, event: CoreEvent): LogLine | undefined {
  const program = programOf(pod.metadata) ?? '';
  const recorder = event.source?.component ?? event.reportingComponent ?? '';
  if (!(RECORDERS[program] ?? []).includes(recorder)) return undefined;
  if (
    program === 'virt-handler' ? event.source?.host !== pod.spec.nodeName : !isLeader(cluster, pod, program)
  ) {
    return undefined;
  }
  const at = Date.parse(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp);
  const { kind = '', namespace, name = '', uid = '' } = event.involvedObject ?? {};
  return line(program, at, {
    kind,
    level: event.type === 'Warning' ? 'warning' : 'info',
    msg: event.message ?? '',
    name,
    ...(namespace ? { namespace } : {}),
    reason: event.reason ?? '',
    uid,
  });
}

/** The replica that holds the lease; without one the oldest. */
function isLeader(cluster: ClusterApi, pod: Pod, program: string): boolean {
  if (program === 'virt-api') return true;
  const lease = cluster.get('leases.coordination.k8s.io', NAMESPACE, program);
  const holder = (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;
  const replicas = cluster
    .list<Pod>('pods', NAMESPACE)
    .filter(({ metadata, status }) => programOf(metadata) === program && status?.phase === 'Running')
    .sort((a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp));
  const leader = replicas.find(({ metadata }) => metadata.name === holder) ?? replicas[0];
  return leader?.metadata.uid === pod.metadata.uid;
}

/** A line as KubeVirt's logger writes it: JSON with sorted keys. */
function line(component: string, at: number, fields: object): LogLine {
  const entry = { component, ...fields, timestamp: `${new Date(at).toISOString().slice(0, -1)}000Z` };
  const sorted = Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1));
  return { at, text: JSON.stringify(Object.fromEntries(sorted)) };
}
