import { claimName } from './claims';
import { findCondition, removeCondition, setCondition } from './conditions';
import { podLinkName } from './guest-plan';
import { isHotpluggable } from './hotplug/hotplug-volumes';
import { overheadBytes } from './instance-size';
import { announceLinks } from './live-update/links';
import { announceSize } from './live-update/size';
import { attachedLinks } from './multus';
import { formatBytes } from './quantity';
import { LAUNCHER_IMAGE } from './release';
import { isFinal } from './run-strategy';
import type { PersistentVolumeClaim } from './storage-types';
import type {
  Condition,
  ContainerStatus,
  InstancePhase,
  Pod,
  VirtualMachineInstance,
  VirtualMachineInstanceStatus,
  Volume,
} from './types';

const IMAGE_FAILURES = ['ErrImagePull', 'ImagePullBackOff'];
const FILESYSTEM_OVERHEAD = '0.055';

/** What virt-controller knows about an instance when it looks at it. */
export interface InstanceFacts {
  vmi: VirtualMachineInstance;
  /** The launcher, if there is one. */
  pod: Pod | undefined;
  /** All launchers that are not down, a migration's target included. */
  launchers: readonly Pod[];
  /** A claim that the spec names and the namespace lacks. */
  missingClaim: string | undefined;
  claimOf: (volume: Volume) => PersistentVolumeClaim | undefined;
  /** RFC 3339. */
  time: string;
}

/**
 * Moves an instance along as far as virt-controller does (Pending, Scheduling, Scheduled, and Failed when its pod is
 * lost); Running and the guest's own end are virt-handler's. Edits `status`.
 */
export function followPod(status: VirtualMachineInstanceStatus, facts: InstanceFacts): void {
  const { vmi, pod, missingClaim, time } = facts;
  if (isFinal(vmi)) {
    if (pod) setCondition(status, readyCondition(status, pod, time));
    return;
  }
  const podEnded = !pod || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  const phase = status.phase ?? 'Pending';
  if (phase === 'Pending') {
    if (vmi.metadata.deletionTimestamp && !pod) setPhase(status, 'Failed', time);
    else if (pod) setPhase(status, 'Scheduling', time);
  } else if (podEnded && phase !== 'WaitingForSync') {
    setPhase(status, 'Failed', time);
  }
  reportMissingClaim(status, missingClaim, time);
  if (pod) followLauncher(status, vmi, pod, facts);
  announceSize(status, vmi, time);
  if (pod) announceLinks(status, vmi, pod, time);
  setCondition(status, readyCondition(status, pod, time));
}

/** Enters a phase; the time of the first entry is kept. Edits `status`. */
export function setPhase(status: VirtualMachineInstanceStatus, phase: InstancePhase, time: string): void {
  if (status.phase === phase) return;
  status.phase = phase;
  const times = status.phaseTransitionTimestamps ?? [];
  if (times.some((known) => known.phase === phase)) return;
  status.phaseTransitionTimestamps = [...times, { phase, phaseTransitionTimestamp: time }];
}

/** Whether everything in the launcher is up, so that virt-handler may take over. */
export function isLauncherReady(pod: Pod | undefined): boolean {
  const containers = pod?.status?.containerStatuses ?? [];
  return pod?.status?.phase === 'Running' && containers.length > 0 && containers.every(({ ready }) => ready);
}

function followLauncher(
  status: VirtualMachineInstanceStatus,
  vmi: VirtualMachineInstance,
  pod: Pod,
  { claimOf, time, launchers }: InstanceFacts,
): void {
  status.launcherContainerImageVersion = LAUNCHER_IMAGE;
  status.memory = { ...(status.memory as object), memoryOverhead: formatBytes(overheadBytes(vmi.spec)) };
  status.activePods = Object.fromEntries(
    launchers.map(({ metadata, spec }) => [metadata.uid, spec.nodeName ?? '']),
  );
  if (pod.status?.qosClass) status.qosClass = pod.status.qosClass;
  if (status.phase !== 'Scheduling') return;
  followScheduling(status, pod);
  followImages(status, pod, time);
  if (!isLauncherReady(pod) || !pod.spec.nodeName) return;
  setPhase(status, 'Scheduled', time);
  status.nodeName = pod.spec.nodeName;
  status.migrationTransport = 'Unix';
  const links = attachedLinks(pod);
  status.interfaces = (vmi.spec.networks ?? []).flatMap(({ name, pod: onPod }) => {
    if (onPod) return [{ name, podInterfaceName: 'eth0' }];
    const podInterfaceName = podLinkName(name);
    return links.has(podInterfaceName) ? [{ name, podInterfaceName, infoSource: 'multus-status' }] : [];
  });
  status.volumeStatus = volumeStatus(vmi, claimOf);
}

function followScheduling(status: VirtualMachineInstanceStatus, pod: Pod): void {
  const scheduled = findCondition(pod.status, 'PodScheduled');
  if (scheduled?.status !== 'False') {
    removeCondition(status, 'PodScheduled');
    return;
  }
  const { reason = '', message = '', lastTransitionTime = null } = scheduled;
  setCondition(status, {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastProbeTime: null,
    lastTransitionTime,
  });
}

function followImages(status: VirtualMachineInstanceStatus, pod: Pod, time: string): void {
  const failing = imageFailure([
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ]);
  if (!failing) {
    removeCondition(status, 'Synchronized');
    return;
  }
  const { reason, message = '' } = failing;
  const times = { lastProbeTime: null, lastTransitionTime: time };
  setCondition(status, { type: 'Synchronized', status: 'False', reason, message, ...times });
}

function imageFailure(containers: readonly ContainerStatus[]): ContainerStatus['state']['waiting'] {
  return containers
    .map(({ state }) => state.waiting)
    .find((waiting) => IMAGE_FAILURES.includes(waiting?.reason ?? ''));
}

function reportMissingClaim(
  status: VirtualMachineInstanceStatus,
  claim: string | undefined,
  time: string,
): void {
  if (claim === undefined) {
    if (findCondition(status, 'Synchronized')?.reason !== 'FailedPvcNotFound') return;
    removeCondition(status, 'Synchronized');
    removeCondition(status, 'PodScheduled');
    return;
  }
  const message = `PVC ${claim} does not exist, waiting for it to appear`;
  const failed: Condition = { type: 'Synchronized', status: 'False', reason: 'FailedPvcNotFound', message };
  setCondition(status, { ...failed, lastProbeTime: null, lastTransitionTime: time });
  const held: Condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  setCondition(status, { ...held, lastProbeTime: null, lastTransitionTime: null });
}

/** Mirrors syncReadyConditionFromPod. */
function readyCondition(status: VirtualMachineInstanceStatus, pod: Pod | undefined, time: string): Condition {
  const no = (reason: string, message: string): Condition => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
    lastProbeTime: time,
    lastTransitionTime: time,
  });
  if (!pod) return no('PodNotExists', 'virt-launcher pod has not yet been scheduled');
  if (pod.metadata.deletionTimestamp) return no('PodTerminating', 'virt-launcher pod is terminating');
  if (status.phase !== 'Running') return no('GuestNotRunning', 'Guest VM is not reported as running');
  const theirs = findCondition(pod.status, 'Ready');
  if (!theirs) return no('PodConditionMissing', 'virt-launcher pod is missing the Ready condition');
  const { status: ready, reason, message, lastTransitionTime = null } = theirs;
  const why = { ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
  return { type: 'Ready', status: ready, ...why, lastProbeTime: null, lastTransitionTime };
}

function volumeStatus(vmi: VirtualMachineInstance, claimOf: InstanceFacts['claimOf']) {
  const lasting = (vmi.spec.volumes ?? []).filter((volume) => !isHotpluggable(volume));
  const statuses = lasting.map((volume) => ({
    name: volume.name,
    target: '',
    ...(claimName(volume) ? claimInfo(claimOf(volume)) : {}),
  }));
  return statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What `volumeStatus` tells about a claim. */
export function claimInfo(claim: PersistentVolumeClaim | undefined) {
  if (!claim) return {};
  return {
    persistentVolumeClaimInfo: {
      claimName: claim.metadata.name,
      accessModes: claim.spec.accessModes ?? [],
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      ...(claim.status?.capacity ? { capacity: claim.status.capacity } : {}),
      requests: claim.spec.resources?.requests ?? {},
      // A block device has no file system that takes its share.
      filesystemOverhead: claim.spec.volumeMode === 'Block' ? '0' : FILESYSTEM_OVERHEAD,
    },
  };
}
