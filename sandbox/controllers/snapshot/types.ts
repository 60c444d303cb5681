import type { KubeObject } from '../../api/objects';
import type { Condition, VirtualMachine } from '../types';

export const SNAPSHOT_GROUP = 'snapshot.kubevirt.io';
export const SNAPSHOT_VERSION = `${SNAPSHOT_GROUP}/v1beta1`;
export const SNAPSHOTS = `virtualmachinesnapshots.${SNAPSHOT_GROUP}`;
export const CONTENTS = `virtualmachinesnapshotcontents.${SNAPSHOT_GROUP}`;
export const RESTORES = `virtualmachinerestores.${SNAPSHOT_GROUP}`;
export const CLONES = 'virtualmachineclones.clone.kubevirt.io';
export const VOLUME_SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
export const VOLUME_SNAPSHOT_CLASSES = 'volumesnapshotclasses.snapshot.storage.k8s.io';

export const SNAPSHOT_FINALIZER = 'snapshot.kubevirt.io/vmsnapshot-protection';
export const CONTENT_FINALIZER = 'snapshot.kubevirt.io/vmsnapshotcontent-protection';
export const SOURCE_FINALIZER = 'snapshot.kubevirt.io/snapshot-source-protection';
export const RESTORE_FINALIZER = 'snapshot.kubevirt.io/vmrestore-protection';

export interface TypedReference {
  apiGroup?: string;
  kind: string;
  name: string;
}

export interface VmSnapshot extends KubeObject {
  spec: { source: TypedReference; deletionPolicy?: 'Delete' | 'Retain'; failureDeadline?: string };
  status?: VmSnapshotStatus;
}

export interface VmSnapshotStatus {
  phase?: 'InProgress' | 'Succeeded' | 'Failed' | 'Deleting' | 'Unknown';
  sourceUID?: string;
  virtualMachineSnapshotContentName?: string;
  creationTime?: string;
  readyToUse?: boolean;
  error?: { time: string; message: string };
  conditions?: Condition[];
  indications?: string[];
  sourceIndications?: { indication: string; message: string }[];
  snapshotVolumes?: { includedVolumes?: string[]; excludedVolumes?: string[] };
}

/** What a content keeps of the VM: KubeVirt stores it without kind, and its status emptied. */
export type StoredMachine = Pick<VirtualMachine, 'metadata' | 'spec' | 'status'>;

export interface VolumeBackup {
  volumeName: string;
  persistentVolumeClaim: { metadata: Record<string, unknown>; spec: Record<string, unknown> };
  volumeSnapshotName: string;
}

export interface VmSnapshotContent extends KubeObject {
  spec: {
    virtualMachineSnapshotName?: string;
    source: { virtualMachine: StoredMachine };
    volumeBackups?: VolumeBackup[];
  };
  status?: {
    readyToUse?: boolean;
    creationTime?: string;
    error?: { time: string; message: string };
    volumeSnapshotStatus?: { volumeSnapshotName: string; readyToUse?: boolean; creationTime?: string }[];
  };
}

export interface VolumeRestore {
  volumeName: string;
  persistentVolumeClaim: string;
  volumeSnapshotName: string;
  dataVolumeName?: string;
}

export type ReadinessPolicy = 'StopTarget' | 'WaitGracePeriod' | 'FailImmediate' | 'WaitEventually';

export interface VmRestore extends KubeObject {
  spec: {
    target: TypedReference;
    virtualMachineSnapshotName: string;
    targetReadinessPolicy?: ReadinessPolicy;
    volumeRestorePolicy?: 'RandomizeNames' | 'InPlace' | 'PrefixTargetName';
    volumeRestoreOverrides?: {
      volumeName: string;
      restoreName?: string;
      labels?: Record<string, string>;
      annotations?: Record<string, string>;
    }[];
    /** JSON patches of the VM's spec, each an operation as text. */
    patches?: string[];
  };
  status?: {
    complete?: boolean;
    restoreTime?: string;
    restores?: VolumeRestore[];
    /** Those that stood where the restore put its claims. */
    deletedDataVolumes?: string[];
    conditions?: Condition[];
  };
}

export interface VmClone extends KubeObject {
  spec: {
    source: TypedReference;
    target?: Partial<TypedReference>;
    labelFilters?: string[];
    annotationFilters?: string[];
    template?: { labelFilters?: string[]; annotationFilters?: string[] };
    newMacAddresses?: Record<string, string>;
    newSMBiosSerial?: string;
    patches?: string[];
  };
  status?: {
    phase?: ClonePhase;
    conditions?: Condition[];
    snapshotName?: string;
    restoreName?: string;
    targetName?: string;
    creationTime?: string;
  };
}

export type ClonePhase =
  | ''
  | 'SnapshotInProgress'
  | 'RestoreInProgress'
  | 'CreatingTargetVM'
  | 'Succeeded'
  | 'Failed'
  | 'Unknown';

export interface VolumeSnapshot extends KubeObject {
  spec: { volumeSnapshotClassName?: string; source: { persistentVolumeClaimName?: string } };
  status?: {
    readyToUse?: boolean;
    creationTime?: string;
    error?: { message?: string; time?: string };
  };
}

/** A condition of these kinds: KubeVirt puts its sentence into `reason` and leaves `message` empty. */
export function sentence(type: string, status: Condition['status'], reason: string, time: string): Condition {
  return { type, status, reason, lastProbeTime: null, lastTransitionTime: time };
}
