import type { KubeObject } from '../api/objects';
import type { ObjectReference } from '../controllers/storage-types';
import type { Condition, Resources } from '../controllers/types';

/** The parts of CDI's kinds that its controllers read and write. */

export interface NamespacedName {
  namespace?: string;
  name: string;
}

export interface RemoteSource {
  url?: string;
  imageStream?: string;
  pullMethod?: string;
  secretRef?: string;
  certConfigMap?: string;
  checksum?: string;
  insecureSkipVerify?: boolean;
  extraHeaders?: string[];
  secretExtraHeaders?: string[];
  initImageURL?: string;
  [field: string]: unknown;
}

/** Exactly one of these is set. */
export interface DataVolumeSource {
  http?: RemoteSource;
  s3?: RemoteSource;
  gcs?: RemoteSource;
  registry?: RemoteSource;
  imageio?: RemoteSource;
  vddk?: RemoteSource;
  pvc?: NamespacedName;
  snapshot?: NamespacedName;
  upload?: object;
  blank?: object;
}

/** `pvc` is taken as it is; `storage` is completed from the storage profile. */
export interface ClaimTemplate {
  accessModes?: string[];
  volumeMode?: string;
  storageClassName?: string;
  volumeName?: string;
  resources?: Resources;
  dataSource?: ObjectReference;
  dataSourceRef?: ObjectReference;
  selector?: object;
}

export interface DataVolumeSpec {
  source?: DataVolumeSource;
  sourceRef?: { kind: string; namespace?: string; name: string };
  pvc?: ClaimTemplate;
  storage?: ClaimTemplate;
  contentType?: string;
  preallocation?: boolean;
  priorityClassName?: string;
  checkpoints?: unknown[];
  finalCheckpoint?: boolean;
}

export interface HeartbeatCondition extends Condition {
  lastHeartbeatTime?: string;
}

export interface DataVolumeStatus {
  phase?: string;
  progress?: string;
  restartCount?: number;
  claimName?: string;
  conditions?: HeartbeatCondition[];
}

export interface DataVolume extends KubeObject {
  spec: DataVolumeSpec;
  status?: DataVolumeStatus;
}

export interface DataSourceSource {
  pvc?: NamespacedName;
  snapshot?: NamespacedName;
  dataSource?: NamespacedName;
}

export interface DataSource extends KubeObject {
  spec: { source: DataSourceSource };
  status?: { source?: DataSourceSource; conditions?: HeartbeatCondition[] };
}

export interface ClaimPropertySet {
  accessModes: string[];
  volumeMode: string;
}

export interface StorageProfile extends KubeObject {
  spec: {
    claimPropertySets?: ClaimPropertySet[];
    cloneStrategy?: string;
    snapshotClass?: string;
    [field: string]: unknown;
  };
  status?: {
    provisioner?: string;
    storageClass?: string;
    claimPropertySets?: ClaimPropertySet[];
    cloneStrategy?: string;
    snapshotClass?: string;
    dataImportCronSourceFormat?: string;
    conditions?: HeartbeatCondition[];
  };
}

export interface CdiConfig extends KubeObject {
  spec: {
    featureGates?: string[];
    preallocation?: boolean;
    uploadProxyURLOverride?: string;
    filesystemOverhead?: Overhead;
    [field: string]: unknown;
  };
  status?: { filesystemOverhead?: Overhead; preallocation?: boolean; [field: string]: unknown };
}

export interface Overhead {
  global?: string;
  storageClass?: Record<string, string>;
}

/** VolumeImportSource, VolumeUploadSource and VolumeCloneSource. */
export interface PopulatorSource extends KubeObject {
  spec: {
    /** What is imported, or for a clone the reference to what is cloned. */
    source?: DataVolumeSource & Partial<ObjectReference>;
    contentType?: string;
    preallocation?: boolean;
    priorityClassName?: string;
  };
}

/** An event in the making. */
export interface Told {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

export type WorkKind = 'import' | 'upload' | 'clone' | 'external';

/** What fills a DataVolume. */
export function workKind({ source, sourceRef }: DataVolumeSpec): WorkKind {
  if (sourceRef || source?.pvc || source?.snapshot) return 'clone';
  if (!source) return 'external';
  return source.upload ? 'upload' : 'import';
}
