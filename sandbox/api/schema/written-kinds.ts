import type { Schema } from './schema-type';
import {
  ANY,
  CONDITIONS,
  FLAG,
  fields,
  kindSchema,
  list,
  map,
  oneOf,
  QUANTITY_TEXT,
  reference,
  says,
  TEXT,
  TIME,
  WHOLE,
} from './schema-words';
import { WRITTEN_CDI } from './written-cdi';

const METRICS = 'metrics.k8s.io/v1beta1';
const SNAPSHOTS = 'snapshot.storage.k8s.io/v1';
const snapshotError = fields({ message: TEXT, time: TIME });
const deletionPolicy = says(
  oneOf('Delete', 'Retain'),
  'What becomes of the snapshot in the storage when its VolumeSnapshot goes.',
);
const objectReference = reference('io.k8s.api.core.v1.ObjectReference');
const usage = says(map(QUANTITY_TEXT), 'CPU and memory taken on average over the window.');
const measured = {
  'timestamp!': says(TIME, 'The end of the window.'),
  'window!': says(TEXT, 'How long was measured.'),
};
const componentVersions = {
  operatorVersion: TEXT,
  targetVersion: TEXT,
  observedVersion: TEXT,
};

/** The kinds without published types, as their own CustomResourceDefinitions describe them. */
export const WRITTEN_SCHEMAS: Record<string, Schema> = {
  ...WRITTEN_CDI,
  'io.k8s.storage.snapshot.v1.VolumeSnapshot': kindSchema(
    SNAPSHOTS,
    'VolumeSnapshot',
    'A request for a snapshot of a claim, or for the use of one that exists.',
    {
      'spec!': fields({
        'source!': fields({
          persistentVolumeClaimName: says(TEXT, 'The claim to take a snapshot of.'),
          volumeSnapshotContentName: says(TEXT, 'The existing content to use.'),
        }),
        volumeSnapshotClassName: says(TEXT, 'The class; without it the default class of the driver.'),
      }),
      status: fields({
        boundVolumeSnapshotContentName: TEXT,
        creationTime: TIME,
        error: snapshotError,
        readyToUse: FLAG,
        restoreSize: QUANTITY_TEXT,
        volumeGroupSnapshotName: TEXT,
      }),
    },
  ),
  'io.k8s.storage.snapshot.v1.VolumeSnapshotContent': kindSchema(
    SNAPSHOTS,
    'VolumeSnapshotContent',
    'A snapshot in the storage system.',
    {
      'spec!': fields({
        'deletionPolicy!': deletionPolicy,
        'driver!': TEXT,
        'source!': fields({ snapshotHandle: TEXT, volumeHandle: TEXT }),
        sourceVolumeMode: TEXT,
        volumeSnapshotClassName: TEXT,
        'volumeSnapshotRef!': objectReference,
      }),
      status: fields({
        creationTime: WHOLE,
        error: snapshotError,
        readyToUse: FLAG,
        restoreSize: WHOLE,
        snapshotHandle: TEXT,
        volumeGroupSnapshotHandle: TEXT,
      }),
    },
  ),
  'io.k8s.storage.snapshot.v1.VolumeSnapshotClass': kindSchema(
    SNAPSHOTS,
    'VolumeSnapshotClass',
    'How a storage driver takes snapshots.',
    {
      'deletionPolicy!': deletionPolicy,
      'driver!': says(TEXT, 'The driver that takes the snapshots.'),
      parameters: map(TEXT),
    },
  ),
  'io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics': kindSchema(
    METRICS,
    'NodeMetrics',
    'What a node takes.',
    { ...measured, 'usage!': usage },
  ),
  'io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics': kindSchema(
    METRICS,
    'PodMetrics',
    'What the containers of a pod take.',
    { ...measured, 'containers!': list(fields({ 'name!': TEXT, 'usage!': usage })) },
  ),
  'io.cncf.cni.k8s.v1.NetworkAttachmentDefinition': kindSchema(
    'k8s.cni.cncf.io/v1',
    'NetworkAttachmentDefinition',
    'A network that pods can be attached to beside the cluster network.',
    {
      spec: fields({
        config: says(TEXT, 'Configuration of the CNI plugin, or of a list of them, as JSON.'),
      }),
    },
  ),
  'io.kubevirt.hco.v1beta1.HyperConverged': kindSchema(
    'hco.kubevirt.io/v1beta1',
    'HyperConverged',
    'Deploys and configures KubeVirt and what belongs to it.',
    {
      spec: ANY,
      status: fields({
        conditions: CONDITIONS,
        dataImportSchedule: TEXT,
        dataImportCronTemplates: list(ANY),
        infrastructureHighlyAvailable: FLAG,
        nodeInfo: ANY,
        observedGeneration: WHOLE,
        relatedObjects: list(objectReference),
        systemHealthStatus: TEXT,
        versions: list(fields({ name: TEXT, version: TEXT })),
      }),
    },
  ),
  'io.kubevirt.network.networkaddonsoperator.v1.NetworkAddonsConfig': kindSchema(
    'networkaddonsoperator.network.kubevirt.io/v1',
    'NetworkAddonsConfig',
    'Which network components the operator deploys.',
    {
      spec: ANY,
      status: fields({
        conditions: CONDITIONS,
        containers: list(fields({ 'name!': TEXT, 'image!': TEXT, 'parentKind!': TEXT, 'parentName!': TEXT })),
        ...componentVersions,
      }),
    },
  ),
  'io.kubevirt.backup.v1alpha1.VirtualMachineBackupTracker': kindSchema(
    'backup.kubevirt.io/v1alpha1',
    'VirtualMachineBackupTracker',
    'Follows the checkpoints of a VM, so that its next backup can be incremental.',
    {
      'spec!': fields({ 'source!': reference('io.k8s.api.core.v1.TypedLocalObjectReference') }),
      status: fields({
        checkpointRedefinitionRequired: FLAG,
        latestCheckpoint: fields({ name: TEXT, creationTime: TIME, volumes: list(ANY) }),
      }),
    },
  ),
  'io.kubevirt.plugin.v1alpha1.Plugin': kindSchema(
    'plugin.kubevirt.io/v1alpha1',
    'Plugin',
    'Extends KubeVirt with hooks of its own.',
    { 'spec!': ANY },
  ),
};
