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
  const options = nodes.flatMap((node) => {
    const lower = pods.filter(
      (other) => other.spec.nodeName === node.metadata.name && priorityOf(other) < rank && isAlive(other),
    );
    const victims = lower.length > 0 ? victimsOn(node, pod, pods, lower) : undefined;
    return victims ? [{ node: node.metadata.name, victims }] : [];
  });
  const cost = ({ victims }: Preemption) => Math.max(...victims.map(priorityOf));
  return options.sort((a, b) => cost(a) - cost(b) || a.victims.length - b.victims.length)[0];
}

/** Takes all away and gives back, the most important first, whom the pod can live with. */
function victimsOn(node: Node, pod: Pod, pods: readonly Pod[], lower: readonly Pod[]): Pod[] | undefined {
  const fits = (remaining: readonly Pod[]) =>
    'node' in place(pod, [node], usedPerNode(remaining), { pods: remaining });
  let remaining = pods.filter((other) => !lower.includes(other));
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
