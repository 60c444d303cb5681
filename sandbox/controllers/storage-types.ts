import type { KubeObject } from '../api/objects';
import type { NodeSelectorTerm } from './placement-types';
import type { Condition, Resources } from './types';

/** The parts of the storage kinds that the controllers read and write; everything else passes through untouched. */

export interface ObjectReference {
  apiGroup?: string | null;
  kind: string;
  name: string;
  namespace?: string;
}

export interface PersistentVolumeClaim extends KubeObject {
  spec: {
    accessModes?: string[];
    resources?: Resources;
    storageClassName?: string;
    volumeMode?: string;
    volumeName?: string;
    dataSource?: ObjectReference;
    dataSourceRef?: ObjectReference;
  };
  status?: {
    phase?: string;
    capacity?: Record<string, string>;
    accessModes?: string[];
    conditions?: Condition[];
    [field: string]: unknown;
  };
}

export interface PersistentVolume extends KubeObject {
  spec: {
    accessModes?: string[];
    capacity?: Record<string, string>;
    claimRef?: { namespace: string; name: string; uid?: string; [field: string]: unknown };
    nodeAffinity?: { required?: { nodeSelectorTerms: NodeSelectorTerm[] } };
    persistentVolumeReclaimPolicy?: string;
    storageClassName?: string;
    volumeMode?: string;
    [source: string]: unknown;
  };
  status?: { phase?: string };
}

export interface StorageClass extends KubeObject {
  provisioner: string;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
  allowVolumeExpansion?: boolean;
}

/** `resource.group` names. */
export const DATA_VOLUMES = 'datavolumes.cdi.kubevirt.io';
export const STORAGE_CLASSES = 'storageclasses.storage.k8s.io';
export const PVCS = 'persistentvolumeclaims';
export const PVS = 'persistentvolumes';
