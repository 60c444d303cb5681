import type { KubeObject } from './objects';
import { age, at, conditionStatus, entries, list, text } from './print-values';
import { type Column, column } from './resource-type';

const NODE_ROLE_LABEL = 'node-role.kubernetes.io/';

/** The STATUS of `kubectl get pods`: the phase, unless a container has something more telling to say. */
export function podStatus(pod: KubeObject): string {
  let reason = text(at(pod, 'status', 'reason') ?? at(pod, 'status', 'phase'), 'Unknown');
  const gated = list(at(pod, 'status', 'conditions')).some(
    (condition) => at(condition, 'type') === 'PodScheduled' && at(condition, 'reason') === 'SchedulingGated',
  );
  if (gated) reason = 'SchedulingGated';
  const initial = initReason(pod);
  if (initial) {
    reason = initial;
  } else {
    let running = false;
    for (const container of list(at(pod, 'status', 'containerStatuses')).reverse()) {
      const told =
        at(container, 'state', 'waiting', 'reason') ?? terminatedReason(at(container, 'state', 'terminated'));
      if (told) reason = String(told);
      else if (at(container, 'ready') === true && at(container, 'state', 'running')) running = true;
    }
    if (reason === 'Completed' && running) {
      reason = conditionStatus(pod, 'Ready') === 'True' ? 'Running' : 'NotReady';
    }
  }
  if (!pod.metadata.deletionTimestamp) return reason;
  if (at(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  const phase = at(pod, 'status', 'phase');
  return phase === 'Failed' || phase === 'Succeeded' ? reason : 'Terminating';
}

/** `Init:0/2` and its kin, or undefined when all init containers are through. */
function initReason(pod: KubeObject): string | undefined {
  const total = list(at(pod, 'spec', 'initContainers')).length;
  for (const [index, container] of list(at(pod, 'status', 'initContainerStatuses')).entries()) {
    const terminated = at(container, 'state', 'terminated');
    if (terminated && at(terminated, 'exitCode') === 0) continue;
    if (terminated) return `Init:${terminatedReason(terminated)}`;
    if (isRunningSidecar(container)) continue;
    const waiting = at(container, 'state', 'waiting', 'reason');
    if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${total}`;
  }
  return undefined;
}

/** Only sidecars, init containers that go on running, can be ready while they run. */
function isRunningSidecar(container: unknown): boolean {
  return at(container, 'ready') === true && at(container, 'state', 'running') !== undefined;
}

function terminatedReason(terminated: unknown): string | undefined {
  if (!terminated) return undefined;
  const reason = at(terminated, 'reason');
  if (reason) return String(reason);
  const signal = at(terminated, 'signal');
  return signal ? `Signal:${signal}` : `ExitCode:${at(terminated, 'exitCode')}`;
}

function ready(pod: KubeObject): string {
  const statuses = list(at(pod, 'status', 'containerStatuses'));
  const up = statuses.filter(
    (container) => at(container, 'ready') === true && at(container, 'state', 'running'),
  );
  const sidecars = list(at(pod, 'spec', 'initContainers')).filter(
    (one) => at(one, 'restartPolicy') === 'Always',
  );
  const sidecarsUp = list(at(pod, 'status', 'initContainerStatuses')).filter(isRunningSidecar);
  const all = list(at(pod, 'spec', 'containers')).length + sidecars.length;
  return `${up.length + sidecarsUp.length}/${all}`;
}

function restarts(pod: KubeObject, now: number): string {
  let total = 0;
  let last = Number.NaN;
  for (const container of list(at(pod, 'status', 'containerStatuses'))) {
    total += Number(at(container, 'restartCount') ?? 0);
    const finished = Date.parse(String(at(container, 'lastState', 'terminated', 'finishedAt')));
    if (!Number.isNaN(finished) && !(finished < last)) last = finished;
  }
  return total > 0 && !Number.isNaN(last)
    ? `${total} (${age(new Date(last).toISOString(), now)} ago)`
    : String(total);
}

const ageColumn = column('Age', ({ metadata }, now) => age(metadata.creationTimestamp, now));

export const podColumns: Column[] = [
  column('Ready', ready),
  column('Status', podStatus),
  column('Restarts', restarts),
  ageColumn,
  column('IP', (pod) => text(at(pod, 'status', 'podIP')), { priority: 1 }),
  column('Node', (pod) => text(at(pod, 'spec', 'nodeName')), { priority: 1 }),
  column('Nominated Node', (pod) => text(at(pod, 'status', 'nominatedNodeName')), { priority: 1 }),
  column('Readiness Gates', readinessGates, { priority: 1 }),
];

function readinessGates(pod: KubeObject): string {
  const gates = list(at(pod, 'spec', 'readinessGates'));
  if (gates.length === 0) return '<none>';
  const met = gates.filter((gate) => conditionStatus(pod, String(at(gate, 'conditionType'))) === 'True');
  return `${met.length}/${gates.length}`;
}

export const nodeColumns: Column[] = [
  column('Status', nodeStatus),
  column('Roles', nodeRoles),
  ageColumn,
  column('Version', (node) => text(at(node, 'status', 'nodeInfo', 'kubeletVersion'), '')),
  column('Internal-IP', (node) => nodeAddress(node, 'InternalIP'), { priority: 1 }),
  column('External-IP', (node) => nodeAddress(node, 'ExternalIP'), { priority: 1 }),
  column('OS-Image', (node) => text(at(node, 'status', 'nodeInfo', 'osImage'), '<unknown>'), { priority: 1 }),
  column('Kernel-Version', (node) => text(at(node, 'status', 'nodeInfo', 'kernelVersion'), '<unknown>'), {
    priority: 1,
  }),
  column(
    'Container-Runtime',
    (node) => text(at(node, 'status', 'nodeInfo', 'containerRuntimeVersion'), '<unknown>'),
    {
      priority: 1,
    },
  ),
];

function nodeStatus(node: KubeObject): string {
  const readiness = conditionStatus(node, 'Ready');
  const words = [readiness === undefined ? 'Unknown' : readiness === 'True' ? 'Ready' : 'NotReady'];
  if (at(node, 'spec', 'unschedulable') === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles(node: KubeObject): string {
  const roles = entries(node.metadata.labels)
    .map(([label, value]) => {
      if (label.startsWith(NODE_ROLE_LABEL)) return label.slice(NODE_ROLE_LABEL.length);
      return label === 'kubernetes.io/role' ? String(value) : '';
    })
    .filter(Boolean);
  return [...new Set(roles)].sort().join(',') || '<none>';
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = list(at(node, 'status', 'addresses')).find((address) => at(address, 'type') === type);
  return text(at(found, 'address'));
}
