import type { ApiError } from '@/lib/k8s/error';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmQuery } from '@/lib/kinds/vm/query';
import { toApiError } from './feed-request';
import { NamespaceCensus } from './namespace-census';
import { isEverything, type Scope } from './reach';
import { ScopedTable } from './scoped-table';
import { type Lease, SharedPool } from './shared-pool';
import type { ApiTransport, Asker, Clock, Guard, May } from './transport';
import { ViewerScope } from './viewer-scope';
import { ViewerSource, type VmAnswer } from './viewer-source';
import { VmSource } from './vm-source';
import type { VmRecords, VmTable } from './vm-table';
import { readBody } from './watch-events';

/** What somebody may see is asked on after they have left a page, so that the next one has it at once. */
const SCOPE_LINGER_MS = 30_000;
const REFUSAL_TIMEOUT_MS = 10_000;

export interface SharedViewsOptions<A extends Asker> {
  transport: ApiTransport<A>;
  clock: Clock;
  lingerMs: number;
  guard?: Guard<A>;
  may?: May<A>;
  queries: SharedPool<VmSource>;
  leaseTable(reader: A): Lease<VmTable>;
  openOwn(asker: A, query: VmQuery, known: string[]): Lease<VmSource>;
}

/** What viewers see of the lists that a reader keeps for all of them: answers are shared by everybody of equal scope. */
export class SharedViews<A extends Asker> {
  private readonly views: SharedPool<ViewerSource>;
  private readonly scopes: SharedPool<ViewerScope>;
  private readonly tables: SharedPool<ScopedTable>;
  private readonly censuses: SharedPool<NamespaceCensus>;

  constructor(private readonly options: SharedViewsOptions<A>) {
    const { clock, lingerMs } = options;
    this.views = new SharedPool(clock, lingerMs);
    this.scopes = new SharedPool(clock, SCOPE_LINGER_MS);
    this.tables = new SharedPool(clock, lingerMs);
    this.censuses = new SharedPool(clock, SCOPE_LINGER_MS);
  }

  open(asker: A, query: VmQuery, known: string[]): Lease<VmAnswer> {
    // The transport takes a reader wherever it takes an asker.
    const reader = asker.reader as A;
    const { options } = this;
    const lists = {
      leaseWhole: () => options.leaseTable(reader),
      leaseScope: () => this.leaseScope(asker, reader),
      leaseShared: (scope: Scope) => this.leaseShared(reader, scope, query),
      leaseOwn: () => options.openOwn(asker, query, known),
    };
    const key = JSON.stringify([asker.cluster.name, asker.key, query, known]);
    return this.views.acquire(key, () => new ViewerSource(query, lists, known));
  }

  close(): void {
    this.views.close();
    this.scopes.close();
    this.tables.close();
    this.censuses.close();
  }

  private leaseScope(asker: A, reader: A): Lease<ViewerScope> {
    const { clock, guard, may = () => Promise.resolve({ allowed: true }) } = this.options;
    const lease = this.scopes.acquire(JSON.stringify([asker.cluster.name, asker.key]), () => {
      const census = this.leaseCensus(reader);
      const scope = new ViewerScope(
        {
          may: (check) => may(asker, check, true),
          refusal: (namespace) => this.refusal(asker, namespace),
          candidates: census.value,
          hold: (over) => guard?.hold({ who: asker, checks: [], over, denied: () => {} }) ?? (() => {}),
          release: census.release,
        },
        clock,
      );
      return scope;
    });
    lease.value.retrySession();
    return lease;
  }

  private leaseCensus(reader: A): Lease<NamespaceCensus> {
    const { clock, leaseTable } = this.options;
    return this.censuses.acquire(
      reader.cluster.name,
      () => new NamespaceCensus(leaseTable(reader), () => clock.now()),
    );
  }

  private leaseShared(reader: A, scope: Scope, query: VmQuery): Lease<VmSource> {
    const lease = () => this.leaseScoped(reader, scope);
    const key = JSON.stringify([reader.cluster.name, reader.key, scope.key, query]);
    return this.options.queries.acquire(key, () => new VmSource(query, { lease }, this.options.clock));
  }

  private leaseScoped(reader: A, scope: Scope): Lease<VmRecords> {
    if (isEverything(scope)) return this.options.leaseTable(reader);
    return this.tables.acquire(
      JSON.stringify([reader.cluster.name, scope.key]),
      () => new ScopedTable(this.options.leaseTable(reader), scope),
    );
  }

  /** What the API says when the asker lists VMs. @throws ApiError 401 when their session is over. */
  private async refusal(asker: A, namespace?: string): Promise<ApiError | undefined> {
    const path = `${resourcePath(RESOURCES.virtualMachines, namespace)}?limit=1`;
    const signal = AbortSignal.timeout(REFUSAL_TIMEOUT_MS);
    try {
      const { status, body } = await this.options.transport.get(asker, path, { signal, streaming: false });
      await readBody(status, body, path);
      return undefined;
    } catch (cause) {
      const error = toApiError(cause, path);
      if (error.code === 401) throw error;
      return error;
    }
  }
}
