import type { ApiErrorJson } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { VmCounts } from '@/lib/kinds/vm/status';

/**
 * What travels over `/api/live`, as JSON text frames. One socket per browser tab carries all its subscriptions;
 * ids are the client's own. After (re)connecting, a client subscribes anew and gets a snapshot.
 */
export type ClientMessage =
  | { type: 'subscribe'; id: string; cluster: string; subscription: Subscription }
  | { type: 'unsubscribe'; id: string };

export type Subscription =
  /**
   * The rows of the VM list that match, in order; at most `limit` of them travel, all are counted. `known`: namespaces to
   * look into as well where the whole cluster may not be listed and nobody says which namespaces there are.
   */
  | { kind: 'vms'; query: VmQuery; limit?: number; known?: string[] }
  /** How many VMs there are of each tone, and no rows. */
  | { kind: 'vm-counts'; known?: string[] }
  /** Whole objects (managedFields stripped): an object by `fieldSelector: metadata.name=x`, its events, its pod. */
  | {
      kind: 'objects';
      resource: Resource;
      namespace?: string;
      labelSelector?: string;
      fieldSelector?: string;
    };

export type ServerMessage =
  | { type: 'vms'; id: string; total: number; rows: VmRow[] }
  /** Changes since the last message. `order` is present when the order or the membership changed: uids of all rows. */
  | { type: 'vms-delta'; id: string; total: number; upserts: VmRow[]; order?: string[] }
  | { type: 'vm-counts'; id: string; counts: VmCounts }
  | { type: 'objects'; id: string; objects: K8sObject[] }
  | { type: 'objects-delta'; id: string; upserts: K8sObject[]; removes: string[] }
  /** The state of what feeds a subscription. `live` follows a snapshot; old rows stay valid as "last known" while paused. */
  | { type: 'feed'; id: string; feed: Feed };

export type Feed =
  /** `only`: the whole cluster may not be listed, and this is what is shown of it. */
  | { state: 'live'; only?: OnlyNamespaces }
  | { state: 'loading' }
  /** The cluster does not answer or closed the watch: since when (ms since the epoch), and when the next try is. */
  | { state: 'paused'; since: number; retryAt: number; error: ApiErrorJson }
  /**
   * The API refused for good (403, 404 of the resource): shown instead of rows, which are gone. Or the session is over
   * (401 `SignInNeeded`): no rows come any more, and those that are shown stay as "last known".
   */
  | { state: 'refused'; error: ApiErrorJson };

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
