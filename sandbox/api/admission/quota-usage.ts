import type { ClusterApi, KubeObject } from '../objects';
import { qosClass } from '../pod-defaults';
import { type Amounts, add, addCount, podAmounts, quantity, type SizedPod } from './amounts';

/** What one object counts for in a quota, by resource name. Mirrors the evaluators of pkg/quota/v1/evaluator/core. */

const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';
/** Kinds that a quota counts by their bare name. */
const COUNTED = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'];
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];

export interface QuotaScope {
  scopeName: string;
  operator: string;
  values?: string[];
}

export interface QuotaSpec {
  hard?: Record<string, string>;
  scopes?: string[];
  scopeSelector?: { matchExpressions?: QuotaScope[] };
}

export function usageOf(resource: string, object: KubeObject): Amounts {
  const usage: Amounts = new Map();
  addCount(usage, `count/${resource}`);
  if (resource === 'pods') addPod(usage, object);
  else if (resource === 'persistentvolumeclaims') addClaim(usage, object);
  else if (resource === 'services') addService(usage, object);
  else if (COUNTED.includes(resource)) addCount(usage, resource);
  return usage;
}

function addPod(usage: Amounts, pod: KubeObject): void {
  const phase = (pod.status as { phase?: string } | undefined)?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return;
  const spec = pod.spec as SizedPod;
  addCount(usage, 'pods');
  for (const [name, amount] of podAmounts(spec, 'requests')) {
    if (COMPUTE.includes(name) || name.startsWith('hugepages-')) add(usage, name, amount);
    add(usage, `requests.${name}`, amount);
  }
  for (const [name, amount] of podAmounts(spec, 'limits')) {
    if (COMPUTE.includes(name)) add(usage, `limits.${name}`, amount);
  }
}

function addClaim(usage: Amounts, { spec, metadata }: KubeObject): void {
  const claim = spec as { storageClassName?: string; resources?: { requests?: Record<string, string> } };
  const storage = quantity(claim.resources?.requests?.storage ?? '0');
  const className =
    metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.storageClassName;
  addCount(usage, 'persistentvolumeclaims');
  add(usage, 'requests.storage', storage);
  if (!className) return;
  addCount(usage, `${className}${CLASS_SUFFIX}persistentvolumeclaims`);
  add(usage, `${className}${CLASS_SUFFIX}requests.storage`, storage);
}

function addService(usage: Amounts, { spec }: KubeObject): void {
  const {
    type,
    ports = [],
    allocateLoadBalancerNodePorts = true,
  } = spec as {
    type?: string;
    ports?: object[];
    allocateLoadBalancerNodePorts?: boolean;
  };
  addCount(usage, 'services');
  if (type === 'NodePort') addCount(usage, 'services.nodeports', ports.length);
  if (type !== 'LoadBalancer') return;
  addCount(usage, 'services.loadbalancers');
  if (allocateLoadBalancerNodePorts) addCount(usage, 'services.nodeports', ports.length);
}

/** The resource whose objects a name in `hard` is about, e.g. `pods` for `requests.memory`. */
export function countedResource(name: string): string {
  if (name.startsWith('count/')) return name.slice('count/'.length);
  if (name === 'requests.storage' || name.includes(CLASS_SUFFIX)) return 'persistentvolumeclaims';
  if (name === 'persistentvolumeclaims' || COUNTED.includes(name)) return name;
  return name === 'services' || name.startsWith('services.') ? 'services' : 'pods';
}

/** Whether a quota's scopes cover the object. Only pods have scopes; a scoped quota counts nothing else. */
export function isCovered(quota: QuotaSpec, resource: string, object: KubeObject): boolean {
  const plain = (quota.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists', values: [] }));
  const scopes: QuotaScope[] = [...plain, ...(quota.scopeSelector?.matchExpressions ?? [])];
  if (scopes.length === 0) return true;
  return resource === 'pods' && scopes.every((scope) => matchesScope(scope, object));
}

function matchesScope({ scopeName, operator, values = [] }: QuotaScope, pod: KubeObject): boolean {
  const spec = pod.spec as SizedPod & { activeDeadlineSeconds?: number; priorityClassName?: string };
  const bestEffort = qosClass(spec) === 'BestEffort';
  switch (scopeName) {
    case 'BestEffort':
      return bestEffort;
    case 'NotBestEffort':
      return !bestEffort;
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined;
    case 'PriorityClass': {
      const name = spec.priorityClassName;
      if (operator === 'In') return name !== undefined && values.includes(name);
      if (operator === 'NotIn') return name === undefined || !values.includes(name);
      return (name !== undefined) === (operator === 'Exists');
    }
    default:
      return false;
  }
}

/** What the objects of a namespace use of a quota's resources: every name in `hard`, zeros included. */
export function quotaUsage(cluster: ClusterApi, namespace: string, quota: QuotaSpec): Amounts {
  const names = Object.keys(quota.hard ?? {});
  const used: Amounts = new Map(names.map((name) => [name, quantity('0')]));
  for (const resource of new Set(names.map(countedResource))) {
    for (const object of known(cluster, resource, namespace)) {
      if (!isCovered(quota, resource, object)) continue;
      for (const [name, amount] of usageOf(resource, object)) {
        if (used.has(name) && countedResource(name) === resource) add(used, name, amount);
      }
    }
  }
  return used;
}

/** The objects of a resource; none when the name in the quota is of no resource here. */
function known(cluster: ClusterApi, resource: string, namespace: string): KubeObject[] {
  try {
    return cluster.list(resource, namespace);
  } catch {
    return [];
  }
}
