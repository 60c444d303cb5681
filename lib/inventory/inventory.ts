import type { K8sObject } from '@/lib/k8s/object';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { Feed, Subscription, VmGroups } from './protocol';

/** A cluster as the person who asks sees it. */
export interface ClusterInfo {
  name: string;
  server: string;
  /** The kubeconfig or the configuration switches the check of the server's certificate off. */
  insecure: boolean;
  /** Why it cannot be used as configured, in a sentence. */
  problem?: string;
  /** Whether calls to it carry somebody's credentials: a session's, or the kubeconfig's own. */
  signedIn: boolean;
  /** As the cluster calls whoever is signed in; with a kubeconfig, as that calls its user. */
  user?: string;
  /** The id of the method that was used. */
  method?: string;
  /** When the session ends if nothing is done, in ms since the epoch; absent where it does not. */
  expiresAt?: number;
  /** When its token is due to be renewed, in ms since the epoch; absent where that is not needed or not possible. */
  renewAt?: number;
  /** How one signs in, in the order in which that is offered. */
  methods: { id: string; kind: 'kubeconfig' | 'token' | 'oidc' | 'openshift' | 'proxy'; label?: string }[];
}

export interface VmWindow {
  /** The first rows that match, in order; at most FIRST_WINDOW_ROWS. */
  rows: VmRow[];
  total: number;
  feed: Feed;
}

/** A page renders this many rows into its HTML; the rest arrives over the live socket. */
export const FIRST_WINDOW_ROWS = 50;

/** What server components read for the first paint, for the person whose request is being answered. */
export interface InventoryReader {
  /** The current context's cluster first. */
  listClusters(): Promise<ClusterInfo[]>;
  /** Resolves as soon as there are rows or a refusal, and after about 300 ms with what there is. */
  firstVmWindow(cluster: string, query: VmQuery): Promise<VmWindow>;
  /** The counts of a `vm-groups` subscription; undefined while nothing is known or nothing may be seen. */
  firstVmGroups(
    cluster: string,
    subscription: Omit<Extract<Subscription, { kind: 'vm-groups' }>, 'kind'>,
  ): Promise<{ groups: VmGroups | undefined; feed: Feed }>;
  /** The same for objects of any kind. */
  firstObjects(
    cluster: string,
    subscription: Omit<Extract<Subscription, { kind: 'objects' }>, 'kind'>,
  ): Promise<{ objects: K8sObject[]; feed: Feed }>;
}

// The server and Next's bundles each load their own copy of every module; the global object is what they share.
const KEY = Symbol.for('portlight.inventory');

/** @throws when the page does not run inside Portlight's server, e.g. under a plain `next start`. */
export function readInventory(): InventoryReader {
  const inventory = (globalThis as Record<symbol, unknown>)[KEY];
  if (!inventory) throw new Error('There is no inventory: start Portlight with `npm start`, not with Next.');
  return inventory as InventoryReader;
}

export function publishInventory(inventory: InventoryReader): void {
  (globalThis as Record<symbol, unknown>)[KEY] = inventory;
}
