import { isJsonObject, type JsonObject, mappingsAt, valueAt, wordAt } from '@/lib/k8s/json';
import type { Condition, K8sObject } from '@/lib/k8s/object';
import { type Text, text } from '@/lib/text';
import { GUEST, type VmManifest } from './field';

/** What of a node decides whether a VM may be placed there. */
export interface PlacedNode extends K8sObject {
  spec?: { unschedulable?: boolean; taints?: { key: string; value?: string; effect: string }[] };
  status?: { conditions?: Condition[]; allocatable?: Record<string, string> };
}

/** The nodes that a VM may be placed on by their labels, taints and state; room for it is not looked at. */
export interface NodeMatch {
  matching: string[];
  /** With everything that keeps the VM off each. */
  others: { name: string; reasons: Text[] }[];
}

const SCHEDULABLE = 'kubevirt.io/schedulable';
const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const CPU_MODEL = 'cpu-model.node.kubevirt.io/';
/** Models that are no node's label: they follow the node. */
const FOLLOWING_MODELS = new Set(['', 'host-model', 'host-passthrough']);

/**
 * Which nodes a VM's node selector, required node affinity and tolerations leave, with what KubeVirt adds by itself
 * (nodes that it may use, architecture, CPU model). `selector` is what an instance type adds. Mirrors kube-scheduler's
 * filters NodeAffinity, TaintToleration and NodeUnschedulable.
 */
export function matchNodes(
  nodes: readonly PlacedNode[],
  vm: VmManifest,
  selector: Readonly<Record<string, string>> = {},
): NodeMatch {
  const wanted = { ...selector, ...wordsOf(valueAt(vm, [...GUEST, 'nodeSelector'])), ...addedSelector(vm) };
  const terms = valueAt(vm, [...GUEST, ...REQUIRED_TERMS]);
  const tolerations = mappingsAt(vm, [...GUEST, 'tolerations']);
  const matching: string[] = [];
  const others: NodeMatch['others'] = [];
  for (const node of nodes) {
    const reasons = [
      ...stateReasons(node),
      ...labelReasons(node, wanted),
      ...affinityReasons(node, terms),
      ...taintReasons(node, tolerations),
    ];
    if (reasons.length === 0) matching.push(node.metadata.name);
    else others.push({ name: node.metadata.name, reasons });
  }
  return { matching, others };
}

const REQUIRED_TERMS = [
  'affinity',
  'nodeAffinity',
  'requiredDuringSchedulingIgnoredDuringExecution',
  'nodeSelectorTerms',
] as const;

/** The labels that KubeVirt asks of a node for this VM. */
function addedSelector(vm: VmManifest): Record<string, string> {
  const architecture = wordAt(vm, [...GUEST, 'architecture']);
  const model = wordAt(vm, [...GUEST, 'domain', 'cpu', 'model']);
  return {
    ...(architecture ? { 'kubernetes.io/arch': architecture } : {}),
    ...(FOLLOWING_MODELS.has(model) ? {} : { [CPU_MODEL + model]: 'true' }),
  };
}

function stateReasons({ metadata, status }: PlacedNode): Text[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return [text('scheduling.match.notReady')];
  return metadata.labels?.[SCHEDULABLE] === 'true' ? [] : [text('scheduling.match.notForVms')];
}

function labelReasons({ metadata }: PlacedNode, wanted: Record<string, string>): Text[] {
  const { labels = {} } = metadata;
  return Object.entries(wanted).flatMap(([key, value]) => {
    if (labels[key] === value) return [];
    const has = labels[key];
    return [
      has === undefined
        ? text('scheduling.match.noLabel', { key, value })
        : text('scheduling.match.otherLabel', { key, value, has }),
    ];
  });
}

function affinityReasons(node: PlacedNode, terms: unknown): Text[] {
  if (!Array.isArray(terms)) return [];
  return terms.some((term) => isTermMet(node, term)) ? [] : [text('scheduling.match.affinity')];
}

/** A term of a node selector: all of its expressions, and none of them matches nothing. */
function isTermMet({ metadata }: PlacedNode, term: unknown): boolean {
  const expressions = mappingsAt(term, ['matchExpressions']);
  const fields = mappingsAt(term, ['matchFields']);
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((each) => isExpressionMet(metadata.labels ?? {}, each)) &&
    fields.every((each) => isExpressionMet({ 'metadata.name': metadata.name }, each))
  );
}

/** A requirement of Kubernetes' selectors: `{key, operator, values}`. */
export function isExpressionMet(labels: Readonly<Record<string, string>>, expression: JsonObject): boolean {
  const value = labels[wordAt(expression, ['key'])];
  const wanted = valueAt(expression, ['values']);
  const values = Array.isArray(wanted) ? wanted.map(String) : [];
  switch (wordAt(expression, ['operator'])) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isWhole(value) && isWhole(values[0]) && Number(value) > Number(values[0]);
    case 'Lt':
      return isWhole(value) && isWhole(values[0]) && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

function isWhole(value: string | undefined): value is string {
  return value !== undefined && /^-?\d+$/.test(value);
}

function taintReasons({ spec }: PlacedNode, tolerations: readonly JsonObject[]): Text[] {
  const taints = (spec?.taints ?? []).filter(
    ({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute',
  );
  const isCordoned = spec?.unschedulable === true;
  const all = isCordoned && !taints.some(({ key }) => key === CORDONED.key) ? [...taints, CORDONED] : taints;
  return all
    .filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)))
    .map((taint) =>
      taint.key === CORDONED.key
        ? text('scheduling.match.cordoned')
        : text('scheduling.match.taint', { taint: taintText(taint) }),
    );
}

/** Whether a toleration is for a taint, as Kubernetes' `ToleratesTaint` sees it. */
export function tolerates(
  toleration: JsonObject,
  taint: { key: string; value?: string; effect: string },
): boolean {
  const [key, operator, value, effect] = ['key', 'operator', 'value', 'effect'].map((each) =>
    wordAt(toleration, [each]),
  );
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  if (operator !== '' && operator !== 'Equal') return false;
  return key !== '' && value === (taint.value ?? '');
}

/** `key=value:effect`, as kubectl writes taints. */
export function taintText({ key, value, effect }: { key: string; value?: string; effect: string }): string {
  return `${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}`;
}

function wordsOf(value: unknown): Record<string, string> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
}
