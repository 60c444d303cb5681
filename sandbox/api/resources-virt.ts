import { replicaColumns, replicaScale } from './custom-columns';
import { column, customResourceType, type ResourceType } from './resource-type';

const instancetype = { group: 'instancetype.kubevirt.io', version: 'v1beta1' };
const snapshot = {
  group: 'snapshot.kubevirt.io',
  version: 'v1beta1',
  otherVersions: ['v1alpha1'],
  status: true,
};
const backup = { group: 'backup.kubevirt.io', version: 'v1alpha1', status: true };
/** Cluster-wide kinds are not part of `kubectl get all`. */
const clusterWide = { namespaced: false, categories: [] };

const sourceKind = column('SourceKind', '.spec.source.kind');
const sourceName = column('SourceName', '.spec.source.name');
const phase = column('Phase', '.status.phase');
const readyToUse = column('ReadyToUse', '.status.readyToUse', { type: 'boolean' });
const creationTime = column('CreationTime', '.status.creationTime', { type: 'date' });
const error = column('Error', '.status.error.message');

/** The resources of KubeVirt's other groups, columns in the order of their CustomResourceDefinitions. */
export const VIRT_RESOURCES: ResourceType[] = [
  customResourceType({
    ...instancetype,
    plural: 'virtualmachineinstancetypes',
    kind: 'VirtualMachineInstancetype',
    shortNames: ['vminstancetype', 'vminstancetypes', 'vmf', 'vmfs'],
  }),
  customResourceType({
    ...instancetype,
    ...clusterWide,
    plural: 'virtualmachineclusterinstancetypes',
    kind: 'VirtualMachineClusterInstancetype',
    shortNames: ['vmclusterinstancetype', 'vmclusterinstancetypes', 'vmcf', 'vmcfs'],
  }),
  customResourceType({
    ...instancetype,
    plural: 'virtualmachinepreferences',
    kind: 'VirtualMachinePreference',
    shortNames: ['vmpref', 'vmprefs', 'vmp', 'vmps'],
  }),
  customResourceType({
    ...instancetype,
    ...clusterWide,
    plural: 'virtualmachineclusterpreferences',
    kind: 'VirtualMachineClusterPreference',
    shortNames: ['vmcp', 'vmcps'],
  }),
  customResourceType({
    ...snapshot,
    plural: 'virtualmachinesnapshots',
    kind: 'VirtualMachineSnapshot',
    shortNames: ['vmsnapshot', 'vmsnapshots'],
    columns: [sourceKind, sourceName, phase, readyToUse, creationTime, error],
  }),
  customResourceType({
    ...snapshot,
    plural: 'virtualmachinesnapshotcontents',
    kind: 'VirtualMachineSnapshotContent',
    shortNames: ['vmsnapshotcontent', 'vmsnapshotcontents'],
    columns: [readyToUse, creationTime, error],
  }),
  customResourceType({
    ...snapshot,
    plural: 'virtualmachinerestores',
    kind: 'VirtualMachineRestore',
    shortNames: ['vmrestore', 'vmrestores'],
    columns: [
      column('TargetKind', '.spec.target.kind'),
      column('TargetName', '.spec.target.name'),
      column('Complete', '.status.complete', { type: 'boolean' }),
      column('RestoreTime', '.status.restoreTime', { type: 'date' }),
    ],
  }),
  customResourceType({
    group: 'clone.kubevirt.io',
    version: 'v1beta1',
    otherVersions: ['v1alpha1'],
    plural: 'virtualmachineclones',
    kind: 'VirtualMachineClone',
    shortNames: ['vmclone', 'vmclones'],
    status: true,
    columns: [
      phase,
      column('SourceVirtualMachine', '.spec.source.name'),
      column('TargetVirtualMachine', '.spec.target.name'),
    ],
  }),
  customResourceType({
    group: 'export.kubevirt.io',
    version: 'v1',
    deprecatedVersions: ['v1beta1'],
    plural: 'virtualmachineexports',
    kind: 'VirtualMachineExport',
    shortNames: ['vmexport', 'vmexports'],
    status: true,
    columns: [sourceKind, sourceName, phase],
  }),
  customResourceType({
    group: 'pool.kubevirt.io',
    version: 'v1beta1',
    otherVersions: ['v1alpha1'],
    plural: 'virtualmachinepools',
    kind: 'VirtualMachinePool',
    shortNames: ['vmpool', 'vmpools'],
    status: true,
    scale: replicaScale,
    columns: replicaColumns,
  }),
  customResourceType({
    group: 'migrations.kubevirt.io',
    version: 'v1alpha1',
    plural: 'migrationpolicies',
    kind: 'MigrationPolicy',
    namespaced: false,
    status: true,
  }),
  customResourceType({
    ...backup,
    plural: 'virtualmachinebackups',
    kind: 'VirtualMachineBackup',
    shortNames: ['vmbackup', 'vmbackups'],
    columns: [
      sourceKind,
      sourceName,
      column('Type', '.status.type'),
      column('CheckpointName', '.status.checkpointName'),
    ],
  }),
  customResourceType({
    ...backup,
    plural: 'virtualmachinebackuptrackers',
    kind: 'VirtualMachineBackupTracker',
    shortNames: ['vmbackuptracker', 'vmbackuptrackers'],
    columns: [
      sourceKind,
      sourceName,
      column('LatestCheckpoint', '.status.latestCheckpoint.name'),
      column('CheckpointTime', '.status.latestCheckpoint.creationTime', { type: 'date' }),
    ],
  }),
  customResourceType({
    group: 'plugin.kubevirt.io',
    version: 'v1alpha1',
    plural: 'plugins',
    kind: 'Plugin',
    namespaced: false,
  }),
];
