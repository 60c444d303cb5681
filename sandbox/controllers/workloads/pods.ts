import { ApiError } from '../../api/errors';
import { type LabelSelection, selects } from '../../api/label-selection';
import type { ClusterApi, KubeObject, NewObject } from '../../api/objects';
import { findCondition } from '../conditions';
import { createPod } from '../create-pod';
import { parseQuantity } from '../quantity';
import type { Pod } from '../types';
import { ownerReference } from '../vmi-factory';
import type { PodTemplate } from './types';

/** The reference of the one owner that manages the object. */
export function controllerOf({ metadata }: KubeObject) {
  return metadata.ownerReferences?.find(({ controller }) => controller);
}

export function isActive({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

export function isReady(pod: Pod): boolean {
  return findCondition(pod.status, 'Ready')?.status === 'True';
}

/** Ready for `minReadySeconds` at least, at `now` in milliseconds. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  const ready = findCondition(pod.status, 'Ready');
  if (ready?.status !== 'True') return false;
  return minReadySeconds === 0 || Date.parse(ready.lastTransitionTime ?? '') + minReadySeconds * 1000 <= now;
}

/**
 * The pods that `owner` controls. As the ControllerRefManager does, orphans that its selector covers are adopted and
 * pods that it no longer covers are let go.
 */
export function claimPods(
  cluster: ClusterApi,
  owner: KubeObject & { spec: { selector: LabelSelection } },
): Pod[] {
  const { namespace, uid, deletionTimestamp } = owner.metadata;
  const claimed: Pod[] = [];
  for (const pod of cluster.list<Pod>('pods', namespace)) {
    const controller = controllerOf(pod);
    const covered = selects(owner.spec.selector, pod.metadata.labels);
    if (controller?.uid === uid) {
      if (covered || deletionTimestamp) claimed.push(pod);
      else release(cluster, pod, uid);
    } else if (!controller && covered && !deletionTimestamp && isActive(pod)) {
      claimed.push(adopt(cluster, pod, owner));
    }
  }
  return claimed;
}

function adopt(cluster: ClusterApi, pod: Pod, owner: KubeObject): Pod {
  const { namespace, name } = pod.metadata;
  const adopted = cluster.update<Pod>('pods', namespace, name, ({ metadata }) => {
    metadata.ownerReferences = [...(metadata.ownerReferences ?? []), ownerReference(owner)];
  });
  return adopted ?? pod;
}

function release(cluster: ClusterApi, { metadata }: Pod, uid: string): void {
  cluster.update<Pod>('pods', metadata.namespace, metadata.name, (draft) => {
    draft.metadata.ownerReferences =
      draft.metadata.ownerReferences?.filter((owner) => owner.uid !== uid) ?? [];
  });
}

/** A pod as GetPodFromTemplate makes it; without a `name` one is generated from the owner's. */
export function podFromTemplate(
  owner: KubeObject,
  template: PodTemplate,
  { name, labels }: { name?: string; labels?: Record<string, string> } = {},
): NewObject & { spec: Pod['spec'] } {
  const { namespace } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(name ? { name } : { generateName: `${owner.metadata.name}-` }),
      ...(namespace ? { namespace } : {}),
      labels: { ...template.metadata?.labels, ...labels },
      ...(template.metadata?.annotations ? { annotations: { ...template.metadata.annotations } } : {}),
      ownerReferences: [ownerReference(owner)],
    },
    spec: structuredClone(template.spec),
  };
}

/** Creates a pod for its owner and says so; a refusal is told as well and handed back. */
export function createOwnedPod(
  cluster: ClusterApi,
  owner: KubeObject,
  pod: NewObject,
  component: string,
): { refusal?: string } {
  try {
    const { metadata } = createPod(cluster, pod);
    const message = `Created pod: ${metadata.name}`;
    cluster.event(owner, { type: 'Normal', reason: 'SuccessfulCreate', message, component });
    return {};
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = `Error creating: ${error.message}`;
    cluster.event(owner, { type: 'Warning', reason: 'FailedCreate', message, component });
    return { refusal: error.message };
  }
}

export function deleteOwnedPod(cluster: ClusterApi, owner: KubeObject, pod: Pod, component: string): void {
  cluster.delete('pods', pod.metadata.namespace, pod.metadata.name);
  const message = `Deleted pod: ${pod.metadata.name}`;
  cluster.event(owner, { type: 'Normal', reason: 'SuccessfulDelete', message, component });
}

/** The order in which a controller gives pods up (ActivePods): what serves least comes first. */
export function byWorth(a: Pod, b: Pod): number {
  return (
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    phaseWorth(a) - phaseWorth(b) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    Date.parse(b.metadata.creationTimestamp) - Date.parse(a.metadata.creationTimestamp)
  );
}

function phaseWorth({ status }: Pod): number {
  return ['Pending', 'Unknown', 'Running'].indexOf(status?.phase ?? 'Pending');
}

function deletionCost({ metadata }: Pod): number {
  return parseQuantity(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost']);
}

/** An int-or-percent of `total`, rounded up or down. */
export function portionOf(value: string | number | undefined, total: number, round: 'up' | 'down'): number {
  if (typeof value !== 'string') return value ?? 0;
  const share = (Number.parseInt(value, 10) * total) / 100;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}
