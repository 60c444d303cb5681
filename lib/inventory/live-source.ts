import type { K8sObject } from '@/lib/k8s/object';
import { type EventObject, lastSeen } from '@/lib/kinds/event';
import type { VmRecord } from '@/lib/kinds/vm/row';
import type { VmCounts } from '@/lib/kinds/vm/status';
import { isEmpty } from './feed-store';
import type { Feed, VmGroups } from './protocol';
import type { ResourceFeed } from './resource-feed';
import type { RowsView } from './sorted-rows';

/** What a subscription shows right now. Arrays are never changed in place, so identity tells what is new. */
export interface LiveReading {
  /** False until the first list is complete, and after a refusal. */
  loaded: boolean;
  feed: Feed;
  /** The whole answer, whose version tells what is new; a session shows a window of it. */
  vms?: RowsView;
  counts?: VmCounts;
  groups?: VmGroups;
  objects?: K8sObject[];
}

/** Something a live session can show: tells that it changed, and is read when the session has time. */
export interface LiveSource {
  onChange(listener: () => void): () => void;
  read(): LiveReading;
  /** A VM that may be seen here whether or not it matches, by uid. */
  record?(uid: string): VmRecord | undefined;
}

/** All objects of a feed, read as they are. */
export class ObjectsSource implements LiveSource {
  private cached: K8sObject[] | undefined;

  /** With `newest`, only so many of the events, those that were seen last. */
  constructor(
    private readonly feed: ResourceFeed,
    private readonly newest?: number,
  ) {}

  onChange(listener: () => void): () => void {
    return this.feed.onChange((change) => {
      if (!isEmpty(change)) this.cached = undefined;
      listener();
    });
  }

  read(): LiveReading {
    this.cached ??= this.pick();
    return { loaded: this.feed.loaded, feed: this.feed.state, objects: this.cached };
  }

  private pick(): K8sObject[] {
    const all = [...this.feed.values()];
    if (this.newest === undefined || all.length <= this.newest) return all;
    // What has no times of its own counts from its creation.
    return all
      .map((object) => ({ object, last: Date.parse(lastSeen(object as EventObject)) || 0 }))
      .sort((a, b) => b.last - a.last)
      .slice(0, this.newest)
      .map(({ object }) => object);
  }
}
