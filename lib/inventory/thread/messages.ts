import type { AccessAnswer, AccessCheck } from '@/lib/k8s/access';
import type { ApiErrorJson } from '@/lib/k8s/error';
import type { InventoryService } from '../inventory-service';
import type { Asker } from '../transport';
import type { CallMessage } from './calls';

/**
 * Somebody on whose behalf a cluster is asked, as the inventory's thread knows them: which viewer of the main thread they
 * are, and whose answers may be shared. Credentials stay where the network is.
 */
export interface RemoteAsker extends Asker {
  handle: number;
}

/** A viewer's handle; or a cluster's reader, which is a name on both sides. */
export type Who = number | Asker;

type Remote = InventoryService<RemoteAsker>;

/** What the main thread asks the inventory for: methods whose first argument says on whose behalf. */
export type Queries = Pick<Remote, 'firstVmWindow' | 'firstVmGroups' | 'firstObjects' | 'select'>;

export interface InventoryStats {
  watches: number;
  queries: number;
  heapBytes: number;
  /** The longest time within the last minute for which the thread did nothing else. */
  eventLoopDelayMaxMs: number;
}

/** What the inventory's thread answers. */
export type InventoryCalls = Queries & { stats: () => Promise<InventoryStats> };

/** What the main thread answers. */
// A type and not an interface: only that has the index signature that Calls asks for.
export type NetworkCalls = {
  /** Begins a GET whose body follows as `chunk`s of this stream. */
  get: (
    stream: number,
    who: Who,
    path: string,
    streaming: boolean,
  ) => Promise<{ status: number; retryAfterMs?: number }>;
  may: (handle: number, check: AccessCheck, fresh?: boolean) => Promise<AccessAnswer>;
  /** Who a socket is to a cluster. @throws ApiError 401 when nobody is signed in to it, 404 when there is none. */
  asker: (socket: number, cluster: string) => Promise<RemoteAsker>;
};

/** To the inventory's thread. */
export type ToInventory =
  | CallMessage
  | { type: 'opened'; socket: number }
  | { type: 'message'; socket: number; text: string }
  | { type: 'closed'; socket: number }
  /** How much of what was sent the network has not taken: of sockets with much, and of those that had. */
  | { type: 'buffered'; sockets: [socket: number, bytes: number][]; taken: boolean }
  | { type: 'chunk'; stream: number; bytes: Uint8Array }
  | { type: 'end'; stream: number; error?: ApiErrorJson }
  | { type: 'denied'; hold: number; check: AccessCheck; reason?: string | undefined }
  | { type: 'over'; hold: number; error: ApiErrorJson }
  | { type: 'close' };

/** One message for several sockets, as it goes over the network. */
export interface Frame {
  data: Uint8Array<ArrayBuffer>;
  to: number[];
}

/** From the inventory's thread. */
export type FromInventory =
  | CallMessage
  | { type: 'frames'; frames: Frame[] }
  | { type: 'refuse'; socket: number; reason: string }
  /** The reader took this many bytes of a stream: as many more may come. */
  | { type: 'credit'; stream: number; bytes: number }
  | { type: 'cancel'; stream: number }
  | { type: 'hold'; hold: number; handle: number; checks: AccessCheck[] }
  | { type: 'release'; hold: number };

/** An end of a channel between two threads. */
export interface Port<In, Out> {
  post(message: Out, transfer?: readonly ArrayBuffer[]): void;
  listen(listener: (message: In) => void): void;
}
