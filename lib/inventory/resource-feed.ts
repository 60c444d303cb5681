import type { AccessCheck } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import { apiVersionOf } from '@/lib/k8s/resource';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { type FeedScope, feedChecks, feedPath, isFinal, toApiError } from './feed-request';
import { type FeedChange, FeedStore, isEmpty } from './feed-store';
import { PagedList } from './paged-list';
import type { Feed } from './protocol';
import type { ApiTransport, Asker, Clock, Guard } from './transport';
import { readBody, readPage, readWatch, type WatchEvent, watchError } from './watch-events';

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

export interface FeedOptions<A extends Asker> {
  /** Told when the cluster answers again after a pause. */
  recovered?: () => void;
  /** Looks while it runs whether its asker may still list and watch. */
  guard?: Guard<A> | undefined;
}

const NO_CHANGE: FeedChange<never> = { changed: [], removed: [] };

/**
 * Follows one resource: a paged LIST whose pages are taken as they come, then a WATCH from its version. A relist (410,
 * errors) is compared with what was known, so listeners see changes only. Keeps what `project` makes of each object
 * and nothing else. Never gives up while it runs.
 */
export class ResourceFeed<T = K8sObject, A extends Asker = Asker> {
  state: Feed = { state: 'loading' };
  /** True from the first complete list on; false again when the API refused. */
  loaded = false;
  private readonly store: FeedStore<T>;
  private readonly listeners = new Set<(change: FeedChange<T>) => void>();
  private readonly abort = new AbortController();
  /** Where a watch goes on; empty when only a list can tell. */
  private version = '';
  /** The list that is under way, or waits for the cluster to answer again. */
  private listing: PagedList | undefined;
  private attempts = 0;
  private failingSince: number | undefined;
  private gapSince: number | undefined;
  private endSleep: () => void = () => {};
  private release: () => void = () => {};
  /** Ends what is under way when the asker lost their rights. */
  private round = new AbortController();
  private verdict: ApiError | undefined;
  /** Why it may be listed and not watched. */
  private unwatched: ApiError | undefined;
  /** Whether a watch was open since the last list. */
  private hasWatched = false;

  constructor(
    readonly scope: FeedScope<A>,
    project: (object: K8sObject) => T,
    private readonly transport: ApiTransport<A>,
    private readonly clock: Clock,
    private readonly options: FeedOptions<A> = {},
  ) {
    this.store = new FeedStore(project);
  }

  /** By uid. */
  get entries() {
    return this.store.entries;
  }

  *values(): Generator<T> {
    for (const { value } of this.store.entries.values()) yield value;
  }

  start(): void {
    const { guard } = this.options;
    if (guard) {
      this.release = guard.hold({
        who: this.scope.asker,
        checks: feedChecks(this.scope),
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

  onChange(listener: (change: FeedChange<T>) => void): () => void {
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
        if (this.unwatched && (cause === this.unwatched || this.round.signal.aborted)) {
          await this.listAgain(this.unwatched);
          continue;
        }
        const error = toApiError(cause, feedPath(this.scope, {}));
        if (error.code === 410) {
          this.version = '';
          if (this.attempts++ > 0) await this.sleep(this.backoff());
        } else if (isFinal(error)) await this.refused(error);
        else await this.paused(error);
      }
    }
  }

  /** A review says no; the API itself has the last word, and the words. */
  private async confirm({ verb }: AccessCheck): Promise<void> {
    const isWatch = verb === 'watch';
    if (this.state.state === 'refused' || (isWatch && this.unwatched)) return;
    const path = feedPath(this.scope, isWatch ? { watch: 'true', timeoutSeconds: 1 } : { limit: 1 });
    const heard = new AbortController();
    try {
      const { status, body } = await this.get(path, isWatch, heard.signal);
      if (status !== 200) await readBody(status, body, path);
    } catch (cause) {
      if (!(cause instanceof ApiError) || (cause.code !== 403 && !isSignInNeeded(cause))) return;
      if (isWatch && cause.code === 403) {
        this.unwatched = cause;
        this.round.abort();
      } else this.refuse(cause);
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

  /** Goes on with the list that a pause interrupted, else begins one. */
  private async list(): Promise<void> {
    const listing = this.listing ?? this.beginList();
    if (this.state.state !== 'paused') this.showProgress(listing, NO_CHANGE);
    while (!listing.isComplete) {
      const path = feedPath(this.scope, listing.query);
      const answer = await this.get(path, false);
      const change: FeedChange<T> = { changed: [], removed: [] };
      let items = 0;
      const read = await readPage(answer.status, answer.body, path, (objects) => {
        items += objects.length;
        for (const entry of this.store.takePage(this.typed(objects)).changed) change.changed.push(entry);
      }).catch((cause: unknown) => {
        // What came of the page is there, and its readers must know.
        if (!isEmpty(change)) this.setState(this.state, change);
        throw cause;
      });
      if ('metadata' in read) {
        listing.take(read.metadata, items);
        if (!listing.isComplete) this.showProgress(listing, change);
        else this.endList(listing, change);
      } else if (listing.goOnFrom(read.token)) this.store.goOnLater();
      else {
        this.listing = this.beginList(listing.anew());
        throw read.expired;
      }
    }
  }

  private beginList(listing = new PagedList()): PagedList {
    this.listing = listing;
    this.store.beginList();
    if (this.loaded) this.gapSince ??= this.clock.now();
    return listing;
  }

  private endList({ version }: PagedList, { changed }: FeedChange<T>): void {
    const { removed } = this.store.endList();
    this.hasWatched = false;
    this.listing = undefined;
    this.version = version;
    this.loaded = true;
    this.setState(this.unwatched ? this.listedOnly(this.unwatched) : { state: 'live' }, { changed, removed });
  }

  /** Who may list and not watch keeps the rows of the last list, is told why they stand, and gets the next one in time. */
  private async listAgain(error: ApiError): Promise<void> {
    this.version = '';
    // Whoever could watch until now may have lost the list as well.
    if (this.hasWatched) return;
    if (this.state.state !== 'paused') this.setState(this.listedOnly(error));
    await this.sleep(REFUSED_RETRY_MS);
  }

  private listedOnly(error: ApiError): Feed {
    const since = this.clock.now();
    return { state: 'paused', since, retryAt: since + REFUSED_RETRY_MS, error: error.toJSON() };
  }

  private showProgress({ listed, progress }: PagedList, change: FeedChange<T>): void {
    const shown = listed > 0 ? { progress } : {};
    const state: Feed =
      this.gapSince === undefined
        ? { state: 'loading', ...shown }
        : { state: 'catching-up', since: this.gapSince, ...shown };
    if (listed === 0 && state.state === this.state.state) return;
    this.setState(state, change);
  }

  /** Items of a list of a built-in kind carry neither kind nor apiVersion. */
  private typed(objects: K8sObject[]): K8sObject[] {
    const { resource } = this.scope;
    for (const object of objects) {
      object.apiVersion ??= apiVersionOf(resource);
      object.kind ??= resource.kind;
    }
    return objects;
  }

  private async watch(): Promise<void> {
    const timeoutSeconds = WATCH_MIN_S + Math.round(WATCH_SPREAD_S * this.clock.random());
    const path = feedPath(this.scope, {
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
      if (answer.status === 403) await this.cannotWatch(answer.body, path);
      if (answer.status !== 200) await readBody(answer.status, answer.body, path);
      this.unwatched = undefined;
      this.hasWatched = true;
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

  private async cannotWatch(body: AsyncIterable<Uint8Array>, path: string): Promise<never> {
    const refusal = await readBody(403, body, path).catch((cause: unknown) => toApiError(cause, path));
    this.unwatched = toApiError(refusal, path);
    throw this.unwatched;
  }

  private take(events: WatchEvent[], path: string): void {
    const end = events.findIndex(({ type }) => type === 'ERROR');
    const good = end < 0 ? events : events.slice(0, end);
    const change = this.store.takeEvents(good);
    for (const event of good) {
      if (event.type !== 'ERROR') this.version = event.object.metadata.resourceVersion;
    }
    if (!isEmpty(change)) this.setState(this.state, change);
    if (good.length > 0) this.attempts = 0;
    const failed = end < 0 ? undefined : events[end];
    if (!failed) return;
    this.version = '';
    throw watchError(failed.object, path);
  }

  private setState(state: Feed, change: FeedChange<T> = NO_CHANGE): void {
    if (isEmpty(change) && state.state === 'live' && this.state.state === 'live') return;
    const hasRecovered =
      state.state !== 'paused' && state.state !== 'refused' && this.failingSince !== undefined;
    if (hasRecovered) this.failingSince = undefined;
    if (state.state === 'live') this.gapSince = undefined;
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
    this.unwatched = undefined;
    this.version = '';
    this.loaded = false;
    this.listing = undefined;
    this.gapSince = undefined;
    this.setState({ state: 'refused', error: error.toJSON() }, this.store.clear());
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
}
