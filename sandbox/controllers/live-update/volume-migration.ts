import { claimName } from '../claims';
import { findCondition, isTrue, setCondition } from '../conditions';
import { isHotpluggable } from '../hotplug/hotplug-volumes';
import type {
  InstanceSpec,
  MigratedVolume,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceStatus,
} from '../types';
import type { Outcome } from './outcome';

/** Volumes that move to other claims under a running guest. Mirrors virt-controller's volume-migration package. */

export const VOLUMES_CHANGE = 'VolumesChange';
export const CANCELLATION = 'VolumesChangeCancellation';
const ONLY_BACK = 'The volume can only be reverted to the previous version during the update';

/** The new claims of lasting volumes that a VM and its instance have in common, by volume. */
function swappedClaims(template: InstanceSpec, instance: InstanceSpec): Map<string, string> {
  const wanted = new Map((template.volumes ?? []).map((volume) => [volume.name, volume]));
  const swapped = new Map<string, string>();
  for (const volume of instance.volumes ?? []) {
    const other = wanted.get(volume.name);
    const [before, after] = [claimName(volume), other && claimName(other)];
    if (!other || isHotpluggable(volume) || isHotpluggable(other)) continue;
    if (before !== undefined && after !== undefined && before !== after) swapped.set(volume.name, after);
  }
  return swapped;
}

/** What the claims that a VM names anew come to for its running instance, under updateVolumesStrategy Migration. */
export function volumeMigration(
  { updateVolumesStrategy, template }: VirtualMachine['spec'],
  vmi: VirtualMachineInstance,
  { time, modeOf }: { time: string; modeOf: (claim: string) => string | undefined },
): Outcome {
  const swapped = swappedClaims(template.spec, vmi.spec);
  const moving = vmi.status?.migratedVolumes ?? [];
  const underWay = isTrue(vmi.status, VOLUMES_CHANGE);
  if (underWay && moving.some(({ volumeName }) => swapped.has(volumeName))) {
    const back = moving.every(
      ({ volumeName, sourcePVCInfo }) => swapped.get(volumeName) === sourcePVCInfo.claimName,
    );
    if (!back || swapped.size > moving.length)
      return { failure: { reason: 'VolumesUpdateError', message: ONLY_BACK } };
    return {
      edit: (spec) => replaceVolumes(spec, template.spec, swapped),
      mark: (status) => cancel(status, time),
    };
  }
  if (updateVolumesStrategy !== 'Migration' || swapped.size === 0 || vmi.status?.phase !== 'Running')
    return {};
  const restart = invalidVolumes(vmi, swapped) ?? obstacle(vmi, swapped);
  if (restart) return { restart };
  const migrated = [...swapped].map(
    ([volumeName, claim]): MigratedVolume => ({
      volumeName,
      sourcePVCInfo: info(claimOfVolume(vmi.spec, volumeName) ?? '', modeOf),
      destinationPVCInfo: info(claim, modeOf),
    }),
  );
  return {
    edit: (spec) => replaceVolumes(spec, template.spec, swapped),
    mark: (status) => {
      status.migratedVolumes = migrated;
      setCondition(status, {
        type: VOLUMES_CHANGE,
        status: 'True',
        message: 'migrate volumes',
        lastProbeTime: null,
        lastTransitionTime: time,
      });
    },
  };
}

function info(claim: string, modeOf: (claim: string) => string | undefined): MigratedVolume['sourcePVCInfo'] {
  const volumeMode = modeOf(claim);
  return volumeMode ? { claimName: claim, volumeMode } : { claimName: claim };
}

function cancel(status: VirtualMachineInstanceStatus, time: string): void {
  delete status.migratedVolumes;
  setCondition(status, {
    type: VOLUMES_CHANGE,
    status: 'False',
    reason: CANCELLATION,
    lastProbeTime: null,
    lastTransitionTime: time,
  });
}

function claimOfVolume({ volumes = [] }: InstanceSpec, name: string): string | undefined {
  const volume = volumes.find((candidate) => candidate.name === name);
  return volume && claimName(volume);
}

function replaceVolumes(
  spec: InstanceSpec,
  template: InstanceSpec,
  names: ReadonlyMap<string, string>,
): void {
  const wanted = new Map((template.volumes ?? []).map((volume) => [volume.name, volume]));
  spec.volumes = spec.volumes?.map((volume) =>
    names.has(volume.name) ? structuredClone(wanted.get(volume.name) ?? volume) : volume,
  );
}

/** Mirrors ValidateVolumes. */
function invalidVolumes({ spec }: VirtualMachineInstance, swapped: ReadonlyMap<string, string>) {
  const { disks = [], filesystems } = spec.domain.devices;
  const shared = new Set(((filesystems ?? []) as { name: string }[]).map(({ name }) => name));
  const names = [...swapped.keys()];
  const disksOf = (fits: (disk: (typeof disks)[number]) => unknown) =>
    names.filter((name) => !shared.has(name) && disks.some((disk) => disk.name === name && fits(disk)));
  const shareable = disksOf((disk) => disk.shareable);
  const kinds: [string, string[]][] = [
    ['filesystems', names.filter((name) => shared.has(name))],
    ['shareable', shareable],
    ['luns', disksOf((disk) => disk.lun && !disk.shareable)],
  ];
  const words = kinds
    .filter(([, found]) => found.length > 0)
    .map(([kind, found]) => `${kind}: [${found.join(' ')}]`);
  return words.length > 0 ? `invalid volumes to update with migration: ${words.join(' ')}` : undefined;
}

/** Mirrors ValidateVolumesUpdateMigration. */
function obstacle({ status }: VirtualMachineInstance, swapped: ReadonlyMap<string, string>) {
  const storage = findCondition(status, 'StorageLiveMigratable');
  if (storage?.status === 'False')
    return `cannot migrate the volumes as the VMI isn't migratable: ${storage.message}`;
  const left = status?.volumeStatus?.find(({ name, persistentVolumeClaimInfo }) => {
    const modes = persistentVolumeClaimInfo?.accessModes as string[] | undefined;
    return modes?.includes('ReadWriteOnce') && !modes.includes('ReadWriteMany') && !swapped.has(name);
  });
  return left
    ? `cannot migrate the VM. The volume ${left.name} is RWO and not included in the migration volumes`
    : undefined;
}
