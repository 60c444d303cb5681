import { forbidden } from '../errors';
import type { ClusterApi, KubeObject, NewObject } from '../objects';
import { applyLimitDefaults, checkLimitRanges } from './limit-range';
import { checkQuota } from './quota';

const PODS = { plural: 'pods', group: '' };
const PRIORITY_CLASSES = 'priorityclasses.scheduling.k8s.io';
/** DefaultTolerationSeconds: how long a pod stays on a node that is in trouble. */
const PATIENCE_S = 300;

interface PriorityClass extends KubeObject {
  value: number;
  globalDefault?: boolean;
  preemptionPolicy?: string;
}

interface PodSpec {
  priorityClassName?: string;
  priority?: number;
  preemptionPolicy?: string;
  serviceAccountName?: string;
  serviceAccount?: string;
  tolerations?: { key?: string; operator?: string; effect?: string; tolerationSeconds?: number }[];
}

/**
 * The mutating admission plugins that every new pod passes, whoever sends it: LimitRanger, ServiceAccount, Priority,
 * DefaultTolerationSeconds. Edits `pod`. @throws ApiError 403
 */
export function mutatePod(cluster: ClusterApi, pod: NewObject): void {
  // The schema check, or a controller, has seen to the type.
  const spec = pod.spec as PodSpec;
  applyLimitDefaults(cluster, pod);
  spec.serviceAccountName ||= spec.serviceAccount || 'default';
  spec.serviceAccount = spec.serviceAccountName;
  setPriority(cluster, pod, spec);
  spec.tolerations = withPatience(spec.tolerations ?? []);
}

/** The validating ones, and the quota as the last of all. @throws ApiError 403 */
export function validatePod(cluster: ClusterApi, pod: KubeObject): void {
  checkLimitRanges(cluster, PODS, pod);
  checkQuota(cluster, 'pods', PODS, pod);
}

function setPriority(cluster: ClusterApi, pod: NewObject, spec: PodSpec): void {
  const classes = cluster.list<PriorityClass>(PRIORITY_CLASSES);
  const named = spec.priorityClassName;
  const chosen = named
    ? classes.find(({ metadata }) => metadata.name === named)
    : classes.filter(({ globalDefault }) => globalDefault).sort((a, b) => a.value - b.value)[0];
  if (named && !chosen) {
    // Names are generated after the mutating plugins, so that the refusal knows only the prefix.
    const name = pod.metadata.generateName || pod.metadata.name || 'Unknown';
    throw forbidden(PODS, name, `no PriorityClass with name ${named} was found`);
  }
  if (chosen) spec.priorityClassName = chosen.metadata.name;
  spec.priority = chosen?.value ?? 0;
  spec.preemptionPolicy ??= chosen?.preemptionPolicy ?? 'PreemptLowerPriority';
}

function withPatience(tolerations: NonNullable<PodSpec['tolerations']>) {
  const covered = (key: string) =>
    tolerations.some(
      (toleration) =>
        (toleration.key === key || (!toleration.key && toleration.operator === 'Exists')) &&
        (!toleration.effect || toleration.effect === 'NoExecute'),
    );
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) => !covered(key),
  );
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: PATIENCE_S,
  }));
  return [...tolerations, ...added];
}
