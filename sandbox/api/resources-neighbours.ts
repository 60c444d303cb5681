import { ageColumn } from './custom-columns';
import { column, customResourceType, type ResourceType } from './resource-type';

const snapshots = { group: 'snapshot.storage.k8s.io', version: 'v1', categories: [] };

/** What usually stands beside KubeVirt: volume snapshots, Multus and the operators that deploy it all. */
export const NEIGHBOUR_RESOURCES: ResourceType[] = [
  customResourceType({
    ...snapshots,
    plural: 'volumesnapshots',
    kind: 'VolumeSnapshot',
    shortNames: ['vs'],
    status: true,
    columns: [
      column('ReadyToUse', '.status.readyToUse', {
        type: 'boolean',
        description: 'Whether a volume can be restored from the snapshot.',
      }),
      column('SourcePVC', '.spec.source.persistentVolumeClaimName', {
        description: 'The claim that the snapshot is taken of.',
      }),
      column('SourceSnapshotContent', '.spec.source.volumeSnapshotContentName', {
        description: 'The existing content that the snapshot uses.',
      }),
      column('RestoreSize', '.status.restoreSize', {
        description: 'The least size of a volume that is restored from the snapshot.',
      }),
      column('SnapshotClass', '.spec.volumeSnapshotClassName', { description: 'The class of the snapshot.' }),
      column('SnapshotContent', '.status.boundVolumeSnapshotContentName', {
        description: 'The content that the snapshot is bound to.',
      }),
      column('CreationTime', '.status.creationTime', {
        type: 'date',
        description: 'When the storage system took the snapshot.',
      }),
      ageColumn,
    ],
  }),
  customResourceType({
    ...snapshots,
    plural: 'volumesnapshotclasses',
    kind: 'VolumeSnapshotClass',
    shortNames: ['vsclass', 'vsclasses'],
    namespaced: false,
    columns: [
      column('Driver', '.driver'),
      column('DeletionPolicy', '.deletionPolicy', {
        description: 'What becomes of a content whose snapshot is deleted.',
      }),
      ageColumn,
    ],
  }),
  customResourceType({
    ...snapshots,
    plural: 'volumesnapshotcontents',
    kind: 'VolumeSnapshotContent',
    shortNames: ['vsc', 'vscs'],
    namespaced: false,
    status: true,
    columns: [
      column('ReadyToUse', '.status.readyToUse', {
        type: 'boolean',
        description: 'Whether a volume can be restored from the snapshot.',
      }),
      column('RestoreSize', '.status.restoreSize', {
        type: 'integer',
        description: 'Bytes of the snapshot.',
      }),
      column('DeletionPolicy', '.spec.deletionPolicy', {
        description: 'What becomes of the snapshot in the storage when its VolumeSnapshot is deleted.',
      }),
      column('Driver', '.spec.driver', { description: 'The driver that took the snapshot.' }),
      column('VolumeSnapshotClass', '.spec.volumeSnapshotClassName', {
        description: 'The class of the snapshot.',
      }),
      column('VolumeSnapshot', '.spec.volumeSnapshotRef.name', {
        description: 'The snapshot that the content is bound to.',
      }),
      column('VolumeSnapshotNamespace', '.spec.volumeSnapshotRef.namespace', {
        description: 'The namespace of that snapshot.',
      }),
      ageColumn,
    ],
  }),
  customResourceType({
    group: 'k8s.cni.cncf.io',
    version: 'v1',
    plural: 'network-attachment-definitions',
    singular: 'network-attachment-definition',
    kind: 'NetworkAttachmentDefinition',
    shortNames: ['net-attach-def'],
    categories: [],
  }),
  customResourceType({
    group: 'hco.kubevirt.io',
    version: 'v1beta1',
    plural: 'hyperconvergeds',
    kind: 'HyperConverged',
    shortNames: ['hco', 'hcos'],
    categories: [],
    status: true,
    columns: [ageColumn],
  }),
  customResourceType({
    group: 'networkaddonsoperator.network.kubevirt.io',
    version: 'v1',
    otherVersions: ['v1alpha1'],
    plural: 'networkaddonsconfigs',
    kind: 'NetworkAddonsConfig',
    namespaced: false,
    categories: [],
    status: true,
  }),
];
