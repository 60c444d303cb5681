import type { PersistentVolumeClaim } from '../storage-types';
import type { VolumeStatus } from '../types';

export type VolumePhase = NonNullable<VolumeStatus['phase']>;

interface Attachment {
  name: string;
  uid: string;
  /** Its container runs. */
  ready: boolean;
  deleting: boolean;
}

/** What virt-controller knows about one hot-plugged volume. */
export interface VolumeFacts {
  claim: PersistentVolumeClaim | undefined;
  claimName: string;
  /** The attachment pod that carries it. */
  attachment: Attachment | undefined;
}

/** What happened to a volume, as an event on the instance. */
export interface VolumeNews {
  reason: string;
  message: string;
}

const UNATTACHED: readonly (VolumePhase | undefined)[] = [undefined, 'Pending', 'Bound'];

/**
 * How virt-controller moves a hot-plugged volume of the spec along: until an attachment pod carries it. Mirrors
 * updateVolumeStatus. Edits `status`.
 */
export function followAttachment(status: VolumeStatus, facts: VolumeFacts): VolumeNews | undefined {
  const { attachment } = facts;
  if (!attachment) {
    status.hotplugVolume ??= {};
    if (status.phase === 'MountedToPod' || status.phase === 'Ready') return undefined;
    delete status.hotplugVolume.attachPodUID;
    Object.assign(status, claimPhase(facts));
    return undefined;
  }
  status.hotplugVolume = {
    attachPodName: attachment.name,
    ...(attachment.ready ? { attachPodUID: attachment.uid } : {}),
  };
  if (!UNATTACHED.includes(status.phase)) return undefined;
  status.phase = 'AttachedToNode';
  status.reason = 'SuccessfulCreate';
  status.message = `Created hotplug attachment pod ${attachment.name}, for volume ${status.name}`;
  return { reason: status.reason, message: status.message };
}

/** A volume that the spec has no more goes with its attachment pod. Edits `status`. */
export function followDetachment(status: VolumeStatus, attachment: Attachment): VolumeNews | undefined {
  status.hotplugVolume = { attachPodName: attachment.name, attachPodUID: attachment.uid };
  if (status.phase !== 'UnMountedFromPod') status.phase = 'Detaching';
  if (!attachment.deleting || status.reason === 'SuccessfulDelete') return undefined;
  status.phase = 'Detaching';
  status.reason = 'SuccessfulDelete';
  status.message = `Deleted hotplug attachment pod ${attachment.name}, for volume ${status.name}`;
  return { reason: status.reason, message: status.message };
}

function claimPhase({ claim, claimName }: VolumeFacts): Pick<VolumeStatus, 'phase' | 'reason' | 'message'> {
  if (!claim) {
    return { phase: 'Pending', reason: 'FailedPvcNotFound', message: `PVC ${claimName} not found` };
  }
  const reason = 'PVCNotReady';
  if (claim.status?.phase === 'Bound') return { phase: 'Bound', reason, message: 'PVC is in phase Bound' };
  const word = claim.status?.phase === 'Lost' ? 'Lost' : 'ClaimPending';
  return { phase: 'Pending', reason, message: `PVC is in phase ${word}` };
}
