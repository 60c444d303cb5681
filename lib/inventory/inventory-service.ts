import type { K8sObject } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import { type VmiPart, type VmPart, vmiPart, vmPart } from '@/lib/kinds/vm/parts';
import { DEFAULT_VM_QUERY, type VmQuery } from '@/lib/kinds/vm/query';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { type FeedScope, feedKey } from './feed-request';
import { FIRST_WINDOW_ROWS, type VmWindow } from './inventory';
import { MAX_KNOWN } from './live-message';
import { type LiveSource, ObjectsSource } from './live-source';
import { NamespaceFinder } from './namespace-finder';
import { DEFAULT_GROUPS, type Feed, type Subscription, type VmGroups, type Window } from './protocol';
import { ResourceFeed } from './resource-feed';
import { type Lease, SharedPool } from './shared-pool';
import { SharedViews } from './shared-views';
import {
  type ApiTransport,
  type Asker,
  type Clock,
  type Guard,
  type May,
  READER_KEY,
  SYSTEM_CLOCK,
} from './transport';
import { UsagePoller, type UsageScope } from './usage-poller';
import type { VmAnswer } from './viewer-source';
import { VmSource } from './vm-source';
import { VmTable } from './vm-table';
import { CountsSource, GroupsSource, NamedSource } from './vm-views';
import { withoutManagedFields } from './watch-events';

const LINGER_MS = 60_000;
/** Every word typed into a filter is a query of its own; its rows are dropped soon, the table below stays. */
const QUERY_LINGER_MS = 5_000;
const FIRST_PAINT_MS = 300;

type ObjectsSubscription = Omit<Extract<Subscription, { kind: 'objects' }>, 'kind'>;

export interface InventoryOptions<A extends Asker> {
  transport: ApiTransport<A>;
  clock?: Clock;
  /** Looks whether askers may still see what is open. */
  guard?: Guard<A>;
  /** What an asker may do; without it, all is tried. @throws ApiError 401 when their session is over. */
  may?: May<A>;
}

/** All watches of this process, each shared by everybody who looks at the same thing with the same rights. */
export class InventoryService<A extends Asker = Asker> {
  private readonly clock: Clock;
  private readonly feeds: SharedPool<ResourceFeed<K8sObject, A>>;
  private readonly vmFeeds: SharedPool<ResourceFeed<VmPart, A>>;
  private readonly vmiFeeds: SharedPool<ResourceFeed<VmiPart, A>>;
  private readonly tables: SharedPool<VmTable>;
  private readonly queries: SharedPool<VmSource>;
  private readonly finders: SharedPool<NamespaceFinder>;
  private readonly usage: SharedPool<UsagePoller<A>>;
  private readonly views: SharedViews<A>;

  constructor(private readonly options: InventoryOptions<A>) {
    this.clock = options.clock ?? SYSTEM_CLOCK;
    this.feeds = new SharedPool(this.clock, LINGER_MS);
    this.vmFeeds = new SharedPool(this.clock, LINGER_MS);
    this.vmiFeeds = new SharedPool(this.clock, LINGER_MS);
    this.tables = new SharedPool(this.clock, QUERY_LINGER_MS);
    this.queries = new SharedPool(this.clock, QUERY_LINGER_MS);
    this.finders = new SharedPool(this.clock, QUERY_LINGER_MS);
    this.usage = new SharedPool(this.clock, LINGER_MS);
    this.views = new SharedViews({
      ...options,
      clock: this.clock,
      lingerMs: QUERY_LINGER_MS,
      queries: this.queries,
      leaseTable: (reader) => this.leaseTable(reader),
      openOwn: (...args) => this.openOwn(...args),
    });
  }

  /** What a subscription shows; release it when nobody looks any more. */
  open(asker: A, subscription: Subscription): Lease<LiveSource> {
    if (subscription.kind === 'vm-counts') {
      const { value, release } = this.openQuery(asker, DEFAULT_VM_QUERY, subscription.known);
      return { value: new CountsSource(new GroupsSource(value, [], 0, this.clock)), release };
    }
    if (subscription.kind === 'vm-groups') {
      const { query, by, limit = DEFAULT_GROUPS, known } = subscription;
      const { value, release } = this.openQuery(asker, query, known);
      return { value: new GroupsSource(value, by, limit, this.clock), release };
    }
    if (subscription.kind === 'vm-rows') {
      const namespaces = new Set(subscription.vms.map((name) => name.split('/', 1)[0] ?? ''));
      const { value, release } = this.openQuery(asker, DEFAULT_VM_QUERY, [...namespaces].slice(0, MAX_KNOWN));
      return { value: new NamedSource(value, subscription.vms), release };
    }
    if (subscription.kind === 'vms') return this.openQuery(asker, subscription.query, subscription.known);
    const { resource, namespace, labelSelector, fieldSelector, newest } = subscription;
    const lease = this.leaseFeed({ asker, resource, namespace, labelSelector, fieldSelector });
    return { value: new ObjectsSource(lease.value, newest), release: lease.release };
  }

  async firstVmWindow(asker: A, query: VmQuery): Promise<VmWindow> {
    const { rows, total, feed } = await this.select(asker, query, { from: 0, count: FIRST_WINDOW_ROWS });
    return { rows, total, feed };
  }

  /** The counts of `vm-groups`, for a page's HTML. */
  async firstVmGroups(
    asker: A,
    subscription: Omit<Extract<Subscription, { kind: 'vm-groups' }>, 'kind'>,
  ): Promise<{ groups: VmGroups | undefined; feed: Feed }> {
    const { groups, feed } = await this.first(asker, { kind: 'vm-groups', ...subscription });
    return { groups, feed };
  }

  /** A stretch of an answer as it is now; waits `patienceMs` for a list that is under way. `known` as for `vms`. */
  async select(
    asker: A,
    query: VmQuery,
    { from, count }: Window,
    { patienceMs = FIRST_PAINT_MS, known = [] }: { patienceMs?: number; known?: string[] } = {},
  ): Promise<VmWindow> {
    const { vms, feed } = await this.first(asker, { kind: 'vms', query, known }, patienceMs);
    const isShown = vms && feed.state !== 'refused';
    const rows = isShown ? vms.slice(from, count).map(({ row }) => row) : [];
    return { rows, total: isShown ? vms.length : 0, feed };
  }

  async firstObjects(
    asker: A,
    subscription: ObjectsSubscription,
  ): Promise<{ objects: K8sObject[]; feed: Feed }> {
    const { objects = [], feed } = await this.first(asker, { kind: 'objects', ...subscription });
    return { objects, feed };
  }

  /** For /metrics. */
  stats(): { watches: number; queries: number } {
    const watches = this.feeds.size + this.vmFeeds.size + this.vmiFeeds.size;
    return { watches, queries: this.queries.size };
  }

  /** Ends every watch. */
  close(): void {
    this.views.close();
    this.queries.close();
    this.finders.close();
    this.tables.close();
    this.usage.close();
    this.feeds.close();
    this.vmFeeds.close();
    this.vmiFeeds.close();
  }

  private openQuery(asker: A, query: VmQuery, known: string[] = []): Lease<VmAnswer> {
    return asker.reader ? this.views.open(asker, query, known) : this.openOwn(asker, query, known);
  }

  /** The answer by the asker's own lists. */
  private openOwn(asker: A, query: VmQuery, known: string[]): Lease<VmSource> {
    const tables = {
      lease: (namespace?: string) => this.leaseTable(asker, namespace),
      findNamespaces: () => this.leaseFinder(asker, known),
    };
    const key = `${scopeKey(asker)} ${JSON.stringify([query, known])}`;
    return this.queries.acquire(key, () => new VmSource(query, tables, this.clock));
  }

  private leaseFinder(asker: A, known: string[]): Lease<NamespaceFinder> {
    const { may = () => Promise.resolve({ allowed: true }) } = this.options;
    const { group, plural } = RESOURCES.virtualMachines;
    const sources = {
      known,
      leaseNamespaces: () => this.leaseFeed({ asker, resource: RESOURCES.namespaces }),
      leaseProjects: () => this.leaseFeed({ asker, resource: RESOURCES.projects }),
      // Past the memory of answers, or a new right would wait for that as well.
      may: (namespace: string) => may(asker, { verb: 'list', group, resource: plural, namespace }, true),
    };
    return this.finders.acquire(
      `${scopeKey(asker)} ${JSON.stringify(known)}`,
      () => new NamespaceFinder(sources, this.clock),
    );
  }

  private leaseTable(asker: A, namespace?: string): Lease<VmTable> {
    const scope = { asker, namespace };
    return this.tables.acquire(
      `${scopeKey(asker)} ${namespace ?? ''}`,
      () =>
        new VmTable(
          () => this.lease(this.vmFeeds, { ...scope, resource: RESOURCES.virtualMachines }, vmPartOf),
          () =>
            this.lease(this.vmiFeeds, { ...scope, resource: RESOURCES.virtualMachineInstances }, vmiPartOf),
          () => this.leaseUsage(scope),
        ),
    );
  }

  private leaseUsage(scope: UsageScope<A>): Lease<UsagePoller<A>> {
    const { transport } = this.options;
    const lease = this.usage.acquire(
      `${scopeKey(scope.asker)} ${scope.namespace ?? ''}`,
      () => new UsagePoller(scope, transport, this.clock),
    );
    lease.value.retrySession();
    return lease;
  }

  private leaseFeed(scope: FeedScope<A>): Lease<ResourceFeed<K8sObject, A>> {
    return this.lease(this.feeds, scope, withoutManagedFields);
  }

  private lease<T>(
    pool: SharedPool<ResourceFeed<T, A>>,
    scope: FeedScope<A>,
    project: (object: K8sObject) => T,
  ): Lease<ResourceFeed<T, A>> {
    const { transport } = this.options;
    // A reader is nobody's session: what may be shown of its lists is looked at for each viewer.
    const guard = scope.asker.key === READER_KEY ? undefined : this.options.guard;
    const recovered = () => this.wake(scope.asker.cluster.name);
    const lease = pool.acquire(
      feedKey(scope),
      () => new ResourceFeed(scope, project, transport, this.clock, { recovered, guard }),
    );
    lease.value.retrySession();
    return lease;
  }

  /** Where one watch of a cluster got through again, the others need not wait out their pauses. */
  private wake(cluster: string): void {
    for (const pool of [this.feeds, this.vmFeeds, this.vmiFeeds]) {
      for (const feed of pool.values()) if (feed.scope.asker.cluster.name === cluster) feed.retryNow();
    }
  }

  private async first(asker: A, subscription: Subscription, patienceMs = FIRST_PAINT_MS) {
    const lease = this.open(asker, subscription);
    try {
      await new Promise<void>((resolve) => {
        const check = () => {
          const { loaded, feed } = lease.value.read();
          if (!loaded && feed.state === 'loading') return;
          cancel();
          stop();
          resolve();
        };
        const stop = lease.value.onChange(check);
        const cancel = this.clock.after(patienceMs, () => {
          stop();
          resolve();
        });
        check();
      });
      return lease.value.read();
    } finally {
      lease.release();
    }
  }
}

// The feed's resource says the kind.
const vmPartOf = (object: K8sObject): VmPart => vmPart(object as VirtualMachine);
const vmiPartOf = (object: K8sObject): VmiPart => vmiPart(object as VirtualMachineInstance);

function scopeKey({ cluster, key }: Asker): string {
  return `${cluster.name} ${key}`;
}
