import { isDeepStrictEqual } from 'node:util';
import type { ClusterApi, KubeObject } from '../api/objects';
import { STORAGE_CLASSES, type StorageClass } from '../controllers/storage-types';
import { defaultClass } from '../controllers/volume-objects';
import { WorkQueue } from '../controllers/work-queue';
import * as names from './names';
import type { CdiConfig, Overhead } from './types';
import type { UploadProxy, UploadProxyAddress } from './upload/upload-proxy';

const LATENCY_MS = 100;
const DEFAULT_OVERHEAD = '0.06';
const NAME = 'config';
const RESOURCES = { limits: { cpu: '750m', memory: '600M' }, requests: { cpu: '100m', memory: '60M' } };

interface Cdi extends KubeObject {
  spec?: { config?: CdiConfig['spec'] };
}

/** CDI's own configuration: what the CDI resource says, and what follows from it and from the storage classes. */
export class CdiConfigs {
  private readonly queue = new WorkQueue('cdi config', () => this.reconcile(), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly uploadProxy: UploadProxy,
  ) {
    const wake = () => this.queue.add(NAME);
    this.stops = [names.CDIS, names.CDI_CONFIGS, STORAGE_CLASSES].map((resource) =>
      cluster.watch(resource, wake),
    );
    this.stops.push(uploadProxy.watchAddress(wake));
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(): void {
    const [cdi] = this.cluster.list<Cdi>(names.CDIS);
    const wanted = cdi?.spec?.config;
    if (!this.cluster.get(names.CDI_CONFIGS, undefined, NAME)) {
      this.cluster.create(names.CDI_CONFIGS, {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'CDIConfig',
        metadata: { name: NAME, labels: { ...names.CDI_LABELS, 'cdi.kubevirt.io': '' } },
        spec: wanted ?? {},
      });
    }
    const classes = this.cluster.list<StorageClass>(STORAGE_CLASSES);
    this.cluster.update<CdiConfig>(names.CDI_CONFIGS, undefined, NAME, (draft) => {
      // The CDI resource has the say; what is written here does not last.
      if (wanted && !isDeepStrictEqual(draft.spec, wanted)) draft.spec = structuredClone(wanted);
      draft.status = statusOf(draft, classes, this.uploadProxy.address);
    });
  }
}

function statusOf(
  { spec, status }: CdiConfig,
  classes: readonly StorageClass[],
  uploadProxy: UploadProxyAddress | undefined,
): NonNullable<CdiConfig['status']> {
  const global = spec.filesystemOverhead?.global ?? DEFAULT_OVERHEAD;
  const overhead: Overhead = {
    global,
    storageClass: Object.fromEntries(
      classes.map(({ metadata }) => [
        metadata.name,
        spec.filesystemOverhead?.storageClass?.[metadata.name] ?? global,
      ]),
    ),
  };
  const scratch = spec.scratchSpaceStorageClass ?? defaultClass(classes)?.metadata.name;
  const url = spec.uploadProxyURLOverride ?? uploadProxy?.url ?? status?.uploadProxyURL;
  const ca = uploadProxy?.ca ?? status?.uploadProxyCA;
  return {
    defaultPodResourceRequirements: spec.podResourceRequirements ?? RESOURCES,
    filesystemOverhead: overhead,
    importProxy: {
      HTTPProxy: '',
      HTTPSProxy: '',
      noProxy: '',
      trustedCAProxy: '',
      ...(spec.importProxy as object),
    },
    preallocation: spec.preallocation ?? false,
    ...(scratch ? { scratchSpaceStorageClass: scratch } : {}),
    ...(ca ? { uploadProxyCA: ca } : {}),
    ...(url ? { uploadProxyURL: url } : {}),
  };
}
