/** The words that CDI's controllers leave on objects for one another, and that clients read. */

export const CDI_GROUP = 'cdi.kubevirt.io';
export const CDI_NAMESPACE = 'cdi';
export const CDI_VERSION = 'v1.66.0';
export const CDI_REGISTRY = 'quay.io/kubevirt';

export const DATA_SOURCES = 'datasources.cdi.kubevirt.io';
export const IMPORT_CRONS = 'dataimportcrons.cdi.kubevirt.io';
export const STORAGE_PROFILES = 'storageprofiles.cdi.kubevirt.io';
export const CDI_CONFIGS = 'cdiconfigs.cdi.kubevirt.io';
export const CDIS = 'cdis.cdi.kubevirt.io';
export const IMPORT_SOURCES = 'volumeimportsources.cdi.kubevirt.io';
export const UPLOAD_SOURCES = 'volumeuploadsources.cdi.kubevirt.io';
export const CLONE_SOURCES = 'volumeclonesources.cdi.kubevirt.io';
export const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
export const SNAPSHOT_CLASSES = 'volumesnapshotclasses.snapshot.storage.k8s.io';

const storage = <N extends string>(name: N) => `cdi.kubevirt.io/storage.${name}` as const;

export const POD_PHASE = storage('pod.phase');
export const POD_READY = storage('pod.ready');
export const POD_RESTARTS = storage('pod.restarts');
export const RUNNING = storage('condition.running');
export const RUNNING_MESSAGE = storage('condition.running.message');
export const RUNNING_REASON = storage('condition.running.reason');
export const BOUND = storage('condition.bound');
export const BOUND_MESSAGE = storage('condition.bound.message');
export const BOUND_REASON = storage('condition.bound.reason');
export const CONTENT_TYPE = storage('contentType');
export const PREALLOCATION = storage('preallocation.requested');
export const USE_POPULATOR = storage('usePopulator');
export const BIND_NOW = storage('bind.immediate.requested');
export const POPULATED_FOR = storage('populatedFor');
export const PRE_POPULATED = storage('prePopulated');
export const PROGRESS = storage('populator.progress');
export const IMPORT_SOURCE = storage('import.source');
export const IMPORT_ENDPOINT = storage('import.endpoint');
export const IMPORT_POD = storage('import.importPodName');
export const IMPORT_SECRET = storage('import.secretName');
export const IMPORT_CERTIFICATES = storage('import.certConfigMap');
export const IMPORT_CHECKSUM = storage('import.checksum');
export const PULL_METHOD = storage('import.registryImportMethod');
export const INSECURE = storage('import.insecureSkipVerify');
/** Each with a number behind it. */
export const EXTRA_HEADERS = storage('import.extraHeaders');
export const SECRET_HEADERS = storage('import.secretExtraHeaders');
/** The importer has to unpack beside the claim. */
export const NEEDS_SCRATCH = storage('import.requiresScratch');
export const PREALLOCATED = storage('preallocation');
export const UPLOAD_TARGET = storage('upload.target');
export const CREATED_BY = storage('createdByController');
/** On a helper claim: `namespace/name` of the claim that it is filled for. */
export const FILLED_FOR = storage('populator.target');
/** On the target: the claim that is filled in its place. */
export const PRIME = storage('populator.pvcPrime');
export const CLONE_PHASE = 'cdi.kubevirt.io/clonePhase';
export const CLONE_TYPE = 'cdi.kubevirt.io/cloneType';
export const SOURCE_NAMESPACE = 'cdi.kubevirt.io/dataSourceNamespace';
export const FOR_DATA_VOLUME = 'cdi.kubevirt.io/createdForDataVolume';
export const ADOPT = 'cdi.kubevirt.io/allowClaimAdoption';
export const PRIORITY_CLASS = storage('pod.priorityclassname');
export const IMPORT_CRON_LABEL = 'cdi.kubevirt.io/dataImportCron';

/** Marks what CDI made. */
export const CDI_LABELS = {
  app: 'containerized-data-importer',
  'app.kubernetes.io/component': 'storage',
  'app.kubernetes.io/managed-by': 'cdi-controller',
} as const;
/** Says on a worker pod what it does: importer, cdi-upload-server, cdi-cloner. */
export const WORKER_LABEL = 'cdi.kubevirt.io';
/** The volume of a worker pod that it unpacks on. */
export const SCRATCH_VOLUME = 'cdi-scratch-vol';
/** On a worker pod: the uid of the claim that the work is for. */
export const OWNER_UID = 'cdi.kubevirt.io/ownerUID';
