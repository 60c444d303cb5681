import { type LabelSelection, selects } from '../api/label-selection';
import type { ClusterApi, KubeObject } from '../api/objects';
import { clock } from '../clock';
import { setCondition } from './conditions';
import { now } from './time';
import type { Condition, Pod } from './types';
import { keyFor, splitKey, WorkQueue } from './work-queue';
import { controllerOf, isReady, portionOf } from './workloads/pods';

export const BUDGETS = 'poddisruptionbudgets.policy';
const LATENCY_MS = 20;
/** How long an eviction counts against the budget while its pod is not yet seen to end. */
const PENDING_EVICTION_MS = 120_000;

export interface DisruptionBudget extends KubeObject {
  spec: { minAvailable?: number | string; maxUnavailable?: number | string; selector?: LabelSelection };
  status?: {
    currentHealthy?: number;
    desiredHealthy?: number;
    disruptionsAllowed?: number;
    expectedPods?: number;
    observedGeneration?: number;
    disruptedPods?: Record<string, string>;
    conditions?: Condition[];
  };
}

/** The disruption controller: how many pods of each budget may be evicted at the moment. */
export class DisruptionController {
  private readonly queue = new WorkQueue('poddisruptionbudget', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<DisruptionBudget>(BUDGETS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<Pod>('pods', ({ object }) => {
        for (const budget of budgetsOf(cluster, object)) this.queue.add(keyFor(budget));
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const budget = this.cluster.get<DisruptionBudget>(BUDGETS, namespace, name);
    if (!budget) return;
    const pods = this.cluster
      .list<Pod>('pods', namespace)
      .filter(({ metadata }) => selects(budget.spec.selector, metadata.labels));
    this.cluster.update<DisruptionBudget>(BUDGETS, namespace, name, (draft) => {
      draft.status = budgetStatus(this.cluster, budget, pods, clock.millis());
    });
  }
}

/** The budgets that cover a pod. */
export function budgetsOf(cluster: ClusterApi, { metadata }: Pod): DisruptionBudget[] {
  return cluster
    .list<DisruptionBudget>(BUDGETS, metadata.namespace)
    .filter(({ spec }) => selects(spec.selector, metadata.labels));
}

/** What a budget allows, given the pods it covers. Mirrors the disruption controller's trySync. */
function budgetStatus(
  cluster: ClusterApi,
  { metadata, spec, status = {} }: DisruptionBudget,
  pods: readonly Pod[],
  at: number,
): NonNullable<DisruptionBudget['status']> {
  const disrupted = Object.fromEntries(
    Object.entries(status.disruptedPods ?? {}).filter(([name, time]) => {
      const pod = pods.find((candidate) => candidate.metadata.name === name);
      return pod && !pod.metadata.deletionTimestamp && Date.parse(time) + PENDING_EVICTION_MS > at;
    }),
  );
  const healthy = pods.filter(
    (pod) => isReady(pod) && !pod.metadata.deletionTimestamp && !(pod.metadata.name in disrupted),
  ).length;
  const expected = expectedPods(cluster, spec, pods);
  const desired =
    spec.maxUnavailable === undefined
      ? portionOf(spec.minAvailable ?? 1, expected, 'up')
      : Math.max(0, expected - portionOf(spec.maxUnavailable, expected, 'up'));
  const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
  const generation = metadata.generation ?? 1;
  const next: NonNullable<DisruptionBudget['status']> = {
    conditions: [...(status.conditions ?? [])],
    currentHealthy: healthy,
    desiredHealthy: desired,
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
    disruptionsAllowed: allowed,
    expectedPods: expected,
    observedGeneration: generation,
  };
  const told = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? ('True' as const) : ('False' as const),
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    lastTransitionTime: now(),
    observedGeneration: generation,
  };
  setCondition(next, told);
  return next;
}

/** How many pods there should be: what their owners want, or what is there when only a number is asked for. */
function expectedPods(cluster: ClusterApi, spec: DisruptionBudget['spec'], pods: readonly Pod[]): number {
  if (spec.maxUnavailable === undefined && typeof spec.minAvailable !== 'string') return pods.length;
  const owners = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (!owner || owners.has(owner.uid)) continue;
    const plural = `${owner.kind.toLowerCase()}s.${owner.apiVersion.split('/')[0]}`;
    owners.set(owner.uid, wantedBy(cluster, plural, pod.metadata.namespace, owner.name));
  }
  return [...owners.values()].reduce((sum, count) => sum + count, 0);
}

/** What an owner's scale says; one for owners without a number. */
function wantedBy(
  cluster: ClusterApi,
  resource: string,
  namespace: string | undefined,
  name: string,
): number {
  try {
    const spec = cluster.get(resource, namespace, name)?.spec as { replicas?: number } | undefined;
    return spec?.replicas ?? 1;
  } catch {
    return 1;
  }
}
