import type { AccessCheck } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import { requestInfo } from '@/lib/k8s/request-info';
import { apiVersionOf, type Resource, resourcePath } from '@/lib/k8s/resource';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import type { Feed } from './protocol';
import type { ApiTransport, Asker, Clock, Guard } from './transport';
import { type ObjectList, readBody, readWatch, watchError, withoutManagedFields } from './watch-events';

const PAGE_SIZE = 500;
const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 10_000;
/** A refusal may end (a role is granted, a CRD is installed), so it is asked again, seldom. */
const REFUSED_RETRY_MS = 30_000;
/** Each watch ends by itself after this long, so that a connection that died silently is noticed. */
const WATCH_MIN_S = 120;
const WATCH_SPREAD_S = 60;
const WATCH_GRACE_MS = 15_000;
/** A watch that lived this long was healthy, even if nothing happened in it. */
const HEALTHY_MS = 10_000;

export interface FeedScope<A extends Asker = Asker> {
  asker: A;
  resource: Resource;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

/** What changed since the last call; both empty when only the state did. */
export interface FeedChange {
  changed: K8sObject[];
  removed: K8sObject[];
}

export interface FeedOptions<A extends Asker> {
  /** Told when the cluster answers again after a pause. */
  recovered?: () => void;
  /** Looks while it runs whether its asker may still list and watch. */
  guard?: Guard<A> | undefined;
}

const NO_CHANGE: FeedChange = { changed: [], removed: [] };

/**
 * Keeps the objects of one resource in memory: a paged LIST, then a WATCH from its version. A relist (410, errors) is
 * compared with what was known, so listeners see changes only. Never gives up while it runs.
 */
export class ResourceFeed<A extends Asker = Asker> {
  /** By uid. Objects are never changed in place. */
  readonly objects = new Map<string, K8sObject>();
  state: Feed = { state: 'loading' };
  /** True from the first complete list on; false again when the API refused. */
  loaded = false;
  private readonly listeners = new Set<(change: FeedChange) => void>();
  private readonly abort = new AbortController();
  private version = '';
  private attempts = 0;
  private failingSince: number | undefined;
  private endSleep: () => void = () => {};
  private release: () => void = () => {};
  /** Ends what is under way when the asker lost their rights. */
  private round = new AbortController();
  private verdict: ApiError | undefined;

  constructor(
    readonly scope: FeedScope<A>,
    private readonly transport: ApiTransport<A>,
    private readonly clock: Clock,
    private readonly options: FeedOptions<A> = {},
  ) {}

  start(): void {
    const { guard } = this.options;
    if (guard) {
      this.release = guard.hold({
        who: this.scope.asker,
        checks: this.checks(),
        over: (error) => this.refuse(error),
        denied: (check) => void this.confirm(check),
      });
    }
    void this.run();
  }

  stop(): void {
    this.release();
    this.abort.abort();
    this.listeners.clear();
  }

  /** Cuts a pause short: there is news that the cluster answers. */
  retryNow(): void {
    if (this.state.state === 'paused') this.endSleep();
  }

  /** Looks at once whether a session that was over goes on: its token may have been renewed. */
  retrySession(): void {
    if (this.state.state === 'refused' && isSignInNeeded(this.state.error)) this.endSleep();
  }

  onChange(listener: (change: FeedChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      this.round = new AbortController();
      const { verdict } = this;
      this.verdict = undefined;
      if (verdict) {
        await this.refused(verdict);
        continue;
      }
      try {
        if (!this.version) await this.list();
        await this.watch();
      } catch (cause) {
        if (signal.aborted) return;
        if (this.verdict) continue;
        const error = toApiError(cause, this.path({}));
        if (error.code === 410) {
          this.version = '';
          if (this.attempts++ > 0) await this.sleep(this.backoff());
        } else if (isFinal(error)) await this.refused(error);
        else await this.paused(error);
      }
    }
  }

  /** What its asker must be allowed, in the API's words for its own requests. */
  private checks(): AccessCheck[] {
    return [this.path({}), this.path({ watch: 'true' })].map((path) => {
      const [where = '', query = ''] = path.split('?', 2);
      const { verb, group, resource, namespace, name } = requestInfo('GET', where, query);
      return { verb, group, resource, ...(namespace ? { namespace } : {}), ...(name ? { name } : {}) };
    });
  }

  /** A review says no; the API itself has the last word, and the words. */
  private async confirm({ verb }: AccessCheck): Promise<void> {
    if (this.state.state === 'refused') return;
    const isWatch = verb === 'watch';
    const path = this.path(isWatch ? { watch: 'true', timeoutSeconds: 1 } : { limit: 1 });
    const heard = new AbortController();
    try {
      const { status, body } = await this.get(path, isWatch, heard.signal);
      if (status !== 200) await readBody(status, body, path);
    } catch (cause) {
      if (cause instanceof ApiError && (cause.code === 403 || isSignInNeeded(cause))) this.refuse(cause);
    } finally {
      heard.abort();
    }
  }

  private refuse(error: ApiError): void {
    if (this.abort.signal.aborted || this.state.state === 'refused') return;
    this.verdict = error;
    this.round.abort();
    this.endSleep();
  }

  private async list(): Promise<void> {
    let found: ObjectList;
    try {
      found = await this.listPages(PAGE_SIZE);
    } catch (cause) {
      // The token of a later page ran out: one page then, however long.
      if (!(cause instanceof ApiError) || cause.code !== 410) throw cause;
      found = await this.listPages(undefined);
    }
    this.version = found.metadata.resourceVersion;
    this.loaded = true;
    const next = new Map((found.items ?? []).map((object) => [object.metadata.uid, object]));
    const removed = [...this.objects.values()].filter((object) => !next.has(object.metadata.uid));
    const changed = [...next.values()].filter(
      (object) =>
        this.objects.get(object.metadata.uid)?.metadata.resourceVersion !== object.metadata.resourceVersion,
    );
    this.apply({ changed, removed }, { state: 'live' });
  }

  private async listPages(limit: number | undefined): Promise<ObjectList> {
    const items: K8sObject[] = [];
    let token: string | undefined;
    for (;;) {
      const path = this.path({ limit, continue: token });
      const answer = await this.get(path, false);
      const page = JSON.parse(await readBody(answer.status, answer.body, path)) as ObjectList;
      // Items of a list carry neither kind nor apiVersion.
      const { resource } = this.scope;
      for (const item of page.items ?? []) {
        items.push({
          ...withoutManagedFields(item),
          apiVersion: item.apiVersion ?? apiVersionOf(resource),
          kind: item.kind ?? resource.kind,
        });
      }
      token = page.metadata.continue;
      if (!token) return { metadata: page.metadata, items };
    }
  }

  private async watch(): Promise<void> {
    const timeoutSeconds = WATCH_MIN_S + Math.round(WATCH_SPREAD_S * this.clock.random());
    const path = this.path({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.version,
      timeoutSeconds,
    });
    const overdue = new AbortController();
    const cancel = this.clock.after(timeoutSeconds * 1_000 + WATCH_GRACE_MS, () => overdue.abort());
    const openedAt = this.clock.now();
    try {
      const answer = await this.get(path, true, overdue.signal);
      if (answer.status !== 200) await readBody(answer.status, answer.body, path);
      this.setState({ state: 'live' });
      for await (const events of readWatch(answer.body)) this.take(events, path);
    } catch (cause) {
      if (!overdue.signal.aborted) throw cause;
    } finally {
      cancel();
    }
    if (this.clock.now() - openedAt >= HEALTHY_MS) this.attempts = 0;
    else if (this.attempts++ > 0) await this.sleep(this.backoff());
  }

  private take(events: { type: string; object: unknown }[], path: string): void {
    const changed = new Map<string, K8sObject>();
    const removed = new Map<string, K8sObject>();
    for (const event of events) {
      if (event.type === 'ERROR') {
        this.apply({ changed: [...changed.values()], removed: [...removed.values()] });
        this.version = '';
        throw watchError(event.object, path);
      }
      const object = event.object as K8sObject;
      this.version = object.metadata.resourceVersion;
      if (event.type === 'BOOKMARK') continue;
      const { uid } = object.metadata;
      changed.delete(uid);
      removed.delete(uid);
      if (event.type === 'DELETED') removed.set(uid, object);
      else changed.set(uid, withoutManagedFields(object));
    }
    if (events.length > 0) this.attempts = 0;
    if (changed.size > 0 || removed.size > 0) {
      this.apply({ changed: [...changed.values()], removed: [...removed.values()] });
    }
  }

  private apply(change: FeedChange, state = this.state): void {
    for (const object of change.removed) this.objects.delete(object.metadata.uid);
    for (const object of change.changed) this.objects.set(object.metadata.uid, object);
    this.setState(state, change);
  }

  private setState(state: Feed, change: FeedChange = NO_CHANGE): void {
    const isNews = change.changed.length > 0 || change.removed.length > 0 || state.state !== 'live';
    if (!isNews && this.state.state === 'live') return;
    const hasRecovered = state.state === 'live' && this.failingSince !== undefined;
    if (state.state === 'live') this.failingSince = undefined;
    this.state = state;
    for (const listener of [...this.listeners]) listener(change);
    if (hasRecovered) this.options.recovered?.();
  }

  private async paused(error: ApiError & { retryAfterMs?: number }): Promise<void> {
    const delay = Math.max(this.backoff(), Math.min(error.retryAfterMs ?? 0, BACKOFF_MAX_MS));
    this.attempts += 1;
    const now = this.clock.now();
    this.failingSince ??= now;
    this.setState({
      state: 'paused',
      since: this.failingSince,
      retryAt: Math.round(now + delay),
      error: error.toJSON(),
    });
    await this.sleep(delay);
  }

  private async refused(error: ApiError): Promise<void> {
    const removed = [...this.objects.values()];
    this.version = '';
    this.loaded = false;
    this.apply({ changed: [], removed }, { state: 'refused', error: error.toJSON() });
    await this.sleep(REFUSED_RETRY_MS);
  }

  private backoff(): number {
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.attempts);
    return ceiling * (0.5 + 0.5 * this.clock.random());
  }

  private sleep(ms: number): Promise<void> {
    const { signal } = this.abort;
    return new Promise((resolve) => {
      const finish = () => {
        cancel();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = this.clock.after(ms, finish);
      this.endSleep = finish;
      signal.addEventListener('abort', finish);
    });
  }

  private async get(path: string, streaming: boolean, alsoUntil?: AbortSignal) {
    const ends = [this.abort.signal, this.round.signal, ...(alsoUntil ? [alsoUntil] : [])];
    const signal = AbortSignal.any(ends);
    const answer = await this.transport.get(this.scope.asker, path, { signal, streaming });
    if (answer.status < 300 || !answer.retryAfterMs) return answer;
    const { retryAfterMs } = answer;
    const refusal = await readBody(answer.status, answer.body, path).catch((cause: unknown) => cause);
    throw Object.assign(toApiError(refusal, path), { retryAfterMs });
  }

  private path(query: Record<string, string | number | undefined>): string {
    const { resource, namespace, labelSelector, fieldSelector } = this.scope;
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries({ labelSelector, fieldSelector, ...query })) {
      if (value !== undefined && value !== '') search.set(name, String(value));
    }
    return `${resourcePath(resource, namespace)}${search.size > 0 ? `?${search}` : ''}`;
  }
}

/** The cluster's own 401 is not final: a kubeconfig is repaired. A session that is over stays so. */
function isFinal(error: ApiError): boolean {
  return isSignInNeeded(error) || error.code === 403 || error.code === 404 || error.code === 405;
}

function toApiError(cause: unknown, path: string): ApiError {
  if (cause instanceof ApiError) return cause;
  return new ApiError(0, 'Unreachable', cause instanceof Error ? cause.message : String(cause), {
    method: 'GET',
    path,
  });
}
