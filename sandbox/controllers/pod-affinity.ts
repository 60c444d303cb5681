import { selects } from '../api/label-selection';
import type { Affinity, NodeSelectorRequirement, PodAffinityTerm } from './placement-types';
import type { Node, Pod } from './types';

/**
 * Says of each node why it will not do for a pod because of the pods around it, in the words of kube-scheduler's
 * InterPodAffinity plugin; only required terms count. `pods` are all there are, `nodes` give them their topology.
 */
export function neighbourRules(
  pod: Pod,
  pods: readonly Pod[],
  nodes: readonly Node[],
): (node: Node) => string | undefined {
  const wanted = terms(pod.spec.affinity, 'podAffinity');
  const unwanted = terms(pod.spec.affinity, 'podAntiAffinity');
  const alive = pods.filter(
    ({ metadata, spec, status }) =>
      metadata.uid !== pod.metadata.uid &&
      spec.nodeName &&
      status?.phase !== 'Succeeded' &&
      status?.phase !== 'Failed',
  );
  const averse = alive.flatMap((other) =>
    terms(other.spec.affinity, 'podAntiAffinity').map((term) => ({ other, term })),
  );
  if (wanted.length + unwanted.length + averse.length === 0) return () => undefined;
  const topology = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
  return (node) => {
    const shares = (other: Pod, key: string) => {
      const there = topology.get(other.spec.nodeName ?? '')?.[key];
      return there !== undefined && there === node.metadata.labels?.[key];
    };
    const near = (term: PodAffinityTerm) =>
      alive.some((other) => isMeant(term, other, pod) && shares(other, term.topologyKey));
    if (!wanted.every((term) => near(term) || isFirstOf(term, pod, alive))) {
      return "node(s) didn't match pod affinity rules";
    }
    if (unwanted.some(near)) return "node(s) didn't match pod anti-affinity rules";
    const refused = averse.some(
      ({ other, term }) => isMeant(term, pod, other) && shares(other, term.topologyKey),
    );
    return refused ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined;
  };
}

/** A pod that its own term selects may be the first of its kind. */
function isFirstOf(term: PodAffinityTerm, pod: Pod, others: readonly Pod[]): boolean {
  return isMeant(term, pod, pod) && !others.some((other) => isMeant(term, other, pod));
}

function terms(affinity: Affinity | undefined, kind: 'podAffinity' | 'podAntiAffinity'): PodAffinityTerm[] {
  return affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

function isMeant({ labelSelector, namespaces }: PodAffinityTerm, other: Pod, owner: Pod): boolean {
  const home = namespaces?.length ? namespaces : [owner.metadata.namespace];
  return home.includes(other.metadata.namespace) && selects(labelSelector, other.metadata.labels);
}

/** One requirement of a node selector. */
export function matchesExpression(
  found: string | undefined,
  { operator, values = [] }: Pick<NodeSelectorRequirement, 'operator' | 'values'>,
): boolean {
  switch (operator) {
    case 'In':
      return found !== undefined && values.includes(found);
    case 'NotIn':
      return found === undefined || !values.includes(found);
    case 'Exists':
      return found !== undefined;
    case 'DoesNotExist':
      return found === undefined;
    case 'Gt':
      return Number(found) > Number(values[0]);
    case 'Lt':
      return Number(found) < Number(values[0]);
    default:
      return false;
  }
}
