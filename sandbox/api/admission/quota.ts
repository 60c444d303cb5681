import { forbidden } from '../errors';
import type { ClusterApi, KubeObject } from '../objects';
import { type Amounts, amountOf, amountsText, quantity, type SizedContainer, type SizedPod } from './amounts';
import { isCovered, type QuotaSpec, quotaUsage, usageOf } from './quota-usage';

/** What a container has to state once a quota limits it (podResourcesToEnforce of the pod evaluator). */
const MUST_BE_STATED = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];

interface ResourceQuota extends KubeObject {
  spec?: QuotaSpec;
}

/**
 * The ResourceQuota admission plugin: refuses what would take a namespace beyond one of its quotas.
 * `id` is `plural.group`. @throws ApiError 403
 */
export function checkQuota(
  cluster: ClusterApi,
  id: string,
  about: { plural: string; group: string },
  object: KubeObject,
  old?: KubeObject,
): void {
  const { namespace, name } = object.metadata;
  if (!namespace) return;
  for (const quota of cluster.list<ResourceQuota>('resourcequotas', namespace)) {
    const why = objection(cluster, namespace, quota, { id, object, old });
    if (why) throw forbidden(about, name, why);
  }
}

interface Subject {
  id: string;
  object: KubeObject;
  old: KubeObject | undefined;
}

function objection(
  cluster: ClusterApi,
  namespace: string,
  { metadata, spec = {} }: ResourceQuota,
  { id, object, old }: Subject,
): string | undefined {
  const hard = new Map(Object.entries(spec.hard ?? {}).map(([name, value]) => [name, quantity(value)]));
  if (!isCovered(spec, id, object)) return undefined;
  if (id === 'pods' && !old) {
    const unstated = missing(object.spec as SizedPod, [...hard.keys()]);
    if (unstated) return `failed quota: ${metadata.name}: must specify ${unstated}`;
  }
  const wanted = increase(id, object, old);
  const concerned = [...hard.keys()].filter((name) => amountOf(wanted, name).nanos > 0n);
  if (concerned.length === 0) return undefined;
  const used = quotaUsage(cluster, namespace, spec);
  const over = concerned.filter(
    (name) => amountOf(used, name).nanos + amountOf(wanted, name).nanos > amountOf(hard, name).nanos,
  );
  if (over.length === 0) return undefined;
  const text = (of: Amounts) => amountsText(over, (name) => amountOf(of, name));
  return `exceeded quota: ${metadata.name}, requested: ${text(wanted)}, used: ${text(used)}, limited: ${text(hard)}`;
}

function increase(id: string, object: KubeObject, old: KubeObject | undefined): Amounts {
  const wanted = usageOf(id, object);
  const had = old ? usageOf(id, old) : new Map();
  return new Map(
    [...wanted].map(([name, { nanos, format }]) => [
      name,
      { nanos: nanos - amountOf(had, name).nanos, format },
    ]),
  );
}

/** `limits.cpu for: a,b; requests.memory for: a`: what containers leave unsaid although a quota limits it. */
function missing({ containers = [], initContainers = [] }: SizedPod, limited: string[]): string {
  const required = MUST_BE_STATED.filter((name) => limited.includes(name));
  const parts = required.flatMap((name) => {
    const silent = [...containers, ...initContainers].filter((container) => !states(container, name));
    const names = [...new Set(silent.map((container) => container.name))].sort();
    return names.length > 0 ? [`${name} for: ${names.join(',')}`] : [];
  });
  return parts.join('; ');
}

function states({ resources }: SizedContainer, name: string): boolean {
  const [field, resource] = name.includes('.') ? name.split('.') : ['requests', name];
  const amounts = field === 'limits' ? resources?.limits : resources?.requests;
  return amounts?.[resource ?? ''] !== undefined;
}
