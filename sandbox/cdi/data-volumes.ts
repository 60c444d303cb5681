import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../api/errors';
import type { ClusterApi, NewObject } from '../api/objects';
import { parseQuantity } from '../controllers/quantity';
import {
  DATA_VOLUMES,
  type PersistentVolumeClaim,
  PVCS,
  STORAGE_CLASSES,
} from '../controllers/storage-types';
import { now } from '../controllers/time';
import { ownerReference } from '../controllers/vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../controllers/work-queue';
import { populatorSource, storageClassFor, usesPopulator, waitsForConsumer } from './claims';
import { cloneOrigin, type Origin } from './data-source-chain';
import { dataVolumeStatus } from './data-volume-status';
import { importAnnotations } from './import-annotations';
import * as names from './names';
import { targetClaim } from './target-claim';
import { type CdiConfig, type DataVolume, type StorageProfile, workKind } from './types';

const LATENCY_MS = 100;
const COMPONENTS = {
  import: 'datavolume-import-controller',
  upload: 'datavolume-upload-controller',
  clone: 'datavolume-pvc-clone-controller',
  external: 'datavolume-external-population-controller',
} as const;
const FILLING_UP = 'alerts.k8s.io/KubePersistentVolumeFillingUp';

interface Refusal {
  reason: string;
  message: string;
}

/** CDI's DataVolume controllers: makes the claim and what fills it, and reports how far that is. */
export class DataVolumes {
  private readonly queue = new WorkQueue('data volumes', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    const wakeUnfinished = () => {
      for (const dv of cluster.list<DataVolume>(DATA_VOLUMES)) {
        if (dv.status?.phase !== 'Succeeded') this.queue.add(keyFor(dv));
      }
    };
    this.stops = [
      cluster.watch<DataVolume>(DATA_VOLUMES, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<PersistentVolumeClaim>(PVCS, ({ object }) => this.queue.add(keyFor(object))),
      ...[
        names.DATA_SOURCES,
        names.STORAGE_PROFILES,
        names.CDI_CONFIGS,
        STORAGE_CLASSES,
        names.SNAPSHOTS,
      ].map((resource) => cluster.watch(resource, wakeUnfinished)),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const dv = this.cluster.get<DataVolume>(DATA_VOLUMES, namespace, name);
    if (!dv || dv.metadata.deletionTimestamp) return;
    let pvc = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    let refusal: Refusal | undefined;
    if (pvc && !isOwnedBy(pvc, dv)) {
      if (!this.adopt(dv, pvc)) return;
      pvc = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    } else if (!pvc && dv.status?.phase !== 'Succeeded' && !dv.metadata.annotations?.[names.PRE_POPULATED]) {
      const made = this.makeClaim(dv);
      if ('kind' in made) pvc = made;
      else refusal = made;
    }
    this.report(dv, pvc, refusal);
    if (dv.status?.phase === 'Succeeded') this.clearUp(dv, pvc);
  }

  /** A claim that is there already is used only where somebody said that it may be. */
  private adopt(dv: DataVolume, pvc: PersistentVolumeClaim): boolean {
    const { annotations = {}, name, namespace } = pvc.metadata;
    const populated = annotations[names.POPULATED_FOR] === dv.metadata.name;
    const allowed =
      (dv.metadata.annotations?.[names.ADOPT] ?? annotations[names.ADOPT]) === 'true' ||
      this.adoptsByDefault();
    if (!populated && !allowed) {
      this.tell(
        dv,
        'Warning',
        'ErrResourceExists',
        `Resource "${name}" already exists and is not managed by DataVolume`,
      );
      return false;
    }
    this.cluster.update<PersistentVolumeClaim>(PVCS, namespace, name, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, [names.POPULATED_FOR]: dv.metadata.name };
      draft.metadata.ownerReferences = [...(draft.metadata.ownerReferences ?? []), ownerReference(dv)];
    });
    return true;
  }

  private adoptsByDefault(): boolean {
    return this.config()?.spec.featureGates?.includes('DataVolumeClaimAdoption') ?? false;
  }

  private makeClaim(dv: DataVolume): PersistentVolumeClaim | Refusal {
    const kind = workKind(dv.spec);
    const storageClass = storageClassFor(this.cluster, dv);
    const origin = kind === 'clone' ? cloneOrigin(this.cluster, dv) : undefined;
    if (origin && 'refusal' in origin) {
      this.tell(dv, 'Warning', origin.reason, origin.refusal);
      return { reason: origin.reason, message: origin.refusal };
    }
    const profile = this.cluster.get<StorageProfile>(
      names.STORAGE_PROFILES,
      undefined,
      storageClass?.metadata.name ?? '',
    );
    const target = targetClaim(dv.spec, {
      storageClass: storageClass?.metadata.name,
      claimPropertySets: profile?.status?.claimPropertySets ?? [],
      overhead: this.config()?.status?.filesystemOverhead ?? {},
      sourceSize: origin?.size,
    });
    if ('refusal' in target) {
      this.tell(dv, 'Warning', 'ErrClaimNotValid', target.refusal);
      return { reason: 'ErrClaimNotValid', message: target.refusal };
    }
    const misfit = origin && tooSmall(origin, target.spec);
    if (misfit) {
      this.tell(dv, 'Warning', 'CloneValidationFailed', misfit);
      return { reason: 'CloneValidationFailed', message: misfit };
    }
    const populates = kind === 'clone' || usesPopulator(this.cluster, dv, storageClass);
    if (populates && kind !== 'external') this.makeSource(dv, origin);
    try {
      return this.cluster.create<PersistentVolumeClaim>(PVCS, claimOf(dv, target.spec, populates, origin));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const reason = error.message.includes('exceeded quota') ? 'ErrExceededQuota' : 'ErrClaimNotValid';
      this.tell(dv, 'Warning', reason, error.message);
      return { reason, message: error.message };
    }
  }

  private makeSource(dv: DataVolume, origin: Origin | undefined): void {
    const { resource, kind, name } = sourceReference(dv);
    const namespace = origin?.namespace ?? dv.metadata.namespace;
    if (this.cluster.get(resource, namespace, name)) return;
    const { contentType, preallocation, priorityClassName, source } = dv.spec;
    const upload = kind === 'VolumeUploadSource';
    this.cluster.create(resource, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind,
      metadata: {
        name,
        ...(namespace ? { namespace } : {}),
        ...(namespace === dv.metadata.namespace ? { ownerReferences: [ownerReference(dv)] } : {}),
      },
      spec: {
        ...(origin ? { source: origin.reference } : upload ? {} : { source: source ?? { blank: {} } }),
        ...(contentType && !origin ? { contentType } : {}),
        ...(preallocation === undefined ? {} : { preallocation }),
        ...(priorityClassName && origin ? { priorityClassName } : {}),
      },
    });
  }

  private report(dv: DataVolume, pvc: PersistentVolumeClaim | undefined, refusal: Refusal | undefined): void {
    const { namespace, name } = dv.metadata;
    const kind = workKind(dv.spec);
    const { status, events } = dataVolumeStatus({
      dv,
      pvc,
      kind,
      cloned: originOf(this.cluster, dv, pvc),
      usesPopulator: pvc?.spec.dataSourceRef?.apiGroup === names.CDI_GROUP,
      waitsForConsumer: pvc !== undefined && waitsForConsumer(this.cluster, pvc),
      ...(refusal ? { refusal } : {}),
      time: now(),
    });
    if (isDeepStrictEqual(status, dv.status)) return;
    this.cluster.update<DataVolume>(DATA_VOLUMES, namespace, name, (draft) => {
      draft.status = status;
    });
    for (const { type, reason, message } of events) this.tell(dv, type, reason, message);
  }

  /** What said how to fill the claim is of no more use. */
  private clearUp(dv: DataVolume, pvc: PersistentVolumeClaim | undefined): void {
    const { resource, name } = sourceReference(dv);
    const namespace = pvc?.metadata.annotations?.[names.SOURCE_NAMESPACE] ?? dv.metadata.namespace;
    this.cluster.delete(resource, namespace, name);
  }

  private config(): CdiConfig | undefined {
    return this.cluster.get<CdiConfig>(names.CDI_CONFIGS, undefined, 'config');
  }

  private tell(dv: DataVolume, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.cluster.event(dv, { type, reason, message, component: COMPONENTS[workKind(dv.spec)] });
  }
}

/** Why a clone cannot be made into a claim: between volume modes sizes cannot be compared. Mirrors CDI's validation. */
function tooSmall({ size, volumeMode }: Origin, spec: PersistentVolumeClaim['spec']): string | undefined {
  const wanted = parseQuantity(spec.resources?.requests?.storage);
  const has = parseQuantity(size);
  if (wanted >= has || (volumeMode && volumeMode !== (spec.volumeMode ?? 'Filesystem'))) return undefined;
  return `The clone doesn't meet the validation requirements: target resources requests storage size is smaller than the source ${wanted} < ${has}`;
}

function isOwnedBy({ metadata }: PersistentVolumeClaim, dv: DataVolume): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === dv.metadata.uid) ?? false;
}

/** The populator source of a DataVolume, by its kind of work. */
function sourceReference({ metadata, spec }: DataVolume): { resource: string; kind: string; name: string } {
  switch (workKind(spec)) {
    case 'upload':
      return {
        resource: names.UPLOAD_SOURCES,
        kind: 'VolumeUploadSource',
        name: `volume-upload-source-${metadata.uid}`,
      };
    case 'clone':
      return {
        resource: names.CLONE_SOURCES,
        kind: 'VolumeCloneSource',
        name: `volume-clone-source-${metadata.uid}`,
      };
    default:
      return {
        resource: names.IMPORT_SOURCES,
        kind: 'VolumeImportSource',
        name: `volume-import-source-${metadata.uid}`,
      };
  }
}

/** `namespace/name` of what is cloned, for the texts of events. */
function originOf(cluster: ClusterApi, dv: DataVolume, pvc: PersistentVolumeClaim | undefined): string {
  const source = pvc && populatorSource(cluster, pvc);
  if (source?.spec.source?.name) return `${source.metadata.namespace}/${source.spec.source.name}`;
  const origin = workKind(dv.spec) === 'clone' ? cloneOrigin(cluster, dv) : undefined;
  return origin && !('refusal' in origin) ? `${origin.namespace}/${origin.reference.name}` : '';
}

/** The claim of a DataVolume with all that its controllers note on it. Mirrors newPersistentVolumeClaim. */
function claimOf(
  dv: DataVolume,
  spec: PersistentVolumeClaim['spec'],
  populates: boolean,
  origin: Origin | undefined,
): NewObject {
  const { metadata } = dv;
  const kind = workKind(dv.spec);
  const { kind: sourceKind, name } = sourceReference(dv);
  const reference = { apiGroup: names.CDI_GROUP, kind: sourceKind, name };
  const direct: Record<string, string> =
    populates || kind === 'external'
      ? {}
      : kind === 'upload'
        ? { [names.UPLOAD_TARGET]: '' }
        : importAnnotations({ ...dv, spec: { ...(dv.spec.source ? { source: dv.spec.source } : {}) } });
  const isForeign = origin && origin.namespace !== metadata.namespace;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: metadata.name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      labels: {
        ...names.CDI_LABELS,
        ...((spec.volumeMode ?? 'Filesystem') === 'Filesystem' ? { [FILLING_UP]: 'disabled' } : {}),
        ...metadata.labels,
      },
      annotations: {
        ...metadata.annotations,
        [names.POD_RESTARTS]: '0',
        [names.CONTENT_TYPE]: dv.spec.contentType || 'kubevirt',
        [names.PREALLOCATION]: String(dv.spec.preallocation ?? false),
        ...(dv.spec.priorityClassName ? { [names.PRIORITY_CLASS]: dv.spec.priorityClassName } : {}),
        ...(populates ? { [names.FOR_DATA_VOLUME]: metadata.uid, [names.USE_POPULATOR]: 'true' } : {}),
        ...(isForeign ? { [names.SOURCE_NAMESPACE]: origin.namespace } : {}),
        ...direct,
      },
      ownerReferences: [ownerReference(dv)],
    },
    spec: {
      ...spec,
      ...(populates && kind !== 'external' ? { dataSource: reference, dataSourceRef: reference } : {}),
    },
  };
}
