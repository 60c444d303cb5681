import type { ClusterApi } from '../api/objects';
import { VMIS, VMS } from '../controllers/types';
import type { MetricSink } from './families';

const COUNTED = ['namespaces', 'nodes', 'pods', 'persistentvolumeclaims', 'events', VMS, VMIS];
const STARTED_MS = Date.now() - process.uptime() * 1000;

/** How often the API was asked for what, with which outcome. */
export class RequestCounts {
  private readonly counts = new Map<
    string,
    { verb: string; resource: string; code: number; count: number }
  >();

  /** `resource` is the path's resource or empty: names of objects are nobody's business. */
  note(verb: string, resource: string, code: number): void {
    const key = `${verb} ${resource} ${code}`;
    const entry = this.counts.get(key) ?? { verb, resource, code, count: 0 };
    entry.count += 1;
    this.counts.set(key, entry);
  }

  entries(): Iterable<{ verb: string; resource: string; code: number; count: number }> {
    return this.counts.values();
  }
}

/** What the process behind the API tells of itself. */
export function addServer(sink: MetricSink, cluster: ClusterApi, requests: RequestCounts): void {
  for (const { verb, resource, code, count } of requests.entries()) {
    sink.add('apiserver_request_total', { verb, resource, code: String(code) }, count);
  }
  for (const resource of COUNTED)
    sink.add('apiserver_storage_objects', { resource }, cluster.list(resource).length);
  const { user, system } = process.cpuUsage();
  sink.add('process_cpu_seconds_total', {}, (user + system) / 1e6);
  sink.add('process_resident_memory_bytes', {}, process.memoryUsage.rss());
  sink.add('process_start_time_seconds', {}, Math.round(STARTED_MS) / 1000);
}
