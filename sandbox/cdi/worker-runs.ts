import type { ClusterApi } from '../api/objects';
import { clock } from '../clock';
import { judge } from '../controllers/pod-status';
import { type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import { now } from '../controllers/time';
import type { ContainerState, Pod } from '../controllers/types';
import { claimsOf } from '../controllers/volume-objects';
import { keyFor, splitKey, WorkQueue } from '../controllers/work-queue';
import { annotate } from './claims';
import { findSource } from './import-source';
import * as names from './names';

const LATENCY_MS = 200;
/** How long an import of an image that is there takes, and how often it tells how far it is. */
const IMPORT_MS = 3000;
const BLANK_MS = 300;
const STEP_MS = 500;
const FIRST_RESTART_MS = 10_000;
const LAST_RESTART_MS = 300_000;

interface Run {
  startedAt: number;
  lastsMs: number;
}

/** What goes on inside the importer pods: each looks for its source, copies, and ends; or fails and is started again. */
export class WorkerRuns {
  private readonly queue = new WorkQueue('cdi workers', (key) => this.reconcile(key), LATENCY_MS);
  private readonly runs = new Map<string, Run>();
  private readonly logs = new Map<string, string[]>();
  private readonly stop: () => void;

  constructor(private readonly cluster: ClusterApi) {
    this.stop = cluster.watch<Pod>('pods', ({ type, object }) => {
      if (object.metadata.labels?.[names.WORKER_LABEL] !== 'importer') return;
      if (type === 'DELETED') {
        this.runs.delete(object.metadata.uid);
        this.logs.delete(object.metadata.uid);
      } else this.queue.add(keyFor(object));
    });
  }

  close(): void {
    this.stop();
    this.queue.close();
  }

  /** What the program in a worker pod has printed; undefined for other pods. */
  logOf({ metadata }: Pod): readonly string[] | undefined {
    return this.logs.get(metadata.uid);
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const pod = this.cluster.get<Pod>('pods', namespace, name);
    if (!pod || pod.metadata.deletionTimestamp || pod.status?.phase !== 'Running') return;
    const [container] = pod.status.containerStatuses ?? [];
    const { running, waiting, terminated } = container?.state ?? {};
    if (waiting?.reason === 'CrashLoopBackOff') this.restartWhenDue(key, pod);
    else if (terminated) this.backOff(key, pod);
    else if (running) await this.work(key, pod);
  }

  private async work(key: string, pod: Pod): Promise<void> {
    const claim = this.claimOf(pod);
    if (!claim) return;
    const env = environmentOf(pod);
    const run = this.runs.get(pod.metadata.uid);
    if (!run) {
      this.log(pod, 'Starting importer', 'begin import process');
      const found = await findSource(env.IMPORTER_SOURCE ?? 'none', env.IMPORTER_ENDPOINT ?? '');
      if ('failure' in found) {
        this.log(pod, found.failure);
        this.end(pod, 1, 'Error', found.failure);
        this.tell(claim, 'ErrImportFailed', found.failure);
        return;
      }
      this.log(pod, 'Calculating available size', 'New phase: TransferDataFile');
      const lastsMs = env.IMPORTER_SOURCE === 'none' ? BLANK_MS : IMPORT_MS;
      this.runs.set(pod.metadata.uid, { startedAt: clock.millis(), lastsMs });
      this.queue.add(key, STEP_MS);
      return;
    }
    const share = (clock.millis() - run.startedAt) / run.lastsMs;
    if (share < 1) {
      const percent = Math.max(0, share * 100).toFixed(2);
      this.log(pod, percent);
      annotate(this.cluster, claim, { [names.PROGRESS]: `${percent}%` });
      this.queue.add(key, STEP_MS);
      return;
    }
    this.runs.delete(pod.metadata.uid);
    this.log(pod, '100.00', 'New phase: Resize', 'New phase: Complete', 'Import Complete');
    this.end(pod, 0, 'Completed', 'Import Complete');
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

  private claimOf(pod: Pod): PersistentVolumeClaim | undefined {
    const [name = ''] = claimsOf(pod);
    return this.cluster.get<PersistentVolumeClaim>(PVCS, pod.metadata.namespace, name);
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

  private tell(claim: PersistentVolumeClaim, reason: string, message: string): void {
    this.cluster.event(claim, { type: 'Warning', reason, message, component: 'import-controller' });
  }
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

function environmentOf({ spec }: Pod): Record<string, string | undefined> {
  const env = spec.containers[0]?.env as { name: string; value?: string }[] | undefined;
  return Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
}
