import { claimName } from '../claims';
import { findCondition, isTrue, removeCondition, setCondition } from '../conditions';
import { isFinal } from '../run-strategy';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineStatus } from '../types';
import { CANCELLATION, VOLUMES_CHANGE } from './volume-migration';

const RECOVERY = 'ManualRecoveryRequired';

/**
 * What a VM's status tells of its volumes' moves: which claims they came from, until the VM names those again. Mirrors
 * syncVolumeMigration of virt-controller. Edits `status`.
 */
export function syncVolumeMigration(
  status: VirtualMachineStatus,
  { spec }: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  time: string,
): void {
  const begun = vmi?.status?.migratedVolumes;
  if (begun?.length) {
    status.volumeUpdateState = {
      ...status.volumeUpdateState,
      volumeMigrationState: { migratedVolumes: begun },
    };
  }
  const moved = status.volumeUpdateState?.volumeMigrationState?.migratedVolumes;
  if (!moved) return;
  const claims = new Map(spec.template.spec.volumes?.map((volume) => [volume.name, claimName(volume)]));
  const isBack = moved.every(({ volumeName, sourcePVCInfo }) => {
    const claim = claims.get(volumeName);
    return claim === undefined || claim === sourcePVCInfo.claimName;
  });
  if (isBack || spec.updateVolumesStrategy !== 'Migration') {
    status.volumeUpdateState = {};
    removeCondition(status, VOLUMES_CHANGE);
    removeCondition(status, RECOVERY);
    return;
  }
  if (!vmi || isFinal(vmi)) {
    if (!isTrue(status, VOLUMES_CHANGE)) return;
    // What the claims that it names now hold is not whole.
    setCondition(status, {
      type: RECOVERY,
      status: 'True',
      reason: 'VMI was removed or was final during the volume migration',
      lastProbeTime: null,
      lastTransitionTime: time,
    });
    return;
  }
  if (findCondition(vmi.status, VOLUMES_CHANGE)?.reason === CANCELLATION) status.volumeUpdateState = {};
}

/** Whether a VM's guest ended while its volumes moved, so that the claims which it names now are not whole. */
export function awaitsRecovery({ status }: VirtualMachine): boolean {
  if (isTrue(status, RECOVERY)) return true;
  return isTrue(status, VOLUMES_CHANGE) && status?.volumeUpdateState?.volumeMigrationState !== undefined;
}
