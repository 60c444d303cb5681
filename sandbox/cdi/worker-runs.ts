import type { ClusterApi } from '../api/objects';
import { clock } from '../clock';
import type { ReachService } from '../controllers/pod-server';
import { judge } from '../controllers/pod-status';
import { DATA_VOLUMES, type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import { now } from '../controllers/time';
import type { ContainerState, Pod } from '../controllers/types';
import { claimsOf } from '../controllers/volume-objects';
import { keyFor, splitKey, WorkQueue } from '../controllers/work-queue';
import { annotate } from './claims';
import { importJob } from './import-job';
import { type ImportEnd, ImportRun } from './import-run';
import { SCRATCH_MESSAGE } from './importer-pod';
import * as names from './names';
import type { RegistryImages } from './registry-image';

const LATENCY_MS = 200;
/** How often a program tells how far it is. */
const STEP_MS = 500;
/** The pods whose programs run here. */
const WORKERS = ['importer', 'cdi-cloner'];
const FIRST_RESTART_MS = 10_000;
const LAST_RESTART_MS = 300_000;

/** What goes on inside the importer pods: each reads its source and writes its claim; or fails and is started again. */
export class WorkerRuns {
  private readonly queue = new WorkQueue('cdi workers', (key) => this.reconcile(key), LATENCY_MS);
  private readonly runs = new Map<string, ImportRun>();
  /** Of pods that have gone: what they wrote is cleared up. */
  private readonly leaving = new Set<Promise<void>>();
  private readonly logs = new Map<string, string[]>();
  private readonly stop: () => void;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly directory: string,
    private readonly images?: RegistryImages,
    private readonly reachService?: ReachService,
  ) {
    this.stop = cluster.watch<Pod>('pods', ({ type, object }) => {
      if (!WORKERS.includes(object.metadata.labels?.[names.WORKER_LABEL] ?? '')) return;
      const { uid, deletionTimestamp } = object.metadata;
      if (type === 'DELETED' || deletionTimestamp) this.abort(uid);
      if (type === 'DELETED') this.logs.delete(uid);
      else this.queue.add(keyFor(object));
    });
  }

  /** Resolves when no program writes any more. Their pods go on with a new start. */
  async close(): Promise<void> {
    this.stop();
    this.queue.close();
    for (const uid of [...this.runs.keys()]) this.abort(uid);
    await Promise.all(this.leaving);
  }

  /** What the program in a worker pod has printed; undefined for other pods. */
  logOf({ metadata }: Pod): readonly string[] | undefined {
    return this.logs.get(metadata.uid);
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const pod = this.cluster.get<Pod>('pods', namespace, name);
    if (!pod || pod.metadata.deletionTimestamp || pod.status?.phase !== 'Running') return;
    const [container] = pod.status.containerStatuses ?? [];
    const { running, waiting, terminated } = container?.state ?? {};
    if (waiting?.reason === 'CrashLoopBackOff') this.restartWhenDue(key, pod);
    else if (terminated) this.backOff(key, pod);
    else if (running) this.work(key, pod);
  }

  /** One look at a program that runs: starts it, tells how far it is, and takes its end. */
  private work(key: string, pod: Pod): void {
    const claim = this.claimOf(pod);
    if (!claim) return;
    const run = this.runs.get(pod.metadata.uid);
    if (!run) {
      this.start(key, pod, claim);
      return;
    }
    const { end } = run;
    if (end) {
      this.runs.delete(pod.metadata.uid);
      this.finish(pod, claim, end);
      return;
    }
    this.tellProgress(pod, claim, run.percent);
    this.queue.add(key, STEP_MS);
  }

  private start(key: string, pod: Pod, claim: PersistentVolumeClaim): void {
    this.log(pod, 'Starting importer', 'begin import process', 'Calculating available size');
    const orders = importJob(this.cluster, this.directory, pod, claim, this.clonedBy(pod));
    const { reachService } = this;
    const job = reachService ? { ...orders, http: { ...orders.http, reachService } } : orders;
    this.log(pod, `Target size ${job.target.usable}.`);
    const run = new ImportRun(
      job,
      this.images,
      (line) => this.log(pod, line),
      () => this.queue.add(key, 0),
    );
    this.runs.set(pod.metadata.uid, run);
    this.queue.add(key, STEP_MS);
  }

  /** CDI holds 100% back: there may be something left to do after the last byte. */
  private tellProgress(pod: Pod, claim: PersistentVolumeClaim, percent: number | undefined): void {
    if (percent === undefined || percent >= 100) return;
    const text = percent.toFixed(2);
    if (claim.metadata.annotations?.[names.PROGRESS] === `${text}%`) return;
    this.log(pod, text);
    annotate(this.cluster, claim, { [names.PROGRESS]: `${text}%` });
  }

  private finish(pod: Pod, claim: PersistentVolumeClaim, end: ImportEnd): void {
    switch (end.kind) {
      case 'needs-scratch':
        this.log(pod, 'scratch space required and none found');
        this.end(pod, 0, 'Completed', SCRATCH_MESSAGE);
        return;
      case 'failed':
        this.log(pod, end.message);
        this.end(pod, 1, 'Error', end.message);
        this.tell(claim, 'Warning', 'ErrImportFailed', end.message);
        return;
      case 'complete': {
        const message = end.preallocated ? 'Import Complete, Preallocation applied' : 'Import Complete';
        if (end.preallocated) annotate(this.cluster, claim, { [names.PREALLOCATED]: 'true' });
        if (end.standIn) this.tell(claim, 'Normal', 'BuiltInGuest', end.standIn);
        this.log(pod, message);
        this.end(pod, 0, 'Completed', message);
      }
    }
  }

  private end(pod: Pod, exitCode: number, reason: string, message: string): void {
    const time = now();
    this.write(pod, (draft) => {
      const [container] = draft.status?.containerStatuses ?? [];
      const startedAt = container?.state.running?.startedAt ?? time;
      setState(draft, { terminated: { exitCode, reason, message, startedAt, finishedAt: time } }, time);
      if (exitCode === 0 && draft.status) {
        draft.status.phase = 'Succeeded';
        judge(draft.status, draft, time);
      }
    });
  }

  /** The kubelet waits longer from one crash to the next. */
  private backOff(key: string, pod: Pod): void {
    const [container] = pod.status?.containerStatuses ?? [];
    const count = container?.restartCount ?? 0;
    const pause = restartPause(count);
    const { name, namespace, uid } = pod.metadata;
    const message = `back-off ${pause / 1000}s restarting failed container=${container?.name} pod=${name}_${namespace}(${uid})`;
    this.write(pod, (draft) => setState(draft, { waiting: { reason: 'CrashLoopBackOff', message } }, now()));
    this.cluster.event(pod, {
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off restarting failed container ${container?.name} in pod ${name}_${namespace}(${uid})`,
      component: 'kubelet',
      ...(pod.spec.nodeName ? { host: pod.spec.nodeName } : {}),
    });
    this.queue.add(key, pause);
  }

  private restartWhenDue(key: string, pod: Pod): void {
    const [container] = pod.status?.containerStatuses ?? [];
    const endedAt = Date.parse(container?.lastState?.terminated?.finishedAt ?? '') || 0;
    const left = endedAt + restartPause(container?.restartCount ?? 0) - clock.millis();
    if (left > 0) {
      this.queue.add(key, left);
      return;
    }
    this.write(pod, (draft) => {
      setState(draft, { running: { startedAt: now() } }, now());
      const [restarted] = draft.status?.containerStatuses ?? [];
      if (restarted) restarted.restartCount = (container?.restartCount ?? 0) + 1;
    });
  }

  private abort(uid: string): void {
    const run = this.runs.get(uid);
    this.runs.delete(uid);
    if (!run) return;
    const left = run.abort().finally(() => this.leaving.delete(left));
    this.leaving.add(left);
  }

  /** The claim that a pod fills: what it mounts, or of a cloner whose it is. */
  private claimOf(pod: Pod): PersistentVolumeClaim | undefined {
    const { namespace, ownerReferences } = pod.metadata;
    const name = isCloner(pod) ? ownerReferences?.[0]?.name : claimsOf(pod)[0];
    return this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name ?? '');
  }

  private clonedBy(pod: Pod): PersistentVolumeClaim | undefined {
    if (!isCloner(pod)) return undefined;
    return this.cluster.get<PersistentVolumeClaim>(PVCS, pod.metadata.namespace, claimsOf(pod)[0] ?? '');
  }

  private write({ metadata }: Pod, change: (draft: Pod) => void): void {
    this.cluster.update<Pod>('pods', metadata.namespace, metadata.name, change);
  }

  private log({ metadata }: Pod, ...lines: string[]): void {
    const known = this.logs.get(metadata.uid) ?? [];
    const time = clock.now().toISOString();
    known.push(
      ...lines.map(
        (line) =>
          `I${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 23)}       1 importer.go:107] ${line}`,
      ),
    );
    this.logs.set(metadata.uid, known);
  }

  /** Tells it of the claim, of the one that it is filled for, and of the DataVolume behind that. */
  private tell(
    claim: PersistentVolumeClaim,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    const event = { type, reason, message, component: 'import-controller' };
    this.cluster.event(claim, event);
    const target = targetOf(this.cluster, claim);
    if (target.metadata.uid !== claim.metadata.uid) this.cluster.event(target, event);
    if (type === 'Warning') return;
    const owner = target.metadata.ownerReferences?.find(({ kind }) => kind === 'DataVolume');
    const dv = owner && this.cluster.get(DATA_VOLUMES, target.metadata.namespace, owner.name);
    if (dv) this.cluster.event(dv, event);
  }
}

function isCloner({ metadata }: Pod): boolean {
  return metadata.labels?.[names.WORKER_LABEL] === 'cdi-cloner';
}

/** The claim that a helper is filled for; others stand for themselves. */
function targetOf(cluster: ClusterApi, claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const filledFor = claim.metadata.annotations?.[names.FILLED_FOR];
  if (!filledFor) return claim;
  const { namespace, name } = splitKey(filledFor);
  return cluster.get<PersistentVolumeClaim>(PVCS, namespace, name) ?? claim;
}

function restartPause(restarts: number): number {
  return Math.min(LAST_RESTART_MS, FIRST_RESTART_MS * 2 ** restarts);
}

/** Edits `draft`: its only container enters `state`, and what it left becomes its last state. */
function setState(draft: Pod, state: ContainerState, time: string): void {
  const { status } = draft;
  const [container] = status?.containerStatuses ?? [];
  if (!status || !container) return;
  if (container.state.terminated) container.lastState = { terminated: container.state.terminated };
  container.state = state;
  container.ready = state.running !== undefined;
  container.started = state.running !== undefined;
  judge(status, draft, time);
}
