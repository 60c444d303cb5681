import { createHash } from 'node:crypto';
import { nextTime, parseCron } from '../api/cron';
import type { ClusterApi, KubeObject } from '../api/objects';
import { clock } from '../clock';
import { setCondition } from '../controllers/conditions';
import { pullFailure } from '../controllers/images';
import { DATA_VOLUMES, type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import { now, timestamp } from '../controllers/time';
import { ownerReference } from '../controllers/vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../controllers/work-queue';
import * as names from './names';
import type { DataSource, DataVolume, DataVolumeSpec, HeartbeatCondition } from './types';

const LATENCY_MS = 150;
const DEFAULT_KEPT = 3;
const COMPONENT = 'dataimportcron-controller';
const USED = 'cdi.kubevirt.io/storage.import.lastUseTime';
const NEXT = 'cdi.kubevirt.io/storage.import.nextCronTime';
const LAST = 'cdi.kubevirt.io/storage.import.lastCronTime';
const DIGEST = 'cdi.kubevirt.io/storage.import.sourceDesiredDigest';
/** A tag on which somebody builds every day has a new image every day. */
const DAY_MS = 86_400_000;

interface CurrentImport {
  DataVolumeName: string;
  Digest: string;
}

interface DataImportCron extends KubeObject {
  spec: {
    schedule: string;
    managedDataSource: string;
    garbageCollect?: 'Outdated' | 'Never';
    importsToKeep?: number;
    retentionPolicy?: 'None' | 'All';
    template: { metadata?: Partial<KubeObject['metadata']>; spec: DataVolumeSpec };
  };
  status?: {
    currentImports?: CurrentImport[];
    lastExecutionTimestamp?: string;
    lastImportTimestamp?: string;
    lastImportedPVC?: { namespace: string; name: string };
    sourceFormat?: string;
    conditions?: HeartbeatCondition[];
  };
}

type Verdict = readonly [status: 'True' | 'False', reason: string, message: string];

/** Imports an image again whenever it has changed, on a schedule, and keeps a DataSource that stands for the newest. */
export class DataImportCrons {
  private readonly queue = new WorkQueue('data import crons', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<DataImportCron>(names.IMPORT_CRONS, ({ type, object }) => {
        if (type === 'DELETED') this.retire(object);
        else this.queue.add(keyFor(object));
      }),
      cluster.watch<DataVolume>(DATA_VOLUMES, ({ object }) => {
        const cron = object.metadata.labels?.[names.IMPORT_CRON_LABEL];
        if (cron) this.queue.add(`${object.metadata.namespace}/${cron}`);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const cron = this.cluster.get<DataImportCron>(names.IMPORT_CRONS, namespace, name);
    if (!cron || cron.metadata.deletionTimestamp) return;
    const digest = this.digestWhenDue(key, cron);
    const dv = digest === undefined ? undefined : this.import(cron, digest);
    const claim = dv && this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, dv.metadata.name);
    const isDone = dv?.status?.phase === 'Succeeded' && claim !== undefined;
    if (isDone) this.point(cron, dv);
    this.report(cron, digest, dv, isDone);
    if (isDone && (cron.spec.garbageCollect ?? 'Outdated') === 'Outdated') this.collect(cron, dv);
  }

  /** Looks for the image at its times; in between it is what it was. Undefined while nobody has found it. */
  private digestWhenDue(key: string, cron: DataImportCron): string | undefined {
    const { annotations = {}, namespace, name } = cron.metadata;
    const schedule = parseCron(cron.spec.schedule);
    const due = annotations[NEXT] ? Date.parse(annotations[NEXT]) : 0;
    const at = clock.millis();
    if (annotations[NEXT] && (due > at || !schedule)) {
      this.queue.add(key, Math.max(LATENCY_MS, due - at));
      return annotations[DIGEST];
    }
    const next = schedule && nextTime(schedule, at);
    const found = digestOf(cron, at);
    const digest = found ?? annotations[DIGEST];
    this.cluster.update<DataImportCron>(names.IMPORT_CRONS, namespace, name, (draft) => {
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [LAST]: timestamp(at),
        [NEXT]: next === undefined ? '' : timestamp(next),
        ...(digest ? { [DIGEST]: digest } : {}),
      };
      draft.status = { ...draft.status, lastExecutionTimestamp: timestamp(at) };
    });
    if (next !== undefined) this.queue.add(key, next - at);
    return digest;
  }

  private import(cron: DataImportCron, digest: string): DataVolume {
    const { namespace, name } = cron.metadata;
    const dvName = `${cron.spec.managedDataSource}-${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`;
    const known = this.cluster.get<DataVolume>(DATA_VOLUMES, namespace, dvName);
    if (known) return known;
    const { metadata, spec } = structuredClone(cron.spec.template);
    const { registry } = spec.source ?? {};
    if (registry?.url) registry.url = `${registry.url.split('@')[0]?.replace(/:[^/:]+$/, '')}@${digest}`;
    return this.cluster.create<DataVolume>(DATA_VOLUMES, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: {
        name: dvName,
        ...(namespace ? { namespace } : {}),
        labels: { ...names.CDI_LABELS, ...metadata?.labels, [names.IMPORT_CRON_LABEL]: name },
        annotations: {
          ...metadata?.annotations,
          [names.BIND_NOW]: 'true',
          [USED]: now(),
        },
        ownerReferences: [ownerReference(cron)],
      },
      spec,
    });
  }

  /** The DataSource that the cron manages stands for what was imported last. */
  private point(cron: DataImportCron, dv: DataVolume): void {
    const { namespace, name } = cron.metadata;
    const managed = cron.spec.managedDataSource;
    const source = { pvc: { namespace: namespace ?? 'default', name: dv.metadata.name } };
    const labels = { ...cron.metadata.labels, [names.IMPORT_CRON_LABEL]: name };
    if (!this.cluster.get(names.DATA_SOURCES, namespace, managed)) {
      this.cluster.create(names.DATA_SOURCES, {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'DataSource',
        metadata: {
          name: managed,
          ...(namespace ? { namespace } : {}),
          labels: { ...names.CDI_LABELS, ...labels },
        },
        spec: { source },
      });
      return;
    }
    this.cluster.update<DataSource>(names.DATA_SOURCES, namespace, managed, (draft) => {
      draft.metadata.labels = { ...draft.metadata.labels, ...labels };
      draft.spec = { source };
    });
  }

  private report(
    cron: DataImportCron,
    digest: string | undefined,
    dv: DataVolume | undefined,
    isDone: boolean,
  ): void {
    const phase = dv?.status?.phase ?? '';
    const progressing: Verdict =
      !dv || isDone
        ? ['False', 'NoImport', 'No current import']
        : [
            'True',
            phase.endsWith('Scheduled') || phase === '' || phase === 'Pending'
              ? 'ImportScheduled'
              : 'ImportProgressing',
            `Import ${phase.endsWith('InProgress') ? 'is progressing' : 'is scheduled'}`,
          ];
    const upToDate: Verdict = !digest
      ? ['False', 'NoDigest', 'No source digest']
      : isDone
        ? ['True', 'UpToDate', 'Latest import is up to date']
        : ['False', 'Outdated', `Source digest updated since last import`];
    const { namespace, name } = cron.metadata;
    this.cluster.update<DataImportCron>(names.IMPORT_CRONS, namespace, name, (draft) => {
      const status = { ...draft.status };
      if (dv && digest) status.currentImports = [{ DataVolumeName: dv.metadata.name, Digest: digest }];
      if (isDone && dv && status.lastImportedPVC?.name !== dv.metadata.name) {
        status.lastImportedPVC = { namespace: namespace ?? 'default', name: dv.metadata.name };
        status.lastImportTimestamp = now();
        status.sourceFormat = 'pvc';
      }
      say(status, 'Progressing', progressing);
      say(status, 'UpToDate', upToDate);
      draft.status = status;
    });
  }

  /** Older imports go, but for as many as are to be kept. */
  private collect({ metadata, spec }: DataImportCron, newest: DataVolume): void {
    const imports = this.cluster
      .list<DataVolume>(DATA_VOLUMES, metadata.namespace)
      .filter((dv) => dv.metadata.labels?.[names.IMPORT_CRON_LABEL] === metadata.name)
      .filter((dv) => dv.metadata.uid !== newest.metadata.uid)
      .sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1));
    for (const dv of imports.slice(Math.max(0, (spec.importsToKeep ?? DEFAULT_KEPT) - 1))) {
      this.cluster.delete(DATA_VOLUMES, dv.metadata.namespace, dv.metadata.name);
      const message = `Deleted outdated import ${dv.metadata.name}`;
      this.cluster.event(newest, { type: 'Normal', reason: 'ImportDeleted', message, component: COMPONENT });
    }
  }

  /** What a cron leaves: nothing, or with retention everything. */
  private retire({ metadata, spec }: DataImportCron): void {
    if (spec.retentionPolicy === 'None')
      this.cluster.delete(names.DATA_SOURCES, metadata.namespace, spec.managedDataSource);
  }
}

function say(
  status: { conditions?: HeartbeatCondition[] },
  type: string,
  [is, reason, message]: Verdict,
): void {
  const time = now();
  const condition: HeartbeatCondition = {
    type,
    status: is,
    reason,
    message,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  };
  setCondition(status, condition);
}

/** The digest behind the image's tag, or undefined when no registry has it. One that is pinned stays. */
function digestOf({ spec }: DataImportCron, at: number): string | undefined {
  const { url = '' } = spec.template.spec.source?.registry ?? {};
  const reference = url.replace(/^docker:\/\//, '');
  const pinned = reference.split('@')[1];
  if (pinned) return pinned;
  if (pullFailure(reference, { bootable: true })) return undefined;
  const build = Math.floor(at / DAY_MS);
  return `sha256:${createHash('sha256').update(`${reference} ${build}`).digest('hex')}`;
}
