import type { ClusterApi } from '../api/objects';
import { removeCondition, setCondition } from './conditions';
import { claimFile } from './guest-files';
import { parseQuantity } from './quantity';
import { type PersistentVolume, type PersistentVolumeClaim, PVCS, PVS } from './storage-types';
import { now } from './time';
import type { Pod } from './types';
import { growImage } from './volume-files';
import { claimsOf, classOf } from './volume-objects';

const PENDING = 'FileSystemResizePending';
const WAITING = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';

/** Whether a pod that `counts` mounts the claim. */
export function isInUse(
  cluster: ClusterApi,
  { metadata }: PersistentVolumeClaim,
  counts: (pod: Pod) => boolean,
): boolean {
  return cluster
    .list<Pod>('pods', metadata.namespace)
    .some((pod) => counts(pod) && claimsOf(pod).includes(metadata.name));
}

/**
 * What external-resizer and the kubelet do when a bound claim asks for more: the volume grows at once, the file system
 * on it as soon as a pod runs with it.
 */
export class VolumeGrowth {
  constructor(
    private readonly cluster: ClusterApi,
    private readonly directory: string,
  ) {}

  async follow(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const wanted = claim.spec.resources?.requests?.storage;
    const has = claim.status?.capacity?.storage;
    if (!wanted || parseQuantity(wanted) <= parseQuantity(has)) return;
    const driver = classOf(this.cluster, claim)?.provisioner ?? '';
    if (parseQuantity(volume.spec.capacity?.storage) < parseQuantity(wanted)) {
      const name = volume.metadata.name;
      this.tell(
        claim,
        'Resizing',
        `External resizer is resizing volume ${name}`,
        `external-resizer ${driver}`,
      );
      // What is on a file system grows when somebody runs with it.
      if (claim.spec.volumeMode === 'Block') {
        await growImage(claimFile(this.directory, claim), parseQuantity(wanted));
      }
      this.cluster.update<PersistentVolume>(PVS, undefined, name, ({ spec }) => {
        spec.capacity = { ...spec.capacity, storage: wanted };
      });
    }
    const isBlock = claim.spec.volumeMode === 'Block';
    const runs = isInUse(this.cluster, claim, (pod) => pod.status?.phase === 'Running');
    if (!isBlock && !runs) {
      this.markPending(claim, driver);
      return;
    }
    const { namespace, name } = claim.metadata;
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, name, (draft) => {
      const status = draft.status ?? {};
      draft.status = { ...status, capacity: { ...status.capacity, storage: wanted } };
      removeCondition(draft.status, PENDING);
      if (draft.status.conditions?.length === 0) delete draft.status.conditions;
    });
    if (isBlock) {
      this.tell(claim, 'VolumeResizeSuccessful', 'Resize volume succeeded', `external-resizer ${driver}`);
      return;
    }
    const message = `MountVolume.NodeExpandVolume succeeded for volume "${volume.metadata.name}"`;
    this.tell(claim, 'FileSystemResizeSuccessful', message, 'kubelet');
  }

  private markPending(claim: PersistentVolumeClaim, driver: string): void {
    const { namespace, name } = claim.metadata;
    const known = claim.status?.conditions?.some(({ type }) => type === PENDING);
    if (known) return;
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, name, (draft) => {
      draft.status ??= {};
      setCondition(draft.status, {
        type: PENDING,
        status: 'True',
        message: WAITING,
        lastProbeTime: null,
        lastTransitionTime: now(),
      });
    });
    const message = 'Require file system resize of volume on node';
    this.tell(claim, 'FileSystemResizeRequired', message, `external-resizer ${driver}`);
  }

  private tell(claim: PersistentVolumeClaim, reason: string, message: string, component: string): void {
    this.cluster.event(claim, { type: 'Normal', reason, message, component });
  }
}
