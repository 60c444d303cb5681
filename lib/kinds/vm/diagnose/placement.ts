import { parseQuantity } from '@/lib/units';
import type { ClusterNode, Expression, LauncherPod, SelectorTerm, Taint, Toleration } from './objects';

/** What a pod asks for of one resource, in base units: its containers and sidecars, or an init container if that is more. */
export function requested({ spec }: LauncherPod, resource: string): number {
  const of = (container: {
    resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  }) =>
    parseQuantity(container.resources?.requests?.[resource] ?? container.resources?.limits?.[resource]) ?? 0;
  const inits = spec?.initContainers ?? [];
  const together = [
    ...(spec?.containers ?? []),
    ...inits.filter(({ restartPolicy }) => restartPolicy === 'Always'),
  ];
  const sum = together.reduce((total, container) => total + of(container), 0);
  return Math.max(sum, ...inits.map(of));
}

/** The labels that a pod wants of its node, each as one of `key=value` or a rule in words. */
export function wantedLabels(
  pod: LauncherPod,
): { text: string; key: string; holds: (node: ClusterNode) => boolean }[] {
  const selector = Object.entries(pod.spec?.nodeSelector ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
    holds: (node: ClusterNode) => node.metadata.labels?.[key] === value,
  }));
  const terms =
    pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms || terms.length === 0) return selector;
  const rule = {
    key: terms[0]?.matchExpressions?.[0]?.key ?? '',
    text: terms.map(termText).join(' or '),
    holds: (node: ClusterNode) => terms.some((term) => matchesTerm(node, term)),
  };
  return [...selector, rule];
}

/** Whether a node has every label that the pod wants. */
export function isAllowed(pod: LauncherPod, node: ClusterNode): boolean {
  return wantedLabels(pod).every(({ holds }) => holds(node));
}

/** The first taint that keeps a pod off a node. */
export function barringTaint({ spec }: LauncherPod, node: ClusterNode): Taint | undefined {
  return node.spec?.taints?.find(
    (taint) =>
      ['NoSchedule', 'NoExecute'].includes(taint.effect) &&
      taint.key !== 'node.kubernetes.io/unschedulable' &&
      !(spec?.tolerations ?? []).some((toleration) => tolerates(toleration, taint)),
  );
}

export function taintText({ key, value, effect }: Taint): string {
  return `${key}${value ? `=${value}` : ''}:${effect}`;
}

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (!key) return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
}

function matchesTerm(
  { metadata }: ClusterNode,
  { matchExpressions = [], matchFields = [] }: SelectorTerm,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((expression) => matches(metadata.labels?.[expression.key], expression)) &&
    matchFields.every((expression) => matches(metadata.name, expression))
  );
}

function matches(actual: string | undefined, { operator, values = [] }: Expression): boolean {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual);
    case 'NotIn':
      return actual === undefined || !values.includes(actual);
    case 'Exists':
      return actual !== undefined;
    case 'DoesNotExist':
      return actual === undefined;
    case 'Gt':
      return Number(actual) > Number(values[0]);
    case 'Lt':
      return Number(actual) < Number(values[0]);
    default:
      return false;
  }
}

function termText({ matchExpressions = [], matchFields = [] }: SelectorTerm): string {
  return [...matchExpressions, ...matchFields]
    .map(({ key, operator, values = [] }) => {
      if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`;
      return [key, operator, values.length > 0 ? `(${values.join(', ')})` : ''].filter(Boolean).join(' ');
    })
    .join(', ');
}
