import type { Affinity, NodeSelectorTerm, Taint, Toleration } from './placement-types';
import { matchesExpression, neighbourRules } from './pod-affinity';
import { parseQuantity } from './quantity';
import type { PersistentVolume } from './storage-types';
import type { Container, Node, Pod } from './types';

/** Why one node will not do. `final` ones cannot be helped by evicting others. */
interface Objection {
  reason: string;
  final: boolean;
}

export type Placement = { node: string } | { message: string };

/** Resources by name, in base units (bytes, cores, pieces). */
export type Amounts = Record<string, number>;

const REMOTE_VOLUME = "node(s) didn't match PersistentVolume's node affinity";
const TAKEN_VOLUME =
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
const UNBOUND_IMMEDIATE = 'pod has unbound immediate PersistentVolumeClaims. not found';

/**
 * Chooses a node for a pod, or says in the scheduler's words why there is none: filters as kube-scheduler's default
 * plugins do, then takes the node with the largest free share.
 * `used` holds what the pods of each node request; `unboundImmediate` that the pod waits for an Immediate claim; `pods`
 * are the others, for rules about neighbours; `volumes` those
 * that its claims are bound to; `taken` that another pod has a claim which only one may have.
 */
export function place(
  pod: Pod,
  nodes: readonly Node[],
  used: ReadonlyMap<string, Amounts>,
  {
    unboundImmediate = false,
    pods = [],
    volumes = [],
    taken = false,
  }: {
    unboundImmediate?: boolean;
    pods?: readonly Pod[];
    volumes?: readonly PersistentVolume[];
    taken?: boolean;
  } = {},
): Placement {
  if (nodes.length === 0) return { message: 'no nodes available to schedule pods' };
  if (unboundImmediate) return { message: `0/${nodes.length} nodes are available: ${UNBOUND_IMMEDIATE}` };
  const wanted = podRequests(pod);
  const objections = new Map<string, Objection[]>();
  const fitting: Node[] = [];
  const objectionOf = neighbourRules(pod, pods, nodes);
  for (const node of nodes) {
    const against = objectionsTo(node, pod, wanted, used.get(node.metadata.name) ?? {});
    const remote = volumes.some(({ spec }) => !reaches(spec.nodeAffinity?.required, node));
    if (against.length === 0 && remote) against.push({ reason: REMOTE_VOLUME, final: true });
    if (against.length === 0 && taken) against.push({ reason: TAKEN_VOLUME, final: false });
    const unwelcome = against.length === 0 ? objectionOf(node) : undefined;
    if (unwelcome) against.push({ reason: unwelcome, final: false });
    if (against.length > 0) objections.set(node.metadata.name, against);
    else fitting.push(node);
  }
  const best = fitting
    .map((node) => ({
      name: node.metadata.name,
      share: freeShare(node, wanted, used.get(node.metadata.name) ?? {}),
    }))
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))[0];
  return best ? { node: best.name } : { message: refusal(nodes.length, [...objections.values()]) };
}

/** Whether a volume may be used on a node; one without affinity may be used everywhere. */
function reaches(required: { nodeSelectorTerms: NodeSelectorTerm[] } | undefined, node: Node): boolean {
  return !required || required.nodeSelectorTerms.some((term) => matchesTerm(node, term));
}

/** What a pod asks for: the sum of its containers and sidecars, or one of its init containers if that is more. */
export function podRequests({ spec }: Pod): Amounts {
  const total: Amounts = { pods: 1 };
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const container of [...spec.containers, ...sidecars]) {
    for (const [name, amount] of requestsOf(container)) total[name] = (total[name] ?? 0) + amount;
  }
  for (const container of spec.initContainers ?? []) {
    for (const [name, amount] of requestsOf(container)) total[name] = Math.max(total[name] ?? 0, amount);
  }
  return total;
}

/** What the pods of each node request together. */
export function usedPerNode(pods: readonly Pod[]): Map<string, Amounts> {
  const used = new Map<string, Amounts>();
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    if (!nodeName || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    const sum = used.get(nodeName) ?? {};
    for (const [name, amount] of Object.entries(podRequests(pod))) sum[name] = (sum[name] ?? 0) + amount;
    used.set(nodeName, sum);
  }
  return used;
}

function requestsOf({ resources }: Container): [string, number][] {
  return Object.entries(resources?.requests ?? {}).map(([name, quantity]) => [name, parseQuantity(quantity)]);
}

/** The first plugin that objects decides, as in the scheduler's filter chain; shortages are told all at once. */
function objectionsTo(node: Node, pod: Pod, wanted: Amounts, used: Amounts): Objection[] {
  const tolerations = pod.spec.tolerations ?? [];
  const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (node.spec.unschedulable && !tolerations.some((toleration) => tolerates(toleration, cordon))) {
    return [{ reason: 'node(s) were unschedulable', final: true }];
  }
  const taint = node.spec.taints?.find(
    (candidate) =>
      ['NoSchedule', 'NoExecute'].includes(candidate.effect) &&
      !tolerations.some((toleration) => tolerates(toleration, candidate)),
  );
  if (taint) {
    return [{ reason: `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`, final: true }];
  }
  if (!matchesSelector(node, pod.spec.nodeSelector, pod.spec.affinity)) {
    return [{ reason: "node(s) didn't match Pod's node affinity/selector", final: true }];
  }
  return shortages(node, wanted, used);
}

/** Whether a daemon's pod belongs on a node, and whether one that is there may stay. Mirrors NodeShouldRunDaemonPod. */
export function shouldRunDaemon(node: Node, { spec }: Pick<Pod, 'spec'>): { run: boolean; stay: boolean } {
  if (!matchesSelector(node, spec.nodeSelector, spec.affinity)) return { run: false, stay: false };
  const untolerated = (node.spec.taints ?? []).filter(
    (taint) => !(spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint)),
  );
  const repels = (effect: string) => untolerated.some((taint) => taint.effect === effect);
  return { run: !repels('NoSchedule') && !repels('NoExecute'), stay: !repels('NoExecute') };
}

function shortages(node: Node, wanted: Amounts, used: Amounts): Objection[] {
  const allocatable = node.status?.allocatable ?? {};
  return Object.entries(wanted).flatMap(([name, amount]) => {
    const capacity = parseQuantity(allocatable[name]);
    if (amount === 0 || amount <= capacity - (used[name] ?? 0)) return [];
    const reason = name === 'pods' ? 'Too many pods' : `Insufficient ${name}`;
    return [{ reason, final: amount > capacity }];
  });
}

/** Mirrors the scheduler's FitError and, after "preemption:", what its preemption found. */
function refusal(total: number, perNode: readonly Objection[][]): string {
  const reasons = count(perNode.flatMap((objections) => objections.map(({ reason }) => reason)));
  const help = count(
    perNode.map((objections) =>
      objections.some(({ final }) => final)
        ? 'Preemption is not helpful for scheduling'
        : 'No preemption victims found for incoming pod',
    ),
  );
  const available = `0/${total} nodes are available`;
  return `${available}: ${reasons}. no new claims to deallocate, preemption: ${available}: ${help}.`;
}

function count(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const texts = [...counts].map(([reason, number]) => `${number} ${reason}`);
  return texts.sort().join(', ');
}

function freeShare(node: Node, wanted: Amounts, used: Amounts): number {
  const allocatable = node.status?.allocatable ?? {};
  const shares = ['cpu', 'memory'].map((name) => {
    const capacity = parseQuantity(allocatable[name]);
    return capacity > 0 ? (capacity - (used[name] ?? 0) - (wanted[name] ?? 0)) / capacity : 0;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

export function tolerates(
  { key, operator = 'Equal', value = '', effect }: Toleration,
  taint: Taint,
): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (!key && operator !== 'Exists') return false;
  return operator === 'Exists' || value === (taint.value ?? '');
}

function matchesSelector(node: Node, selector: Record<string, string> = {}, affinity?: Affinity): boolean {
  const labels = node.metadata.labels ?? {};
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || required.nodeSelectorTerms.some((term) => matchesTerm(node, term));
}

function matchesTerm(node: Node, { matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((expression) => matchesExpression(labels[expression.key], expression)) &&
    matchFields.every((field) => matchesExpression(node.metadata.name, field))
  );
}
