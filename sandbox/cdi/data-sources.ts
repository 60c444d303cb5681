import type { ClusterApi } from '../api/objects';
import { DATA_VOLUMES, type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import { now } from '../controllers/time';
import { keyFor, splitKey, WorkQueue } from '../controllers/work-queue';
import { type ChainProblem, resolveSource } from './data-source-chain';
import * as names from './names';
import type { DataSource, DataSourceSource, DataVolume, HeartbeatCondition } from './types';

const LATENCY_MS = 100;

const PROBLEMS: Readonly<Record<ChainProblem, string>> = {
  NotFound: 'DataSource not found',
  MaxReferenceDepthReached: 'DataSource reference chain exceeds the maximum depth of 1',
  SelfReference: 'DataSource cannot self-reference',
  CrossNamespaceReference: 'DataSource cannot reference a DataSource in another namespace',
};

interface Readiness {
  status: 'True' | 'False';
  reason: string;
  message: string;
}

/** Says of each DataSource whether its claim or snapshot is there to be cloned. */
export class DataSources {
  private readonly queue = new WorkQueue('data sources', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    const wakeAll = () => {
      for (const source of cluster.list(names.DATA_SOURCES)) this.queue.add(keyFor(source));
    };
    this.stops = [names.DATA_SOURCES, DATA_VOLUMES, PVCS, names.SNAPSHOTS].map((resource) =>
      cluster.watch(resource, wakeAll),
    );
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const found = this.cluster.get<DataSource>(names.DATA_SOURCES, namespace, name);
    if (!found || found.metadata.deletionTimestamp) return;
    const { source, problem } = resolveSource(this.cluster, found);
    const ready: Readiness = problem
      ? { status: 'False', reason: problem, message: PROBLEMS[problem] }
      : this.readiness(source, namespace);
    this.cluster.update<DataSource>(names.DATA_SOURCES, namespace, name, (draft) => {
      const before = draft.status?.conditions?.find(({ type }) => type === 'Ready');
      draft.status = { ...draft.status, source, conditions: [merged(before, ready)] };
    });
  }

  private readiness({ pvc, snapshot }: DataSourceSource, own: string): Readiness {
    if (pvc) {
      const namespace = pvc.namespace || own;
      const dv = this.cluster.get<DataVolume>(DATA_VOLUMES, namespace, pvc.name);
      const phase = dv?.status?.phase ?? '';
      if (dv && phase !== 'Succeeded') {
        return { status: 'False', reason: phase || 'Pending', message: `Import DataVolume phase ${phase}` };
      }
      const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, pvc.name);
      return claim ? READY : { status: 'False', reason: 'NotFound', message: 'PVC not found' };
    }
    if (!snapshot) return { status: 'False', reason: 'NoSource', message: 'No source PVC set' };
    const found = this.cluster.get(names.SNAPSHOTS, snapshot.namespace || own, snapshot.name);
    if (!found) return { status: 'False', reason: 'NotFound', message: 'Snapshot not found' };
    const usable = (found.status as { readyToUse?: boolean } | undefined)?.readyToUse === true;
    return usable ? READY : { status: 'False', reason: 'SnapshotNotReady', message: 'Snapshot not ready' };
  }
}

const READY: Readiness = { status: 'True', reason: 'Ready', message: 'DataSource is ready to be consumed' };

function merged(before: HeartbeatCondition | undefined, ready: Readiness): HeartbeatCondition {
  if (before?.status === ready.status && before.reason === ready.reason && before.message === ready.message)
    return before;
  const time = now();
  const lastTransitionTime = before?.status === ready.status ? (before.lastTransitionTime ?? time) : time;
  return { type: 'Ready', ...ready, lastHeartbeatTime: time, lastTransitionTime };
}
