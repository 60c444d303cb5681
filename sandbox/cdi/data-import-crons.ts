import { nextTime, parseCron } from '../api/cron';
import type { ClusterApi, KubeObject } from '../api/objects';
import { clock } from '../clock';
import { setCondition } from '../controllers/conditions';
import {
  DATA_VOLUMES,
  type PersistentVolumeClaim,
  PVCS,
  STORAGE_CLASSES,
} from '../controllers/storage-types';
import { now, timestamp } from '../controllers/time';
import { keyFor, splitKey, WorkQueue } from '../controllers/work-queue';
import { storageClassFor } from './claims';
import { sourceDigest } from './cron-digest';
import { CronSources, type Snapshot } from './cron-sources';
import * as cronWords from './data-import-cron';
import { type DataImportCron, importName, type Verdict } from './data-import-cron';
import * as names from './names';
import type { RegistryImages } from './registry-image';
import type { DataVolume, HeartbeatCondition, StorageProfile } from './types';

const LATENCY_MS = 150;
/** A source that nobody could tell anything of is asked again that soon. */
const UNKNOWN_RETRY_MS = 60_000;
const COMPONENT = 'dataimportcron-controller';
const NEXT = 'cdi.kubevirt.io/storage.import.nextCronTime';
const LAST = 'cdi.kubevirt.io/storage.import.lastCronTime';
const DIGEST = 'cdi.kubevirt.io/storage.import.sourceDesiredDigest';
const CLASS = 'cdi.kubevirt.io/storage.import.storageClass';

/** What a cron has to do with at one look. */
interface State {
  dv: DataVolume | undefined;
  claim: PersistentVolumeClaim | undefined;
  snapshot: Snapshot | undefined;
  /** Whether the newest import is there, whatever form it has. */
  isImported: boolean;
  format: 'pvc' | 'snapshot';
}

/** Imports an image again whenever it has changed, on a schedule, and keeps a DataSource that stands for the newest. */
export class DataImportCrons {
  private readonly queue = new WorkQueue('data import crons', (key) => this.reconcile(key), LATENCY_MS);
  private readonly sources: CronSources;
  private readonly stops: (() => void)[];

  constructor(
    private readonly cluster: ClusterApi,
    private readonly images?: RegistryImages,
  ) {
    this.sources = new CronSources(cluster);
    const wakeCron = ({ object }: { object: KubeObject }) => {
      const cron = object.metadata.labels?.[names.IMPORT_CRON_LABEL];
      if (cron) this.queue.add(`${object.metadata.namespace}/${cron}`);
    };
    const wakeAll = () => {
      for (const cron of cluster.list(names.IMPORT_CRONS)) this.queue.add(keyFor(cron));
    };
    this.stops = [
      cluster.watch<DataImportCron>(names.IMPORT_CRONS, ({ type, object }) => {
        if (type === 'DELETED') this.sources.retire(object);
        else this.queue.add(keyFor(object));
      }),
      ...[DATA_VOLUMES, PVCS, names.SNAPSHOTS, names.DATA_SOURCES].map((resource) =>
        cluster.watch(resource, wakeCron),
      ),
      ...[names.STORAGE_PROFILES, STORAGE_CLASSES].map((resource) => cluster.watch(resource, wakeAll)),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const read = () => {
      const cron = this.cluster.get<DataImportCron>(names.IMPORT_CRONS, namespace, name);
      return cron?.metadata.deletionTimestamp ? undefined : cron;
    };
    const found = read();
    if (!found) return;
    const rival = this.sources.rival(found);
    if (rival) {
      const message = `DataSource ${found.spec.managedDataSource} is already managed by DataImportCron ${rival.metadata.name}`;
      const reason = 'ErrDataSourceAlreadyManaged';
      this.cluster.event(found, { type: 'Warning', reason, message, component: COMPONENT });
      return;
    }
    await this.poll(key, found);
    const cron = read();
    if (cron && !this.moveToClass(cron)) this.advance(cron);
  }

  /** Looks at the source at its times. */
  private async poll(key: string, cron: DataImportCron): Promise<void> {
    const { annotations = {}, namespace, name } = cron.metadata;
    const schedule = parseCron(cron.spec.schedule);
    const at = clock.millis();
    const due = Date.parse(annotations[NEXT] ?? '');
    if (due > at) {
      this.queue.add(key, due - at);
      return;
    }
    // Without a schedule it is looked at once.
    if (!schedule && annotations[LAST]) return;
    const digest = await sourceDigest(this.cluster, this.images, cron);
    const next = schedule && nextTime(schedule, at);
    const soon = digest === undefined ? at + UNKNOWN_RETRY_MS : next;
    const again = next === undefined ? soon : Math.min(next, soon ?? next);
    this.cluster.update<DataImportCron>(names.IMPORT_CRONS, namespace, name, (draft) => {
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [LAST]: timestamp(at),
        [NEXT]: again === undefined ? '' : timestamp(again),
        ...(digest ? { [DIGEST]: digest } : {}),
      };
      draft.status = { ...draft.status, lastExecutionTimestamp: timestamp(at) };
    });
    if (again !== undefined) this.queue.add(key, again - at);
  }

  /** Sources of a class that is no longer the one are made anew. Whether that goes on. */
  private moveToClass(cron: DataImportCron): boolean {
    const { annotations = {}, namespace, name } = cron.metadata;
    const wanted = this.classOf(cron);
    if (!wanted || annotations[CLASS] === wanted) return false;
    const digest = annotations[DIGEST];
    if (annotations[CLASS] && digest) {
      const source = importName(cron.spec.managedDataSource, digest);
      this.cluster.delete(names.SNAPSHOTS, namespace, source);
      this.sources.drop(namespace, source);
    }
    this.cluster.update<DataImportCron>(names.IMPORT_CRONS, namespace, name, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, [CLASS]: wanted };
    });
    return annotations[CLASS] !== undefined;
  }

  private advance(cron: DataImportCron): void {
    const { namespace, name } = cron.metadata;
    const digest = cron.metadata.annotations?.[DIGEST];
    const status: NonNullable<DataImportCron['status']> = structuredClone(cron.status ?? {});
    const state = this.stateOf(cron);
    const { dv, claim, snapshot, isImported, format } = state;
    const profile = this.profileOf(cron);
    if (claim && isImported && format === 'snapshot') this.sources.keepAsSnapshot(cron, claim, profile);
    if (isImported) this.succeed(cron, status, state);
    else if (!dv && status.currentImports?.length) delete status.currentImports;
    say(
      status,
      'Progressing',
      isImported || !dv ? cronWords.NO_IMPORT : cronWords.progressing(dv.status?.phase ?? ''),
    );

    const [current] = status.currentImports ?? [];
    if (digest && digest !== current?.Digest) {
      say(status, 'UpToDate', cronWords.OUTDATED);
      const failed = !isImported && dv !== undefined && this.sources.discard(cron, dv);
      if (isImported || !current || failed) {
        status.currentImports = [
          { DataVolumeName: importName(cron.spec.managedDataSource, digest), Digest: digest },
        ];
        this.sources.import(cron, digest);
      }
    } else if (isImported) {
      const isReady = format === 'pvc' || snapshot?.status?.readyToUse === true;
      status.sourceFormat = format;
      say(status, 'UpToDate', isReady ? cronWords.UP_TO_DATE : cronWords.SNAPSHOTTING);
    } else say(status, 'UpToDate', current ? cronWords.IMPORTING : cronWords.NO_DIGEST);

    const updated = this.cluster.update<DataImportCron>(names.IMPORT_CRONS, namespace, name, (draft) => {
      draft.status = { ...draft.status, ...status };
      if (!status.currentImports) delete draft.status.currentImports;
    });
    this.sources.point(updated ?? cron, format);
    if (isImported) this.sources.collect(cron);
  }

  /** Edits `status`: the newest import is the one that counts. */
  private succeed(
    cron: DataImportCron,
    status: NonNullable<DataImportCron['status']>,
    { claim, snapshot }: State,
  ): void {
    const source = claim ?? snapshot;
    if (!source || status.lastImportedPVC?.name === source.metadata.name) return;
    const { name, namespace = 'default' } = source.metadata;
    status.lastImportedPVC = { namespace, name };
    status.lastImportTimestamp = now();
    this.sources.touch(cron, claim ? PVCS : names.SNAPSHOTS, name);
  }

  private stateOf(cron: DataImportCron): State {
    const { namespace } = cron.metadata;
    const name = cron.status?.currentImports?.[0]?.DataVolumeName;
    const format =
      this.profileOf(cron)?.status?.dataImportCronSourceFormat === 'snapshot' ? 'snapshot' : 'pvc';
    if (!name) return { dv: undefined, claim: undefined, snapshot: undefined, isImported: false, format };
    const dv = this.cluster.get<DataVolume>(DATA_VOLUMES, namespace, name);
    const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    const snapshot = this.cluster.get<Snapshot>(names.SNAPSHOTS, namespace, name);
    const isImported = dv
      ? dv.status?.phase === 'Succeeded' && claim !== undefined
      : claim?.status?.phase === 'Bound' || snapshot !== undefined;
    return { dv, claim, snapshot, isImported, format };
  }

  private classOf(cron: DataImportCron): string | undefined {
    // The class depends on the template alone.
    const template = { ...cron, spec: cron.spec.template.spec } as DataVolume;
    return storageClassFor(this.cluster, template)?.metadata.name;
  }

  private profileOf(cron: DataImportCron): StorageProfile | undefined {
    const name = this.classOf(cron);
    return name === undefined
      ? undefined
      : this.cluster.get<StorageProfile>(names.STORAGE_PROFILES, undefined, name);
  }
}

function say(
  status: { conditions?: HeartbeatCondition[] },
  type: string,
  [is, reason, message]: Verdict,
): void {
  const time = now();
  setCondition(status, {
    type,
    status: is,
    reason,
    message,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  } as HeartbeatCondition);
}
