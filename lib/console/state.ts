import type { VmFacts } from '@/lib/kinds/vm/facts';
import type { ConsoleKind } from '@/lib/paths';

/** What the watches say about the VM, as far as a console cares. */
export interface Situation {
  /**
   * `live`: the rest is true now. `paused`: the cluster or the console's own server does not answer, the rest is the
   * last known. `signed-out`: the session is over, the rest is the last known. `refused`: the API does not let the
   * user watch the VM.
   */
  feed: 'loading' | 'live' | 'paused' | 'signed-out' | 'refused';
  /** Only while paused: when the feed tries again, ms since the epoch. */
  feedRetryAt?: number;
  /** Only when refused. */
  refusal?: Refusal;
  /** Absent when there is no such VM. */
  vm?: VmFacts;
  /** status.nodeName of the VMI: a live migration ends the streams of the old node. */
  node?: string;
}

/** The server's own words, and its HTTP status (0: none). */
export interface Refusal {
  code: number;
  message: string;
  /** The connection was up, and the right to it has been taken away. */
  withdrawn?: true;
}

/** A word for what a start is waiting for, see `words.ts`. */
export type WaitsFor =
  | 'request'
  | 'schedule'
  | 'node'
  | 'guest'
  | 'storage'
  | 'image'
  | 'capacity'
  | 'crash'
  | 'lostNode'
  | 'other';

/**
 * What the viewer sees. Always exactly one of these, each with its way out (see `words.ts`).
 */
export type ConsoleState =
  | { name: 'loading' }
  /** There is no such VM. */
  | { name: 'absent' }
  /** `stopping` while the instance is still being taken down. */
  | { name: 'stopped'; stopping: boolean }
  /** `status` is KubeVirt's own word. */
  | { name: 'starting'; waitsFor: WaitsFor; status: string }
  /** The spec turns the device off; `field` says where. */
  | { name: 'no-device'; field: string }
  /** `checking`: the connection closed, and what that means is being found out. */
  | { name: 'connecting'; checking: boolean }
  | { name: 'connected' }
  /** The guest's CPUs stand still. `linked`: the screen is the true one, not the last picture. */
  | { name: 'paused'; linked: boolean }
  /** Somebody else opened this console: KubeVirt drops the older session. */
  | { name: 'taken' }
  | { name: 'refused'; refusal: Refusal }
  /** The session is over; signing in again connects anew. */
  | { name: 'signed-out' }
  /**
   * Network or server gone, or (`wasOpen` false) the connection did not come up and may later; the next try is at
   * `retryAt`, ms since the epoch.
   */
  | { name: 'lost'; wasOpen: boolean; retryAt: number; words?: string }
  | { name: 'cluster-lost'; retryAt?: number }
  /** Ended by the viewer: closed, or moved to a browser tab of its own. */
  | { name: 'closed'; detached: boolean };

export type ConsoleStateName = ConsoleState['name'];

/** spec.template.spec.domain.devices: the switch of each device, as virt-api checks it before the upgrade. */
export const DEVICE_FIELDS: Record<ConsoleKind, string> = {
  vnc: 'spec.template.spec.domain.devices.autoattachGraphicsDevice',
  serial: 'spec.template.spec.domain.devices.autoattachSerialConsole',
};
