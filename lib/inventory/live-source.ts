import type { K8sObject } from '@/lib/k8s/object';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { VmCounts } from '@/lib/kinds/vm/status';
import type { Feed } from './protocol';
import type { FeedChange, ResourceFeed } from './resource-feed';

/** What a subscription shows right now. Arrays are never changed in place, so identity tells what is new. */
export interface LiveReading {
  /** False until the first list is complete, and after a refusal. */
  loaded: boolean;
  feed: Feed;
  vms?: VmRow[];
  /** How many rows match in all, where `vms` has only the first of them. */
  total?: number;
  counts?: VmCounts;
  objects?: K8sObject[];
}

/** Something a live session can show: tells that it changed, and is read when the session has time. */
export interface LiveSource {
  onChange(listener: () => void): () => void;
  read(): LiveReading;
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
    this.cached ??= [...this.feed.objects.values()];
    return { loaded: this.feed.loaded, feed: this.feed.state, objects: this.cached };
  }
}

export function isEmpty(change: FeedChange): boolean {
  return change.changed.length === 0 && change.removed.length === 0;
}
