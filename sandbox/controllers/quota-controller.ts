import { canonicalQuantity, formatQuantity } from '../api/admission/quantity';
import { countedResource, type QuotaSpec, quotaUsage } from '../api/admission/quota-usage';
import type { ClusterApi, KubeObject } from '../api/objects';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const QUOTAS = 'resourcequotas';
const LATENCY_MS = 50;

interface ResourceQuota extends KubeObject {
  spec?: QuotaSpec;
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

/** The resource quota controller: keeps `status.used` at what a namespace really uses. */
export class QuotaController {
  private readonly queue = new WorkQueue('resourcequota', (key) => this.reconcile(key), LATENCY_MS);
  private readonly counted = new Map<string, () => void>();
  private readonly stop: () => void;

  constructor(private readonly cluster: ClusterApi) {
    this.stop = cluster.watch<ResourceQuota>(QUOTAS, ({ type, object }) => {
      if (type === 'DELETED') return;
      for (const name of Object.keys(object.spec?.hard ?? {})) this.follow(countedResource(name));
      this.queue.add(keyFor(object));
    });
  }

  close(): void {
    this.stop();
    for (const stop of this.counted.values()) stop();
    this.queue.close();
  }

  /** Looks at a resource's changes once some quota counts it: most clusters have none. */
  private follow(resource: string): void {
    if (this.counted.has(resource)) return;
    this.counted.set(resource, () => {});
    let stop: () => void;
    try {
      stop = this.cluster.watch(resource, ({ object }) => {
        for (const quota of this.cluster.list(QUOTAS, object.metadata.namespace))
          this.queue.add(keyFor(quota));
      });
    } catch {
      // A quota may name what no API serves: nothing is ever counted for it.
      return;
    }
    this.counted.set(resource, stop);
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const quota = this.cluster.get<ResourceQuota>(QUOTAS, namespace, name);
    if (!quota) return;
    const { hard = {} } = quota.spec ?? {};
    const used = quotaUsage(this.cluster, namespace, quota.spec ?? {});
    this.cluster.update<ResourceQuota>(QUOTAS, namespace, name, (draft) => {
      draft.status = {
        hard: Object.fromEntries(
          Object.entries(hard).map(([what, limit]) => [what, canonicalQuantity(limit)]),
        ),
        used: Object.fromEntries([...used].map(([what, amount]) => [what, formatQuantity(amount)])),
      };
    });
  }
}
