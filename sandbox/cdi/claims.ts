import type { ClusterApi } from '../api/objects';
import { SELECTED_NODE } from '../controllers/scheduler';
import {
  type PersistentVolumeClaim,
  PVCS,
  STORAGE_CLASSES,
  type StorageClass,
} from '../controllers/storage-types';
import type { Pod } from '../controllers/types';
import { classOf, DEFAULT_VIRT_CLASS, defaultClass } from '../controllers/volume-objects';
import * as names from './names';
import type { DataVolume, PopulatorSource } from './types';

/** The class that a DataVolume's claim gets: the one it names, or the default, for disks the virt default first. */
export function storageClassFor(cluster: ClusterApi, { spec }: DataVolume): StorageClass | undefined {
  const classes = cluster.list<StorageClass>(STORAGE_CLASSES);
  const named = (spec.storage ?? spec.pvc)?.storageClassName;
  if (named !== undefined) return classes.find(({ metadata }) => metadata.name === named);
  const forDisks = spec.contentType === 'archive' ? undefined : defaultClass(classes, DEFAULT_VIRT_CLASS);
  return forDisks ?? defaultClass(classes);
}

/** CDI fills volumes of a CSI driver through populators, unless the DataVolume says otherwise. */
export function usesPopulator(
  cluster: ClusterApi,
  { metadata }: DataVolume,
  storageClass: StorageClass | undefined,
): boolean {
  const said = metadata.annotations?.[names.USE_POPULATOR];
  if (said !== undefined) return said === 'true';
  return (
    storageClass !== undefined &&
    cluster.get('csidrivers.storage.k8s.io', undefined, storageClass.provisioner) !== undefined
  );
}

/** Whether the claim's class waits for a first consumer and nobody has come or asked for it to be bound at once. */
export function waitsForConsumer(cluster: ClusterApi, claim: PersistentVolumeClaim): boolean {
  if (classOf(cluster, claim)?.volumeBindingMode !== 'WaitForFirstConsumer') return false;
  const { annotations = {} } = claim.metadata;
  return annotations[SELECTED_NODE] === undefined && annotations[names.BIND_NOW] === undefined;
}

/** The populator source that a claim refers to, where one of CDI's own is to fill it. */
export function populatorSource(
  cluster: ClusterApi,
  claim: PersistentVolumeClaim,
): PopulatorSource | undefined {
  const reference = claim.spec.dataSourceRef;
  const resource = RESOURCE_OF[reference?.kind ?? ''];
  if (reference?.apiGroup !== names.CDI_GROUP || !resource) return undefined;
  const namespace =
    claim.metadata.annotations?.[names.SOURCE_NAMESPACE] ?? reference.namespace ?? claim.metadata.namespace;
  return cluster.get<PopulatorSource>(resource, namespace, reference.name);
}

const RESOURCE_OF: Readonly<Record<string, string>> = {
  VolumeImportSource: names.IMPORT_SOURCES,
  VolumeUploadSource: names.UPLOAD_SOURCES,
  VolumeCloneSource: names.CLONE_SOURCES,
};

/** Adds annotations to a claim. */
export function annotate(
  cluster: ClusterApi,
  { metadata }: PersistentVolumeClaim,
  annotations: Readonly<Record<string, string>>,
): void {
  cluster.update(PVCS, metadata.namespace, metadata.name, (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, ...annotations };
  });
}

/** What a worker pod's state says on the claim that it works for. Mirrors setAnnotationsFromPodWithPrefix. */
export function podAnnotations(pod: Pod): Record<string, string> {
  const [container] = pod.status?.containerStatuses ?? [];
  const state = container?.state ?? {};
  const crashed = state.waiting?.reason === 'CrashLoopBackOff';
  const last = crashed ? container?.lastState?.terminated : undefined;
  const ended = last ?? state.terminated;
  const why = ended
    ? { reason: ended.reason, message: simplified(ended.message ?? '') }
    : { reason: state.waiting?.reason ?? '', message: state.waiting?.message ?? '' };
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const isUnschedulable = scheduled?.status === 'False';
  const unschedulable = { reason: 'Unschedulable', message: 'Importer pod cannot be scheduled' };
  const told = state.running
    ? { reason: 'Pod is running', message: '' }
    : isUnschedulable
      ? unschedulable
      : why;
  return {
    [names.POD_PHASE]: pod.status?.phase ?? 'Pending',
    [names.POD_READY]: String(container?.ready ?? false),
    [names.POD_RESTARTS]: String(container?.restartCount ?? 0),
    [names.RUNNING]: String(state.running !== undefined),
    [names.RUNNING_REASON]: told.reason,
    [names.RUNNING_MESSAGE]: told.message,
  };
}

/** What there are many words for, in one sentence. Mirrors simplifyKnownMessage. */
function simplified(message: string): string {
  const isFull = ['is larger than the reported available', 'no space left on device'].some((words) =>
    message.includes(words),
  );
  return isFull ? 'DataVolume too small to contain image' : message;
}
