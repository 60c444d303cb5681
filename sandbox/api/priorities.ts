/** Priorities of the APIServices of Kubernetes' own groups, as kube-apiserver registers them. */
const GROUPS: Record<string, number> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'apiextensions.k8s.io': 16700,
  'admissionregistration.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'resource.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
};
const CUSTOM_GROUP = 1000;
/** As metrics-server's own manifests have it: `kubectl get pods` means the core group's. */
const METRICS_PRIORITY = 100;
const CUSTOM_VERSION = 100;
const BUILT_IN_VERSIONS: Record<string, number> = {
  'v1.': 1,
  'v2.autoscaling': 30,
  'v1.resource.k8s.io': 21,
  'v1.flowcontrol.apiserver.k8s.io': 21,
};
const BUILT_IN_VERSION = 15;
/** The aggregator's own group comes before all others, and has no APIService. */
export const AGGREGATOR_GROUP = 'apiregistration.k8s.io';

export function isBuiltInGroup(group: string): boolean {
  return group in GROUPS || group === AGGREGATOR_GROUP;
}

/** `spec.groupPriorityMinimum`: the higher, the earlier in discovery. */
export function groupPriority(group: string): number {
  if (group === 'metrics.k8s.io') return METRICS_PRIORITY;
  return group === AGGREGATOR_GROUP ? 20000 : (GROUPS[group] ?? CUSTOM_GROUP);
}

/** `spec.versionPriority` */
export function versionPriority(group: string, version: string): number {
  if (!isBuiltInGroup(group)) return CUSTOM_VERSION;
  return BUILT_IN_VERSIONS[`${version}.${group}`] ?? BUILT_IN_VERSION;
}
