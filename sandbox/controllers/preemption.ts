import { place, usedPerNode } from './scheduling';
import type { Node, Pod } from './types';

export interface Preemption {
  node: string;
  victims: Pod[];
}

/**
 * Where a pod would fit if pods of lower priority made room, and which those are: as few as will do, and of the lowest
 * priority. Undefined when nothing helps or the pod may not preempt. Mirrors the DefaultPreemption plugin.
 */
export function preemptionFor(
  pod: Pod,
  nodes: readonly Node[],
  pods: readonly Pod[],
): Preemption | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return undefined;
  const rank = priorityOf(pod);
  // Room is being made already.
  const awaited = pod.status?.nominatedNodeName;
  const leaving = (other: Pod) =>
    other.spec.nodeName === awaited && priorityOf(other) < rank && other.metadata.deletionTimestamp;
  if (awaited && pods.some(leaving)) return undefined;
  const perNode = new Map<string | undefined, Pod[]>();
  for (const other of pods) {
    const known = perNode.get(other.spec.nodeName);
    if (known) known.push(other);
    else perNode.set(other.spec.nodeName, [other]);
  }
  const options = nodes.flatMap((node) => {
    const here = perNode.get(node.metadata.name) ?? [];
    const lower = here.filter((other) => priorityOf(other) < rank && isAlive(other));
    const victims = lower.length > 0 ? victimsOn(node, pod, { here, pods, lower }) : undefined;
    return victims ? [{ node: node.metadata.name, victims }] : [];
  });
  const cost = ({ victims }: Preemption) => Math.max(...victims.map(priorityOf));
  return options.sort((a, b) => cost(a) - cost(b) || a.victims.length - b.victims.length)[0];
}

/** Takes all away and gives back, the most important first, whom the pod can live with. */
function victimsOn(
  node: Node,
  pod: Pod,
  { here, pods, lower }: { here: readonly Pod[]; pods: readonly Pod[]; lower: readonly Pod[] },
): Pod[] | undefined {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  // Pods of other nodes matter to rules about neighbours alone.
  const elsewhere = pods.filter(
    ({ spec }) =>
      spec.nodeName !== node.metadata.name &&
      (podAffinity ?? podAntiAffinity ?? spec.affinity?.podAntiAffinity),
  );
  const fits = (remaining: readonly Pod[]) =>
    'node' in place(pod, [node], usedPerNode(remaining), { pods: [...elsewhere, ...remaining] });
  const goes = new Set(lower);
  let remaining = here.filter((other) => !goes.has(other));
  if (!fits(remaining)) return undefined;
  const victims: Pod[] = [];
  for (const other of [...lower].sort((a, b) => priorityOf(b) - priorityOf(a))) {
    if (fits([...remaining, other])) remaining = [...remaining, other];
    else victims.push(other);
  }
  return victims.length > 0 ? victims : undefined;
}

function priorityOf({ spec }: Pod): number {
  return Number(spec.priority ?? 0);
}

function isAlive({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}
