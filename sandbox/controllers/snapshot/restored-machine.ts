import { applyPatch, type Operation } from 'rfc6902';
import type { VirtualMachine, Volume } from '../types';
import type { VmRestore, VmSnapshotContent, VolumeRestore } from './types';

/** The volumes that a restore makes anew: a claim for each backup, named by its policy and overrides. */
export function volumeRestores(restore: VmRestore, content: VmSnapshotContent): VolumeRestore[] {
  const { volumeRestorePolicy, volumeRestoreOverrides = [], target } = restore.spec;
  return (content.spec.volumeBackups ?? []).map((backup) => {
    const { volumeName, volumeSnapshotName } = backup;
    const wanted = volumeRestoreOverrides.find((override) => override.volumeName === volumeName)?.restoreName;
    const original = String(backup.persistentVolumeClaim.metadata.name);
    const byPolicy =
      volumeRestorePolicy === 'InPlace'
        ? original
        : volumeRestorePolicy === 'PrefixTargetName'
          ? `${target.name}-${volumeName}`
          : `restore-${restore.metadata.uid}-${volumeName}`;
    const claim = wanted ?? byPolicy;
    const machine = content.spec.source.virtualMachine;
    const usesDataVolume = machine.spec.template.spec.volumes?.some(
      (volume) => volume.name === volumeName && volume.dataVolume,
    );
    return {
      volumeName,
      persistentVolumeClaim: claim,
      volumeSnapshotName,
      ...(usesDataVolume ? { dataVolumeName: claim } : {}),
    };
  });
}

/**
 * The spec that a restore gives its target: the snapshot's, on the new claims. A target that exists keeps its run
 * strategy (`running` becomes false); a new one is halted, with identities of its own.
 * @throws Error when a patch of the restore does not apply.
 */
export function restoredSpec(
  restore: VmRestore,
  content: VmSnapshotContent,
  target: VirtualMachine | undefined,
): VirtualMachine['spec'] {
  const spec = structuredClone(content.spec.source.virtualMachine.spec);
  const claims = new Map(volumeRestores(restore, content).map((entry) => [entry.volumeName, entry]));
  const renamed = new Map<string, string>();
  spec.template.spec.volumes = spec.template.spec.volumes?.map((volume): Volume => {
    const entry = claims.get(volume.name);
    if (!entry) return volume;
    if (volume.dataVolume) {
      renamed.set(volume.dataVolume.name, entry.persistentVolumeClaim);
      return { ...volume, dataVolume: { ...volume.dataVolume, name: entry.persistentVolumeClaim } };
    }
    return {
      ...volume,
      persistentVolumeClaim: { ...volume.persistentVolumeClaim, claimName: entry.persistentVolumeClaim },
    };
  });
  spec.dataVolumeTemplates = spec.dataVolumeTemplates?.map((template) => {
    const name = renamed.get(template.metadata.name);
    return name ? { ...template, metadata: { ...template.metadata, name } } : template;
  });
  if (!spec.template.spec.volumes) delete spec.template.spec.volumes;
  if (!spec.dataVolumeTemplates) delete spec.dataVolumeTemplates;
  keepRunStrategy(spec, target);
  return patched(spec, restore.spec.patches ?? []);
}

function keepRunStrategy(spec: VirtualMachine['spec'], target: VirtualMachine | undefined): void {
  delete spec.running;
  delete spec.runStrategy;
  if (target?.spec.runStrategy) spec.runStrategy = target.spec.runStrategy;
  else if (target?.spec.running !== undefined) spec.running = false;
  else spec.runStrategy = 'Halted';
}

function patched(spec: VirtualMachine['spec'], patches: readonly string[]): VirtualMachine['spec'] {
  // The patches look at the VM as a whole: their paths start with /spec or /metadata.
  const whole = { spec };
  const operations = patches.map((patch) => JSON.parse(patch) as Operation);
  for (const [index, failure] of applyPatch(whole, operations.filter(isOfSpec)).entries()) {
    if (failure) throw new Error(`patch ${index} does not apply: ${failure.message}`);
  }
  return whole.spec;
}

function isOfSpec({ path }: Operation): boolean {
  return path.startsWith('/spec/');
}

/** The metadata of a new target: labels and annotations of the source, changed by the restore's patches. */
export function restoredMetadata(
  restore: VmRestore,
  content: VmSnapshotContent,
): { labels: Record<string, string>; annotations: Record<string, string> } {
  const { metadata } = content.spec.source.virtualMachine;
  const whole = {
    metadata: { labels: { ...metadata.labels }, annotations: { ...metadata.annotations } },
  };
  const operations = (restore.spec.patches ?? []).map((patch) => JSON.parse(patch) as Operation);
  applyPatch(
    whole,
    operations.filter(({ path }) => path.startsWith('/metadata/')),
  );
  return whole.metadata;
}
