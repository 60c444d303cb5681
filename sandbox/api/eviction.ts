import { evictionInterceptor } from './admission/eviction-interceptor';
import type { ApiCall, Reply } from './api-call';
import { ApiError, badRequest, conflict, internalError } from './errors';
import { type LabelSelection, selects } from './label-selection';
import { timestamp } from './metadata';
import type { DeleteOptions, KubeObject } from './objects';
import { isRecord } from './patch';
import { at } from './print-values';
import { requireObject } from './reads';
import { parseObjectBody } from './request-body';
import type { Cluster } from './store';

const BUDGETS = 'poddisruptionbudgets.policy';
const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";
const SETTLING_S = 10;

interface Budget extends KubeObject {
  spec: { selector?: LabelSelection; unhealthyPodEvictionPolicy?: string };
  status?: {
    observedGeneration?: number;
    disruptionsAllowed?: number;
    currentHealthy?: number;
    desiredHealthy?: number;
    disruptedPods?: Record<string, string>;
  };
}

/**
 * `POST` of `pods/x/eviction`: deletes a pod if KubeVirt has no objection and its disruption budget allows it. Mirrors
 * EvictionREST of kube-apiserver. @throws ApiError 400, 404, 429, 500
 */
export function evict(cluster: Cluster, call: ApiCall): Reply {
  const pod = requireObject(cluster, call);
  const { name, namespace } = pod.metadata;
  const sent = parseObjectBody(call);
  const named = at(sent, 'metadata', 'name');
  if (named !== undefined && named !== '' && named !== name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const options = deleteOptionsOf(sent);
  const dryRun = (options.dryRun?.length ?? 0) > 0 || call.query.has('dryRun');
  if (dryRun) options.dryRun = ['All'];
  evictionInterceptor(cluster, pod, { dryRun });
  if (!isFree(pod)) spendBudget(cluster, pod, dryRun);
  cluster.remove('pods', namespace, name, options);
  return {
    status: 201,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  };
}

/** `POST` of `pods/x/binding`, with which a scheduler assigns a node. @throws ApiError 400, 404, 409 */
export function bind(cluster: Cluster, call: ApiCall): Reply {
  const pod = requireObject(cluster, call);
  const { name, namespace, deletionTimestamp } = pod.metadata;
  const node = at(parseObjectBody(call), 'target', 'name');
  if (typeof node !== 'string' || node === '') throw badRequest('target.name: Required value');
  const about = { plural: 'pods/binding', group: '' };
  if (deletionTimestamp) {
    throw conflict(about, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  const present = at(pod, 'spec', 'nodeName');
  if (present)
    throw conflict(about, name, `pod ${name} is already assigned to node ${JSON.stringify(present)}`);
  cluster.update('pods', namespace, name, (draft) => {
    draft.spec = { ...(draft.spec as object), nodeName: node };
    const status = (draft.status ?? {}) as { conditions?: { type: string }[] };
    const others = (status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
    const scheduled = {
      type: 'PodScheduled',
      status: 'True',
      observedGeneration: pod.metadata.generation ?? 1,
      lastProbeTime: null,
      lastTransitionTime: timestamp(cluster.now()),
    };
    draft.status = { ...status, conditions: [...others, scheduled] };
  });
  return {
    status: 201,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  };
}

function deleteOptionsOf(sent: unknown): DeleteOptions {
  const options = at(sent, 'deleteOptions');
  if (!isRecord(options)) return {};
  const { gracePeriodSeconds, preconditions, dryRun } = options as DeleteOptions;
  return {
    ...(gracePeriodSeconds === undefined || gracePeriodSeconds === null ? {} : { gracePeriodSeconds }),
    ...(preconditions ? { preconditions } : {}),
    ...(dryRun ? { dryRun } : {}),
  };
}

/** Pods that serve nobody any more, or not yet, need no budget. */
function isFree({ metadata, status }: KubeObject): boolean {
  const phase = (status as { phase?: string } | undefined)?.phase ?? '';
  return metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(phase);
}

function spendBudget(cluster: Cluster, pod: KubeObject, dryRun: boolean): void {
  const { namespace, name } = pod.metadata;
  const budgets = cluster
    .list<Budget>(BUDGETS, namespace)
    .filter(({ spec }) => selects(spec.selector, pod.metadata.labels));
  const [budget, another] = budgets;
  if (!budget) return;
  if (another) {
    const why =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw internalError(why);
  }
  if (mayGoUnready(pod, budget)) return;
  const {
    disruptionsAllowed = 0,
    observedGeneration = 0,
    desiredHealthy = 0,
    currentHealthy = 0,
  } = budget.status ?? {};
  if (observedGeneration < (budget.metadata.generation ?? 1)) {
    const why = `The disruption budget ${budget.metadata.name} is still being processed by the server.`;
    throw tooManyRequests(why, SETTLING_S);
  }
  if (disruptionsAllowed <= 0) {
    throw tooManyRequests(
      `The disruption budget ${budget.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  if (dryRun) return;
  cluster.update<Budget>(BUDGETS, namespace, budget.metadata.name, (draft) => {
    const disruptedPods = { ...draft.status?.disruptedPods, [name]: timestamp(cluster.now()) };
    draft.status = { ...draft.status, disruptionsAllowed: disruptionsAllowed - 1, disruptedPods };
  });
}

/** A pod that is not ready may go while the others are enough, or always if the budget says so. */
function mayGoUnready({ status }: KubeObject, { spec, status: budget }: Budget): boolean {
  const conditions = (status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions;
  if (conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')) return false;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const desired = budget?.desiredHealthy ?? 0;
  return desired > 0 && (budget?.currentHealthy ?? 0) >= desired;
}

function tooManyRequests(why: string, retryAfterSeconds?: number): ApiError {
  return new ApiError(429, 'TooManyRequests', VIOLATES, {
    causes: [{ reason: 'DisruptionBudget', message: why }],
    ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
  });
}
