import type { ClusterApi } from '../../api/objects';
import { claimName } from '../claims';
import { isFinal } from '../run-strategy';
import {
  CONTENTS,
  SNAPSHOT_GROUP,
  SNAPSHOTS,
  type TypedReference,
  type VmSnapshot,
  type VmSnapshotContent,
} from '../snapshot/types';
import { DATA_VOLUMES, type PersistentVolumeClaim, PVCS } from '../storage-types';
import {
  type Condition,
  type Pod,
  type VirtualMachine,
  type VirtualMachineInstance,
  VMIS,
  VMS,
} from '../types';
import { claimsOf, hasEnded } from '../volume-objects';
import { claimFromBackup } from './snapshot-claims';
import type { VmExport } from './types';

/** What an export finds of its source. */
export interface ExportSource {
  claims: PersistentVolumeClaim[];
  /** Nobody else uses the claims, and they are filled: an exporter may have them. */
  isAvailable: boolean;
  /** Condition Ready for as long as there is no exporter. */
  ready: Finding;
  /** A condition of its own: PVCReady or VolumesCreated. */
  own?: Finding & { type: 'PVCReady' | 'VolumesCreated' };
  /** The VM behind the source; empty when its snapshot is not there. */
  virtualMachineName?: string;
  /** Ends the export before it began: there is nothing to take along. */
  isSkipped: boolean;
  /** Prefix of claims that were made for the export, which their volumes are named without. */
  claimPrefix: string;
}

export interface Finding {
  status: Condition['status'];
  reason: string;
  message: string;
}

const INITIALIZING = refusal('Initializing');
const NO_SNAPSHOT_VOLUMES = 'VMSnapshotNoVolumes';

/**
 * The source of an export; undefined for a kind that nobody exports. Makes the claims that a snapshot is exported from.
 * Mirrors the sources in pkg/storage/export of KubeVirt.
 */
export function readSource(cluster: ClusterApi, vmExport: VmExport): ExportSource | undefined {
  const { kind, apiGroup } = vmExport.spec.source;
  if (kind === 'PersistentVolumeClaim' && !apiGroup) return fromClaim(cluster, vmExport);
  if (kind === 'VirtualMachineSnapshot' && apiGroup === SNAPSHOT_GROUP)
    return fromSnapshot(cluster, vmExport);
  if (kind === 'VirtualMachine' && apiGroup === 'kubevirt.io') return fromMachine(cluster, vmExport);
  return undefined;
}

/** Whether a change of an object of this kind and name can concern an export. */
export function isAbout({ spec }: VmExport, kind: TypedReference['kind'], name: string): boolean {
  return spec.source.kind === kind && spec.source.name === name;
}

function fromClaim(cluster: ClusterApi, { metadata, spec }: VmExport): ExportSource {
  const at = `${metadata.namespace}/${spec.source.name}`;
  const claim = cluster.get<PersistentVolumeClaim>(PVCS, metadata.namespace, spec.source.name);
  const common = { isSkipped: false, claimPrefix: '' };
  if (!claim) {
    const missing = refusal('PVCNotFound', `PersistentVolumeClaim ${at} not found`);
    const own = { type: 'PVCReady' as const, ...missing };
    return { ...common, claims: [], isAvailable: false, ready: INITIALIZING, own };
  }
  const isFilled = isPopulated(cluster, claim);
  const isUsed = isFilled && isUsedByOthers(cluster, claim, metadata.uid);
  const ready = !isFilled
    ? refusal('PVCPending', `PersistentVolumeClaim ${at} is not populated`)
    : isUsed
      ? refusal('InUse', `PersistentVolumeClaim ${at} is in use`)
      : refusal('');
  return {
    ...common,
    claims: [claim],
    isAvailable: isFilled && !isUsed,
    ready,
    own: { type: 'PVCReady', ...claimFinding(claim) },
  };
}

function claimFinding({ status }: PersistentVolumeClaim): Finding {
  if (status?.phase === 'Bound') return { status: 'True', reason: 'PVCBound', message: '' };
  return refusal(status?.phase === 'Lost' ? 'Unknown' : 'PVCPending');
}

function fromMachine(cluster: ClusterApi, { metadata, spec }: VmExport): ExportSource {
  const { namespace } = metadata;
  const { name } = spec.source;
  const common = { virtualMachineName: name, claimPrefix: '' };
  const vm = cluster.get<VirtualMachine>(VMS, namespace, name);
  const nothing = { ...common, claims: [], isSkipped: true };
  if (!vm) {
    const ready = refusal('VMNotFound', `Virtual Machine ${namespace}/${name} not found`);
    return { ...nothing, isAvailable: false, ready };
  }
  const { claims, allFilled } = claimsOfMachine(cluster, vm);
  if (claims.length === 0) {
    const ready = refusal('VMNoVolumes', `Virtual Machine ${namespace}/${name} has no volumes`);
    return { ...nothing, isAvailable: true, ready };
  }
  const vmi = cluster.get<VirtualMachineInstance>(VMIS, namespace, name);
  const runs = allFilled && vmi !== undefined && !isFinal(vmi);
  const ready = !allFilled
    ? refusal(
        'VolumesNotPopulated',
        `Not all volumes in the Virtual Machine ${namespace}/${name} are populated`,
      )
    : runs
      ? refusal('InUse', `Virtual Machine ${namespace}/${name} is running`)
      : INITIALIZING;
  return { ...common, claims, isAvailable: allFilled && !runs, ready, isSkipped: false };
}

function claimsOfMachine(cluster: ClusterApi, { metadata, spec }: VirtualMachine) {
  const claims: PersistentVolumeClaim[] = [];
  let allFilled = true;
  for (const volume of spec.template.spec.volumes ?? []) {
    const name = volume.ephemeral ? undefined : claimName(volume);
    const claim = name && cluster.get<PersistentVolumeClaim>(PVCS, metadata.namespace, name);
    if (claim) {
      claims.push(claim);
      allFilled &&= isPopulated(cluster, claim);
    } else if (volume.dataVolume) allFilled = false;
  }
  return { claims, allFilled };
}

function fromSnapshot(cluster: ClusterApi, vmExport: VmExport): ExportSource {
  const { metadata, spec } = vmExport;
  const { namespace } = metadata;
  const at = `${namespace}/${spec.source.name}`;
  const snapshot = cluster.get<VmSnapshot>(SNAPSHOTS, namespace, spec.source.name);
  const empty = `VirtualMachineSnapshot ${at} does not contain any volume snapshots`;
  const waiting = (ready: Finding, reason: string, message: string): ExportSource => ({
    claims: [],
    isAvailable: false,
    ready,
    own: { type: 'VolumesCreated', ...refusal(reason, message) },
    virtualMachineName: snapshot?.spec.source.name ?? '',
    isSkipped: reason === NO_SNAPSHOT_VOLUMES,
    claimPrefix: `${metadata.name}-`,
  });
  if (!snapshot) {
    const ready = refusal('VMSnapshotNotFound', `VirtualMachineSnapshot ${at} not found`);
    return waiting(ready, NO_SNAPSHOT_VOLUMES, empty);
  }
  if (!snapshot.status?.readyToUse) {
    return waiting(refusal('NotAllPVCsCreated', empty), 'NotAllPVCsCreated', empty);
  }
  const contentName = snapshot.status.virtualMachineSnapshotContentName ?? '';
  const content = cluster.get<VmSnapshotContent>(CONTENTS, namespace, contentName);
  const copies = content?.status?.volumeSnapshotStatus?.length ?? 0;
  if (!content || copies === 0) return waiting(INITIALIZING, NO_SNAPSHOT_VOLUMES, empty);
  const claims = (content.spec.volumeBackups ?? []).map((backup) =>
    claimFromBackup(cluster, vmExport, backup, content.spec.source.virtualMachine),
  );
  if (claims.length !== copies) {
    return waiting(INITIALIZING, 'NotAllPVCsCreated', 'Not all PVCs have been successfully restored');
  }
  const areBound = claims.every(({ status }) => status?.phase === 'Bound');
  return {
    ...waiting(INITIALIZING, 'NotAllPVCsReady', 'Not all PVCs are ready'),
    ...(areBound
      ? { own: { type: 'VolumesCreated', status: 'True', reason: 'AllPVCsReady', message: '' } as const }
      : {}),
    claims,
    isAvailable: true,
  };
}

/** CDI's IsPopulated: a claim that a DataVolume makes is filled when that has succeeded; any other counts as filled. */
function isPopulated(cluster: ClusterApi, { metadata }: PersistentVolumeClaim): boolean {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner?.kind !== 'DataVolume') return true;
  const status = cluster.get(DATA_VOLUMES, metadata.namespace, owner.name)?.status as
    | { phase?: string }
    | undefined;
  return status?.phase === 'Succeeded';
}

function isUsedByOthers(cluster: ClusterApi, claim: PersistentVolumeClaim, exportUid: string): boolean {
  return cluster
    .list<Pod>('pods', claim.metadata.namespace)
    .some(
      (pod) =>
        !hasEnded(pod) &&
        claimsOf(pod).includes(claim.metadata.name) &&
        !pod.metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === exportUid),
    );
}

function refusal(reason: string, message = ''): Finding {
  return { status: 'False', reason, message };
}

/** A condition as these kinds have it: what is empty is left out. */
export function conditionOf(type: string, { status, reason, message }: Finding, time: string): Condition {
  return {
    type,
    status,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    lastProbeTime: null,
    lastTransitionTime: time,
  };
}
