import type { K8sObject } from '@/lib/k8s/object';
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

  constructor(private readonly feed: ResourceFeed) {}

  onChange(listener: () => void): () => void {
    return this.feed.onChange((change) => {
      if (!isEmpty(change)) this.cached = undefined;
      listener();
    });
  }

  read(): LiveReading {
    this.cached ??= [...this.feed.values()];
    return { loaded: this.feed.loaded, feed: this.feed.state, objects: this.cached };
  }
}
