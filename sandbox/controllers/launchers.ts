import type { ClusterApi } from '../api/objects';
import { CREATED_BY } from './launcher-pod';
import { MIGRATION_JOB } from './migration/migration';
import { isFinal } from './run-strategy';
import type { Pod, VirtualMachineInstance } from './types';

/** The launcher pods of an instance, migration targets included and attachment pods not. */
export function launchersOf(cluster: ClusterApi, { metadata }: VirtualMachineInstance): Pod[] {
  return cluster
    .ownedBy<Pod>('pods', metadata.uid)
    .filter((pod) => pod.metadata.labels?.[CREATED_BY] === metadata.uid);
}

/**
 * The launcher that holds the guest: the latest one on the instance's node, or, before there is a node, the latest one
 * that is no migration's target. Mirrors CurrentVMIPod of virt-controller.
 */
export function currentLauncher(cluster: ClusterApi, vmi: VirtualMachineInstance): Pod | undefined {
  const node = vmi.status?.nodeName;
  const candidates = launchersOf(cluster, vmi).filter(({ metadata, spec }) =>
    node ? spec.nodeName === node : metadata.labels?.[MIGRATION_JOB] === undefined,
  );
  return newest(candidates.filter((pod) => !isDown(pod))) ?? newest(candidates);
}

export function isDown({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Whether the guest that a launcher held has ended, or has moved away, or never came because its migration failed. */
export function hasGuestLeft({ metadata }: Pod, vmi: VirtualMachineInstance): boolean {
  if (isFinal(vmi)) return true;
  const state = vmi.status?.migrationState;
  if (!state?.endTimestamp) return false;
  return (state.failed ? state.targetPod : state.sourcePod) === metadata.name;
}

/** Whether a launcher holds a guest that runs. */
export function holdsGuest({ spec }: Pod, { status }: VirtualMachineInstance): boolean {
  const running = status?.phase === 'Scheduled' || status?.phase === 'Running';
  return running && status.nodeName === spec.nodeName;
}

function newest(pods: readonly Pod[]): Pod | undefined {
  return [...pods].sort((a, b) => born(b) - born(a)).at(0);
}

function born({ metadata }: Pod): number {
  return Date.parse(metadata.creationTimestamp);
}
