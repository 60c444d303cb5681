import type { ClusterApi, KubeObject } from '../api/objects';
import { DATA_VOLUMES, type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import { now } from '../controllers/time';
import { pinned } from './cron-digest';
import { type DataImportCron, importName } from './data-import-cron';
import * as names from './names';
import type { DataSource, DataVolume, StorageProfile } from './types';

const DEFAULT_KEPT = 3;
const USED = 'cdi.kubevirt.io/storage.import.lastUseTime';
const SOURCE_VOLUME_MODE = 'cdi.kubevirt.io/storage.import.sourceVolumeMode';
/** On what goes with its cron. */
const CLEANUP = 'cdi.kubevirt.io/dataImportCronCleanup';

export interface Snapshot extends KubeObject {
  status?: { readyToUse?: boolean };
}

/** What a DataImportCron makes: DataVolumes, snapshots of their claims, and the DataSource that stands for the newest. */
export class CronSources {
  constructor(private readonly cluster: ClusterApi) {}

  /** Brings a digest in, unless it is there already. */
  import(cron: DataImportCron, digest: string): void {
    const { namespace } = cron.metadata;
    const name = importName(cron.spec.managedDataSource, digest);
    for (const resource of [names.SNAPSHOTS, PVCS]) {
      if (!this.cluster.get(resource, namespace, name)) continue;
      this.touch(cron, resource, name);
      return;
    }
    if (this.cluster.get(DATA_VOLUMES, namespace, name)) return;
    const { metadata, spec } = structuredClone(cron.spec.template);
    const { registry } = spec.source ?? {};
    if (registry?.url) registry.url = pinned(registry.url, digest);
    const bindNow = cron.metadata.annotations?.[names.BIND_NOW] ?? 'true';
    this.cluster.create<DataVolume>(DATA_VOLUMES, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: {
        name,
        ...(namespace ? { namespace } : {}),
        labels: { ...metadata?.labels, ...this.labels(cron) },
        annotations: { ...metadata?.annotations, [names.BIND_NOW]: bindNow, [USED]: now() },
      },
      spec,
    });
  }

  /** An import that failed makes way for another digest. */
  discard(cron: DataImportCron, dv: DataVolume): boolean {
    const running = dv.status?.conditions?.find(({ type }) => type === 'Running');
    if (running?.status !== 'False' || !['Error', 'ImagePullFailed'].includes(running.reason ?? ''))
      return false;
    this.cluster.delete(DATA_VOLUMES, cron.metadata.namespace, dv.metadata.name);
    return true;
  }

  /** Has a snapshot keep what was imported; once it does, the claim goes. */
  keepAsSnapshot(
    cron: DataImportCron,
    claim: PersistentVolumeClaim,
    profile: StorageProfile | undefined,
  ): void {
    const { name, namespace, labels } = claim.metadata;
    const known = this.cluster.get<Snapshot>(names.SNAPSHOTS, namespace, name);
    if (known?.status?.readyToUse) {
      this.drop(namespace, name);
      return;
    }
    if (known) return;
    const { snapshotClass } = profile?.status ?? {};
    const shown = Object.entries(labels ?? {}).filter(([key]) => key.startsWith('instancetype.kubevirt.io/'));
    this.cluster.create(names.SNAPSHOTS, {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: {
        name,
        ...(namespace ? { namespace } : {}),
        labels: { ...Object.fromEntries(shown), 'cdi.kubevirt.io': '', ...this.labels(cron) },
        annotations: { [USED]: now(), [SOURCE_VOLUME_MODE]: claim.spec.volumeMode ?? 'Filesystem' },
      },
      spec: {
        source: { persistentVolumeClaimName: name },
        ...(snapshotClass ? { volumeSnapshotClassName: snapshotClass } : {}),
      },
    });
  }

  /** Notes that a source is the cron's, and is used now. */
  touch(cron: DataImportCron, resource: string, name: string): void {
    this.cluster.update(resource, cron.metadata.namespace, name, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [USED]: now() };
      metadata.labels = { ...metadata.labels, ...this.labels(cron) };
    });
  }

  /** The DataSource is there from the beginning, and stands for what was imported last. */
  point(cron: DataImportCron, format: string): void {
    const { namespace, name, labels = {} } = cron.metadata;
    const managed = cron.spec.managedDataSource;
    const last = cron.status?.lastImportedPVC;
    const source = last ? (format === 'snapshot' ? { snapshot: last } : { pvc: last }) : undefined;
    const known = this.cluster.get<DataSource>(names.DATA_SOURCES, namespace, managed);
    if (!known) {
      this.cluster.create(names.DATA_SOURCES, {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'DataSource',
        metadata: {
          name: managed,
          ...(namespace ? { namespace } : {}),
          labels: { ...labels, ...cron.spec.template.metadata?.labels, ...this.labels(cron) },
        },
        spec: { source: source ?? {} },
      });
      return;
    }
    if (known.metadata.labels?.[names.IMPORT_CRON_LABEL] !== name) return;
    this.cluster.update<DataSource>(names.DATA_SOURCES, namespace, managed, (draft) => {
      draft.metadata.labels = { ...labels, ...draft.metadata.labels, ...this.labels(cron) };
      if (source) draft.spec = { ...draft.spec, source };
    });
  }

  /** Who else manages the DataSource. */
  rival(cron: DataImportCron): DataImportCron | undefined {
    const { namespace, name } = cron.metadata;
    const managed = cron.spec.managedDataSource;
    const label = this.cluster.get(names.DATA_SOURCES, namespace, managed)?.metadata.labels?.[
      names.IMPORT_CRON_LABEL
    ];
    if (!label || label === name) return undefined;
    const other = this.cluster.get<DataImportCron>(names.IMPORT_CRONS, namespace, label);
    return other?.spec.managedDataSource === managed ? other : undefined;
  }

  /** Older sources go, but for as many as are to be kept, the newest among them. */
  collect(cron: DataImportCron): void {
    if ((cron.spec.garbageCollect ?? 'Outdated') !== 'Outdated') return;
    const kept = cron.spec.importsToKeep ?? DEFAULT_KEPT;
    for (const claim of this.outdated(cron, PVCS, kept)) this.drop(claim.namespace, claim.name);
    for (const { namespace, name } of this.outdated(cron, names.SNAPSHOTS, kept))
      this.cluster.delete(names.SNAPSHOTS, namespace, name);
  }

  /** A cron that retains nothing takes along what it made. */
  retire({ metadata }: DataImportCron): void {
    for (const resource of [names.DATA_SOURCES, DATA_VOLUMES, PVCS, names.SNAPSHOTS]) {
      for (const made of this.madeBy(metadata.namespace, metadata.name, resource)) {
        if (made.labels?.[CLEANUP] === 'true') this.cluster.delete(resource, made.namespace, made.name);
      }
    }
  }

  /** Removes an import: its DataVolume with the claim, or the claim alone. */
  drop(namespace: string | undefined, name: string): void {
    if (this.cluster.get(DATA_VOLUMES, namespace, name)) this.cluster.delete(DATA_VOLUMES, namespace, name);
    else this.cluster.delete(PVCS, namespace, name);
  }

  private outdated(cron: DataImportCron, resource: string, kept: number): KubeObject['metadata'][] {
    const used = ({ annotations }: KubeObject['metadata']) => annotations?.[USED] ?? '';
    return this.madeBy(cron.metadata.namespace, cron.metadata.name, resource)
      .sort((a, b) => (used(a) < used(b) ? 1 : -1))
      .slice(kept);
  }

  private madeBy(namespace: string | undefined, cron: string, resource: string): KubeObject['metadata'][] {
    return this.cluster
      .list(resource, namespace)
      .map(({ metadata }) => metadata)
      .filter(
        ({ labels, deletionTimestamp }) => labels?.[names.IMPORT_CRON_LABEL] === cron && !deletionTimestamp,
      );
  }

  private labels({ metadata, spec }: DataImportCron): Record<string, string> {
    return {
      ...names.CDI_LABELS,
      [names.IMPORT_CRON_LABEL]: metadata.name,
      ...(spec.retentionPolicy === 'None' ? { [CLEANUP]: 'true' } : {}),
    };
  }
}
