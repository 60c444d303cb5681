import type { K8sObject } from '@/lib/k8s/object';
import type { WatchEvent } from './watch-events';

/** What is kept of an object: what the reader makes of it, and which version it was made from. */
export interface Entry<T> {
  readonly uid: string;
  readonly version: string;
  readonly value: T;
}

/** What changed since the last call; both empty when only the state did. `removed` holds what was known last. */
export interface FeedChange<T> {
  changed: Entry<T>[];
  removed: Entry<T>[];
}

/** Versions that were replaced are remembered this far back. */
const MAX_REPLACED = 2_000;

/**
 * The entries of one feed, as lists and events tell them. Versions are never ordered (they are opaque to clients): what
 * is old is a version that was here and has been replaced. A proxy that repeats events changes nothing, and an API that
 * tells history again in its order ends where it stands now.
 */
export class FeedStore<T> {
  /** By uid. An entry is never changed in place. */
  readonly entries = new Map<string, Entry<T>>();
  /** While a list goes on: what was known before it and has not been seen in it. */
  private readonly unseen = new Set<string>();
  private readonly replaced = new Set<string>();
  /** After a list of several states: what events told since. The others may be ahead of the events that come next. */
  private toldSince: Set<string> | undefined;

  /** `project` makes what is kept of an object; everything else of it is dropped at once. */
  constructor(private readonly project: (object: K8sObject) => T) {}

  beginList(): void {
    // What a list says is true whatever was said before, even if a cluster was restored to an earlier state.
    this.replaced.clear();
    this.toldSince = undefined;
    this.unseen.clear();
    for (const uid of this.entries.keys()) this.unseen.add(uid);
  }

  takePage(objects: K8sObject[]): FeedChange<T> {
    const changed: Entry<T>[] = [];
    for (const object of objects) {
      const { uid, resourceVersion } = object.metadata;
      this.unseen.delete(uid);
      if (this.entries.get(uid)?.version !== resourceVersion) changed.push(this.put(object));
    }
    return { changed, removed: [] };
  }

  /** The rest of the list is of a later state than its beginning, where the watch will begin. */
  goOnLater(): void {
    this.toldSince ??= new Set();
  }

  /** The list is complete: what was not in it is gone. */
  endList(): FeedChange<T> {
    const removed = [...this.unseen].flatMap((uid) => this.entries.get(uid) ?? []);
    for (const { uid } of removed) this.entries.delete(uid);
    this.unseen.clear();
    return { changed: [], removed };
  }

  /** Several events as one change. Bookmarks and errors are none of its business. */
  takeEvents(events: WatchEvent[]): FeedChange<T> {
    const before = new Map<string, Entry<T> | undefined>();
    for (const event of events) {
      if (event.type === 'BOOKMARK' || event.type === 'ERROR') continue;
      const { uid, resourceVersion } = event.object.metadata;
      const known = this.entries.get(uid);
      if (event.type !== 'DELETED' && this.isOld(uid, resourceVersion, known)) continue;
      if (!before.has(uid)) before.set(uid, known);
      if (known && (this.toldSince?.has(uid) ?? true)) this.remember(known);
      this.toldSince?.add(uid);
      if (event.type !== 'DELETED') this.put(event.object);
      else if (this.entries.delete(uid) && known?.version !== resourceVersion) {
        this.remember({ uid, version: resourceVersion });
      }
    }
    const changed: Entry<T>[] = [];
    const removed: Entry<T>[] = [];
    for (const [uid, was] of before) {
      const now = this.entries.get(uid);
      if (now) changed.push(now);
      else if (was) removed.push(was);
    }
    return { changed, removed };
  }

  clear(): FeedChange<T> {
    const removed = [...this.entries.values()];
    this.entries.clear();
    this.unseen.clear();
    this.replaced.clear();
    return { changed: [], removed };
  }

  private put(object: K8sObject): Entry<T> {
    const { uid, resourceVersion: version } = object.metadata;
    const entry = { uid, version, value: this.project(object) };
    this.entries.set(uid, entry);
    return entry;
  }

  private isOld(uid: string, version: string, known: Entry<T> | undefined): boolean {
    return known?.version === version || this.replaced.has(`${uid} ${version}`);
  }

  private remember({ uid, version }: Pick<Entry<T>, 'uid' | 'version'>): void {
    this.replaced.add(`${uid} ${version}`);
    if (this.replaced.size <= MAX_REPLACED) return;
    const [oldest = ''] = this.replaced;
    this.replaced.delete(oldest);
  }
}

export function isEmpty({ changed, removed }: FeedChange<unknown>): boolean {
  return changed.length === 0 && removed.length === 0;
}
