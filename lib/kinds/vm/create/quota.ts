import type { K8sObject } from '@/lib/k8s/object';
import { parseQuantity } from '@/lib/units';
import type { Footprint } from './footprint';

export interface ResourceQuota extends K8sObject {
  spec?: { hard?: Record<string, string>; scopes?: string[]; scopeSelector?: unknown };
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

/** What a VM takes of one limit of one quota. */
export interface QuotaCost {
  quota: string;
  /** As the quota spells it: `requests.memory`. */
  resource: string;
  /** `bytes`, `cores`, or how many objects. */
  unit: 'bytes' | 'cores' | 'count';
  takes: number;
  used: number;
  hard: number;
  isOver: boolean;
  /** What the launcher takes beside the guest is not known exactly. */
  isApproximate: boolean;
}

/** Scopes that the pods of VMs are in: they run without an end, and always ask for something. */
const SCOPES = new Set(['NotTerminating', 'NotBestEffort']);
const CLASS = /^(.+)\.storageclass\.storage\.k8s\.io\/(requests\.storage|persistentvolumeclaims)$/;

/**
 * What a footprint takes of the quotas of its namespace, as far as they limit it. Quotas for pods of certain priorities
 * are left out: whether they count is the scheduler's to say. `defaultClass` is where claims without a class go.
 */
export function quotaCosts(
  quotas: readonly ResourceQuota[],
  footprint: Footprint,
  { pods = 1, defaultClass }: { pods?: number; defaultClass?: string | undefined } = {},
): QuotaCost[] {
  return quotas.flatMap((quota) => {
    const { scopes = [], scopeSelector } = quota.spec ?? {};
    if (scopeSelector !== undefined || scopes.some((scope) => !SCOPES.has(scope))) return [];
    const hard = quota.status?.hard ?? quota.spec?.hard ?? {};
    return Object.entries(hard).flatMap(([resource, limit]) => {
      const taken = takenOf(resource, footprint, pods, defaultClass);
      const most = parseQuantity(limit);
      if (!taken?.takes || most === undefined) return [];
      const used = parseQuantity(quota.status?.used?.[resource]) ?? 0;
      const cost: QuotaCost = {
        quota: quota.metadata.name,
        resource,
        used,
        hard: most,
        isOver: used + taken.takes > most,
        isApproximate: false,
        ...taken,
      };
      return [cost];
    });
  });
}

type Taken = Pick<QuotaCost, 'unit' | 'takes'> & { isApproximate?: boolean };

function takenOf(
  resource: string,
  footprint: Footprint,
  pods: number,
  defaultClass: string | undefined,
): Taken | undefined {
  const { storage, objects, runs } = footprint;
  const ofClass = CLASS.exec(resource);
  if (ofClass) {
    const shares = storage.filter(({ storageClass = defaultClass }) => storageClass === ofClass[1]);
    return ofClass[2] === 'requests.storage'
      ? { unit: 'bytes', takes: sum(shares.map(({ bytes }) => bytes)) }
      : { unit: 'count', takes: sum(shares.map(({ claims }) => claims)) };
  }
  const guest = (unit: 'bytes' | 'cores', takes: number | undefined): Taken | undefined =>
    takes === undefined || !runs ? undefined : { unit, takes, isApproximate: unit === 'bytes' };
  switch (resource) {
    case 'cpu':
    case 'requests.cpu':
      return guest('cores', footprint.cpuRequest);
    case 'memory':
    case 'requests.memory':
      return guest('bytes', footprint.memoryRequest);
    case 'limits.cpu':
      return guest('cores', footprint.cpuLimit);
    case 'limits.memory':
      return guest('bytes', footprint.memoryLimit);
    case 'requests.storage':
      return { unit: 'bytes', takes: sum(storage.map(({ bytes }) => bytes)) };
    case 'pods':
    case 'count/pods':
    case 'count/virtualmachineinstances.kubevirt.io':
      return runs ? { unit: 'count', takes: pods } : undefined;
    default:
      return { unit: 'count', takes: objects.get(resource.replace(/^count\//, '')) ?? 0 };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

export interface LimitRange extends K8sObject {
  spec?: {
    limits?: {
      type?: string;
      max?: Record<string, string>;
      min?: Record<string, string>;
      /** The limits that a container gets that states none. */
      default?: Record<string, string>;
    }[];
  };
}

/** Something that a LimitRange of the namespace would refuse. */
export interface RangeProblem {
  range: string;
  kind: 'defaultLimit' | 'most' | 'least' | 'claimMost' | 'claimLeast';
  resource: 'cpu' | 'memory' | 'storage';
  takes: number;
  bound: number;
}

/**
 * What LimitRanges refuse of a footprint of one VM. A container that states no limit gets the default one, and is
 * refused when it asks for more than that: for launchers that is the usual trap.
 */
export function rangeProblems(ranges: readonly LimitRange[], footprint: Footprint): RangeProblem[] {
  const found: RangeProblem[] = [];
  for (const { metadata, spec } of ranges) {
    for (const limits of spec?.limits ?? []) {
      const note = (
        kind: RangeProblem['kind'],
        resource: RangeProblem['resource'],
        takes: number,
        bound: number | undefined,
        isWrong: (takes: number, bound: number) => boolean,
      ) => {
        if (bound !== undefined && isWrong(takes, bound))
          found.push({ range: metadata.name, kind, resource, takes, bound });
      };
      const above = (takes: number, bound: number) => takes > bound;
      const below = (takes: number, bound: number) => takes < bound;
      if (limits.type === 'PersistentVolumeClaim') {
        for (const { bytes } of footprint.storage.filter(({ claims }) => claims === 1)) {
          note('claimMost', 'storage', bytes, parseQuantity(limits.max?.storage), above);
          note('claimLeast', 'storage', bytes, parseQuantity(limits.min?.storage), below);
        }
        continue;
      }
      if (!footprint.runs || (limits.type !== 'Container' && limits.type !== 'Pod')) continue;
      for (const resource of ['cpu', 'memory'] as const) {
        const asks = resource === 'cpu' ? footprint.cpuRequest : footprint.memoryRequest;
        const states = resource === 'cpu' ? footprint.cpuLimit : footprint.memoryLimit;
        const given = limits.type === 'Container' ? parseQuantity(limits.default?.[resource]) : undefined;
        if (states === undefined) note('defaultLimit', resource, asks, given, above);
        note('most', resource, states ?? asks, parseQuantity(limits.max?.[resource]), above);
        note('least', resource, asks, parseQuantity(limits.min?.[resource]), below);
      }
    }
  }
  return found;
}
