import type { ApiErrorJson } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import type { VmDimension, VmGroup } from '@/lib/kinds/vm/dimensions';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { VmCounts } from '@/lib/kinds/vm/status';

/**
 * What travels over `/api/live`, as JSON text frames. One socket per browser tab carries all its subscriptions;
 * ids are the client's own. After (re)connecting, a client subscribes anew and gets a snapshot.
 */
export type ClientMessage =
  | { type: 'subscribe'; id: string; cluster: string; subscription: Subscription }
  | { type: 'unsubscribe'; id: string }
  /**
   * Moves the window of an open `vms` subscription. With `hold` the same rows stay at the same places, and still change,
   * until a move without it: nothing may slip away under a pointer.
   */
  | { type: 'window'; id: string; window: Window; hold?: boolean };

/** A stretch of an answer, from 0; at most MAX_WINDOW rows. */
export interface Window {
  from: number;
  count: number;
}

export const MAX_WINDOW = 500;
/** What a `vms` subscription without a window shows. */
export const DEFAULT_WINDOW: Window = { from: 0, count: 100 };
/** What `newest` of an `objects` subscription may be at most. */
export const MAX_NEWEST = 100;
/** Named VMs of one `vm-rows` subscription. */
export const MAX_NAMED = 500;
/** Values of a dimension that travel when a `vm-groups` subscription does not say how many, and at most. */
export const DEFAULT_GROUPS = 100;
export const MAX_GROUPS = 1_000;
export const MAX_DIMENSIONS = 20;

/** The answer to a `vm-groups` subscription. */
export interface VmGroups {
  /** Everything that matches, taken together. */
  all: VmGroup;
  /** For each dimension the values with most VMs, largest first, and how many values were left out. */
  groups: Partial<Record<VmDimension, { groups: VmGroup[]; more: number }>>;
}

export type Subscription =
  /**
   * A window of the VMs that match, in order; all are counted. `known`: namespaces to look into as well where the whole
   * cluster may not be listed and nobody says which namespaces there are.
   */
  | { kind: 'vms'; query: VmQuery; window?: Window; known?: string[] }
  /** The VMs of these names (`namespace/name`), as far as they exist and may be seen. */
  | { kind: 'vm-rows'; vms: string[] }
  /** How many match for each value of these dimensions. */
  | { kind: 'vm-groups'; query: VmQuery; by: VmDimension[]; limit?: number; known?: string[] }
  /** How many VMs there are of each tone, and no rows. */
  | { kind: 'vm-counts'; known?: string[] }
  /** Whole objects (managedFields stripped): an object by `fieldSelector: metadata.name=x`, its events, its pod. */
  | {
      kind: 'objects';
      resource: Resource;
      namespace?: string;
      labelSelector?: string;
      fieldSelector?: string;
      /** Of events, only so many: those that were seen last. */
      newest?: number;
    };

export type ServerMessage =
  | { type: 'vms'; id: string; total: number; from: number; rows: VmRow[] }
  /**
   * Changes since the last message. `order` is present when the order or the membership of the window changed: the uids
   * of all its rows. `moved`: the window is held, and the answer's order is another one by now.
   */
  | {
      type: 'vms-delta';
      id: string;
      total: number;
      from: number;
      upserts: VmRow[];
      order?: string[];
      moved?: boolean;
    }
  | ({ type: 'vm-groups'; id: string } & VmGroups)
  | { type: 'vm-counts'; id: string; counts: VmCounts }
  | { type: 'objects'; id: string; objects: K8sObject[] }
  | { type: 'objects-delta'; id: string; upserts: K8sObject[]; removes: string[] }
  /** The state of what feeds a subscription. `live` follows a snapshot; old rows stay valid as "last known" while paused. */
  | { type: 'feed'; id: string; feed: Feed };

export type Feed =
  /** `only`: the whole cluster may not be listed, and this is what is shown of it. */
  | { state: 'live'; only?: OnlyNamespaces }
  /** The first list is under way; rows that came already are shown. */
  | { state: 'loading'; progress?: ListProgress }
  /** There was a gap (the watch's version is gone): all is listed again, and rows are the last known meanwhile. */
  | { state: 'catching-up'; since: number; progress?: ListProgress }
  /** The cluster does not answer or closed the watch: since when (ms since the epoch), and when the next try is. */
  | { state: 'paused'; since: number; retryAt: number; error: ApiErrorJson }
  /**
   * The API refused for good (403, 404 of the resource): shown instead of rows, which are gone. Or the session is over
   * (401 `SignInNeeded`): no rows come any more, and those that are shown stay as "last known".
   */
  | { state: 'refused'; error: ApiErrorJson };

/** Of a list that comes in pages. */
export interface ListProgress {
  listed: number;
  /** All that there are, where the API says so. */
  of?: number;
}

export interface OnlyNamespaces {
  /** Those that are shown. */
  namespaces: string[];
  /** Those that were asked for, or shown before, and are forbidden. */
  denied: string[];
}

/** Whether a feed ended because nobody is signed in (any more): what was shown before may stay. */
export function isSessionOver(feed: Feed): boolean {
  return feed.state === 'refused' && isSignInNeeded(feed.error);
}
