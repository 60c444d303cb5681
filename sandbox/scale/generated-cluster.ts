import { setImmediate } from 'node:timers/promises';
import type { Cluster } from '../api/store';
import { keyFor } from '../controllers/work-queue';
import { Churn } from './churn';
import { Estate } from './estate';
import { Generator, isFinished } from './generate';
import { settledCluster } from './settled';

/** So long at most nothing else runs while machines are made. */
const SLICE_MS = 50;
const REPORT_MS = 10_000;

export interface ScaleOptions {
  /** How many VMs. */
  vms: number;
  /** Events per second from the start; 0 for a quiet cluster. */
  churn: number;
  /** The same seed gives the same cluster, times counted back from now. */
  seed: number;
}

export interface GeneratedCluster {
  /** The cluster as controllers should see it. */
  settled: Cluster;
  /** Starts the churn, if any is wanted. Returns the way to end it. */
  stir(): () => void;
}

/** Fills an empty cluster with nodes, namespaces and machines, complete and at rest. */
export async function generateCluster(
  cluster: Cluster,
  { vms, churn, seed }: ScaleOptions,
  log: (sentence: string) => void,
): Promise<GeneratedCluster> {
  const estate = new Estate(vms);
  estate.build(cluster);
  const first = cluster.revision;
  const generator = new Generator(cluster, estate, { seed, nowMs: cluster.now().getTime() });
  const unfinished = new Set<string>();
  const machines: string[] = [];
  const from = performance.now();
  let sliceFrom = from;
  let reportedAt = sliceFrom;
  while (machines.length < vms) {
    const { vm, plan } = generator.next();
    machines.push(keyFor(vm));
    if (!isFinished(plan.state)) unfinished.add(vm.metadata.uid);
    const time = performance.now();
    if (time - sliceFrom < SLICE_MS) continue;
    if (time - reportedAt > REPORT_MS) {
      log(`Made ${machines.length} of ${vms} virtual machines.`);
      reportedAt = time;
    }
    await setImmediate();
    sliceFrom = performance.now();
  }
  const last = cluster.revision;
  const heap = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  log(`Made ${vms} virtual machines, ${last - first} objects, in ${seconds} s; the heap holds ${heap} MiB.`);
  cluster.state.forgetHistory(last);
  const settled = settledCluster(cluster, (_resource, { metadata }) => {
    const version = Number(metadata.resourceVersion);
    return version > first && version <= last && !unfinished.has(metadata.uid);
  });
  const stir = () => {
    if (churn <= 0) return () => {};
    const stirring = new Churn(cluster, generator, machines, { eventsPerSecond: churn, seed });
    return () => stirring.close();
  };
  return { settled, stir };
}
