import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { setCondition } from '../conditions';
import { timestamp } from '../time';
import type { Pod } from '../types';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { controllerOf, createOwnedPod, deleteOwnedPod, isActive, isReady, podFromTemplate } from './pods';
import { some } from './replica-set';
import { JOBS, type Job } from './types';

const COMPONENT = 'job-controller';
const LATENCY_MS = 20;
const FIRST_BACKOFF_MS = 10_000;
const LAST_BACKOFF_MS = 600_000;
const RETRY_MS = 1000;

/** The job controller: pods until enough of them have succeeded, or too many have failed. */
export class JobController {
  private readonly queue = new WorkQueue('job', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<Job>(JOBS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<Pod>('pods', ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'Job') this.queue.add(`${object.metadata.namespace}/${owner.name}`);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const found = this.cluster.get<Job>(JOBS, namespace, name);
    if (!found) return;
    const job = found.spec.selector ? found : this.prepare(found);
    if (job.metadata.deletionTimestamp) return;
    if (isFinished(job)) this.expire(key, job);
    else this.run(key, job);
  }

  /** The apiserver gives a job its selector and the labels that go with it. */
  private prepare(job: Job): Job {
    const { namespace, name, uid } = job.metadata;
    const mark = { 'batch.kubernetes.io/controller-uid': uid };
    const labels = { ...mark, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
    const prepared = this.cluster.update<Job>(JOBS, namespace, name, (draft) => {
      draft.spec.selector = { matchLabels: mark };
      const { metadata } = draft.spec.template;
      draft.spec.template.metadata = { ...metadata, labels: { ...metadata?.labels, ...labels } };
    });
    return prepared ?? job;
  }

  private run(key: string, job: Job): void {
    const { spec, metadata } = job;
    const pods = this.podsOf(job);
    const now = clock.millis();
    const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded').length;
    const failures = pods.filter(({ status }) => status?.phase === 'Failed');
    const active = pods.filter(isActive);
    const wanted = spec.completions ?? 1;
    const end =
      succeeded >= wanted
        ? ({
            type: 'Complete',
            reason: 'CompletionsReached',
            message: 'Reached expected number of succeeded pods',
          } as const)
        : failures.length > (spec.backoffLimit ?? 6)
          ? ({
              type: 'Failed',
              reason: 'BackoffLimitExceeded',
              message: 'Job has reached the specified backoff limit',
            } as const)
          : undefined;
    if (end || spec.suspend) for (const pod of active) deleteOwnedPod(this.cluster, job, pod, COMPONENT);
    else this.fill(key, job, { active: active.length, left: wanted - succeeded, failures, now });
    const time = timestamp(now);
    this.cluster.update<Job>(JOBS, metadata.namespace, metadata.name, (draft) => {
      const { conditions, startTime } = draft.status ?? {};
      const running = end || spec.suspend ? [] : this.podsOf(job).filter(isActive);
      draft.status = {
        ...some('active', running.length),
        ...(conditions ? { conditions } : {}),
        ...some('failed', failures.length),
        ready: running.filter(isReady).length,
        ...(spec.suspend ? {} : { startTime: startTime ?? time }),
        ...some('succeeded', succeeded),
        terminating: 0,
        uncountedTerminatedPods: {},
      };
      const say = (type: string, reason: string, message: string) =>
        setCondition(draft.status ?? {}, {
          ...{ type, status: 'True', reason, message, lastProbeTime: time, lastTransitionTime: time },
        });
      if (!end) return;
      say(end.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget', end.reason, end.message);
      say(end.type, end.reason, end.message);
      if (end.type === 'Complete') draft.status.completionTime = time;
    });
    if (!end) return;
    const told =
      end.type === 'Complete'
        ? ({ type: 'Normal', reason: 'Completed', message: 'Job completed' } as const)
        : ({ type: 'Warning', reason: end.reason, message: end.message } as const);
    this.cluster.event(job, { ...told, component: COMPONENT });
  }

  private fill(
    key: string,
    job: Job,
    { active, left, failures, now }: { active: number; left: number; failures: Pod[]; now: number },
  ): void {
    const missing = Math.min(job.spec.parallelism ?? 1, left) - active;
    if (missing <= 0) return;
    if (failures.length > 0) {
      const pause = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures.length - 1));
      const wait = Math.max(...failures.map(endOf)) + pause - now;
      if (wait > 0) {
        this.queue.add(key, wait);
        return;
      }
    }
    for (let count = 0; count < missing; count += 1) {
      const pod = podFromTemplate(job, job.spec.template);
      const { refusal } = createOwnedPod(this.cluster, job, pod, COMPONENT);
      if (refusal === undefined) continue;
      this.queue.add(key, RETRY_MS);
      return;
    }
  }

  private expire(key: string, job: Job): void {
    const { ttlSecondsAfterFinished } = job.spec;
    if (ttlSecondsAfterFinished === undefined) return;
    const ended = job.status?.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
    const left =
      Date.parse(ended?.lastTransitionTime ?? '') + ttlSecondsAfterFinished * 1000 - clock.millis();
    if (left > 0) this.queue.add(key, left);
    else
      this.cluster.delete(JOBS, job.metadata.namespace, job.metadata.name, {
        propagationPolicy: 'Background',
      });
  }

  private podsOf({ metadata }: Job): Pod[] {
    return this.cluster
      .list<Pod>('pods', metadata.namespace)
      .filter((pod) => controllerOf(pod)?.uid === metadata.uid);
  }
}

function isFinished({ status }: Job): boolean {
  return (status?.conditions ?? []).some(
    (condition) => ['Complete', 'Failed'].includes(condition.type) && condition.status === 'True',
  );
}

function endOf({ status, metadata }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) =>
    Date.parse(state.terminated?.finishedAt ?? ''),
  );
  return Math.max(Date.parse(metadata.creationTimestamp), ...ends.filter((end) => !Number.isNaN(end)));
}
