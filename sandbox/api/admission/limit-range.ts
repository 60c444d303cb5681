import { forbidden } from '../errors';
import type { ClusterApi, KubeObject, NewObject } from '../objects';
import { type Amounts, amountOf, podAmounts, quantity, type SizedContainer, type SizedPod } from './amounts';
import { canonicalQuantity, formatQuantity } from './quantity';

const ANNOTATION = 'kubernetes.io/limit-ranger';

type Values = Record<string, string>;

interface Limit {
  type: string;
  min?: Values;
  max?: Values;
  default?: Values;
  defaultRequest?: Values;
  maxLimitRequestRatio?: Values;
}

interface LimitRange extends KubeObject {
  spec?: { limits?: Limit[] };
}

/** A limit range's own defaults (SetDefaults_LimitRangeItem): limits come from `max`, requests from those or `min`. */
export function defaultLimits(limits: readonly Limit[]): void {
  for (const limit of limits) {
    if (limit.type !== 'Container') continue;
    limit.default = { ...limit.max, ...limit.default };
    limit.defaultRequest = { ...limit.min, ...limit.default, ...limit.defaultRequest };
    if (Object.keys(limit.default).length === 0) delete limit.default;
    if (Object.keys(limit.defaultRequest).length === 0) delete limit.defaultRequest;
  }
}

/** LimitRanger's defaults for the containers of a pod, noted in an annotation. Edits `pod`. */
export function applyLimitDefaults(cluster: ClusterApi, pod: NewObject): void {
  const spec = pod.spec as SizedPod;
  const notes: string[] = [];
  for (const range of cluster.list<LimitRange>('limitranges', pod.metadata.namespace)) {
    const defaults = { requests: {} as Values, limits: {} as Values };
    for (const limit of range.spec?.limits ?? []) {
      if (limit.type !== 'Container') continue;
      Object.assign(defaults.requests, limit.defaultRequest);
      Object.assign(defaults.limits, limit.default);
    }
    for (const [list, kind] of [
      [spec.containers ?? [], 'container'],
      [spec.initContainers ?? [], 'init container'],
    ] as const) {
      for (const container of list) notes.push(...fillIn(container, defaults, kind));
    }
  }
  if (notes.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}`,
  };
}

function fillIn(
  container: SizedContainer,
  defaults: { requests: Values; limits: Values },
  kind: string,
): string[] {
  const notes: string[] = [];
  for (const [field, word] of [
    ['requests', 'request'],
    ['limits', 'limit'],
  ] as const) {
    const present = container.resources?.[field] ?? {};
    const set = Object.keys(defaults[field]).filter((name) => present[name] === undefined);
    if (set.length === 0) continue;
    container.resources = { ...container.resources, [field]: { ...defaults[field], ...present } };
    notes.push(`${set.sort().join(', ')} ${word} for ${kind} ${container.name}`);
  }
  return notes;
}

/** LimitRanger's validation of pods and claims. @throws ApiError 403 with every objection of the first range */
export function checkLimitRanges(
  cluster: ClusterApi,
  about: { plural: string; group: string },
  object: KubeObject,
): void {
  for (const range of cluster.list<LimitRange>('limitranges', object.metadata.namespace)) {
    const found = (range.spec?.limits ?? []).flatMap((limit) => objections(limit, about.plural, object));
    if (found.length === 0) continue;
    const why = found.length === 1 ? found[0] : `[${found.join(', ')}]`;
    throw forbidden(about, object.metadata.name, why ?? '');
  }
}

function objections(limit: Limit, plural: string, { spec }: KubeObject): string[] {
  if (plural === 'persistentvolumeclaims') {
    if (limit.type !== 'PersistentVolumeClaim') return [];
    const { resources } = spec as { resources?: { requests?: Values } };
    const requests = amounts(resources?.requests);
    return [
      ...each(limit.min, (name, bound) => below(limit.type, name, bound, requests, new Map())),
      ...each(limit.max, (name, bound) => requestAbove(limit.type, name, bound, requests)),
    ];
  }
  if (plural !== 'pods') return [];
  const pod = spec as SizedPod;
  if (limit.type === 'Container') {
    return [...(pod.containers ?? []), ...(pod.initContainers ?? [])].flatMap(({ resources }) =>
      bounds(limit, amounts(resources?.requests), amounts(resources?.limits)),
    );
  }
  return limit.type === 'Pod' ? bounds(limit, podAmounts(pod, 'requests'), podAmounts(pod, 'limits')) : [];
}

function bounds(limit: Limit, requests: Amounts, limits: Amounts): string[] {
  return [
    ...each(limit.min, (name, bound) => below(limit.type, name, bound, requests, limits)),
    ...each(limit.max, (name, bound) => above(limit.type, name, bound, requests, limits)),
    ...each(limit.maxLimitRequestRatio, (name, bound) => ratio(limit.type, name, bound, requests, limits)),
  ];
}

function each(values: Values | undefined, judge: (name: string, bound: string) => string | undefined) {
  return Object.entries(values ?? {}).flatMap(([name, bound]) => judge(name, bound) ?? []);
}

function below(type: string, name: string, bound: string, requests: Amounts, limits: Amounts) {
  const text = `minimum ${name} usage per ${type} is ${canonicalQuantity(bound)}`;
  if (!requests.has(name)) return `${text}.  No request is specified`;
  const floor = quantity(bound).nanos;
  if (amountOf(requests, name).nanos < floor) return `${text}, but request is ${shown(requests, name)}`;
  if (limits.has(name) && amountOf(limits, name).nanos < floor) {
    return `${text}, but limit is ${shown(limits, name)}`;
  }
  return undefined;
}

function above(type: string, name: string, bound: string, requests: Amounts, limits: Amounts) {
  const text = `maximum ${name} usage per ${type} is ${canonicalQuantity(bound)}`;
  if (!limits.has(name)) return `${text}.  No limit is specified`;
  const ceiling = quantity(bound).nanos;
  if (amountOf(limits, name).nanos > ceiling) return `${text}, but limit is ${shown(limits, name)}`;
  if (requests.has(name) && amountOf(requests, name).nanos > ceiling) {
    return `${text}, but request is ${shown(requests, name)}`;
  }
  return undefined;
}

function requestAbove(type: string, name: string, bound: string, requests: Amounts) {
  const text = `maximum ${name} usage per ${type} is ${canonicalQuantity(bound)}`;
  if (!requests.has(name)) return `${text}.  No request is specified`;
  const over = amountOf(requests, name).nanos > quantity(bound).nanos;
  return over ? `${text}, but request is ${shown(requests, name)}` : undefined;
}

function ratio(type: string, name: string, bound: string, requests: Amounts, limits: Amounts) {
  const text = `${name} max limit to request ratio per ${type} is ${canonicalQuantity(bound)}, but`;
  const asked = Number(amountOf(requests, name).nanos);
  if (asked === 0) return `${text} no request is specified or request is 0`;
  if (!limits.has(name)) return `${text} no limit is specified or limit is 0`;
  const found = Number(amountOf(limits, name).nanos) / asked;
  return found > Number(quantity(bound).nanos) / 1e9
    ? `${text} provided ratio is ${found.toFixed(6)}`
    : undefined;
}

function amounts(values: Values = {}): Amounts {
  return new Map(Object.entries(values).map(([name, value]) => [name, quantity(value)]));
}

function shown(amounts: Amounts, name: string): string {
  const found = amountOf(amounts, name);
  return formatQuantity(found);
}
