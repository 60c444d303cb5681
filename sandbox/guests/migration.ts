import type { Guest, GuestSpec, Hypervisor } from './hypervisor';

/** How a guest's memory goes over to its new process. */
export interface MoveOptions {
  /** Bytes per second; 0 is without limit. */
  bandwidth: number;
  /** How long the guest may stand still at the end. */
  maxDowntimeMs: number;
  /** Slows the guest down when it changes its memory faster than it can be copied. */
  autoConverge: boolean;
  /** Lets `startPostCopy` be asked for, where the host can do it. */
  postCopy: boolean;
  /** Whether the guest stands still on purpose, and is to stand still afterwards. */
  paused(): boolean;
  /**
   * Called once, when both processes have the guest and neither lets it run: makes `guest` the one that counts and that
   * a later sandbox finds. When it throws, the guest goes on in its old process.
   */
  commit(guest: Guest): Promise<void>;
}

/** What QEMU says of a migration under way; sizes in bytes. */
export interface MoveProgress {
  totalBytes: number;
  transferredBytes: number;
  remainingBytes: number;
  /** What the guest changes, per second. */
  dirtyBytesPerSecond: number;
  transferBytesPerSecond: number;
  /** How often the whole memory was gone through. */
  iterations: number;
  /** How long the guest stood still, known at the end. */
  downtimeMs?: number;
}

/** A guest on its way into another process. */
export interface GuestMove {
  readonly progress: MoveProgress;
  /**
   * The guest in its new process.
   * @throws MoveError with QEMU's words; the guest goes on where it was then, unless that process ended as well.
   */
  readonly done: Promise<Guest>;
  /** Whether the host lets memory follow a guest that runs in its new process already. */
  readonly canPostCopy: boolean;
  /** Lets the guest run in its new process at once; the rest of its memory follows. There is no way back from it. */
  startPostCopy(): Promise<void>;
  /** Has the guest stand still, so that nothing changes any more while the rest is copied; it runs again at the end. */
  hold(): Promise<void>;
  /** Gives up, unless it is too late: `done` says so. */
  cancel(): Promise<void>;
}

/** A process that waits for a guest's memory. */
export interface IncomingGuest {
  readonly spec: GuestSpec;
  begin(options: MoveOptions): GuestMove;
  /** Ends the process, if the guest has not come. */
  end(): Promise<void>;
}

/** A hypervisor whose guests are processes. Where machines are only their state nothing has to move. */
export interface MovingHypervisor extends Hypervisor {
  /**
   * Starts the process that a guest is to move into; `move` names it among the guest's moves.
   * @throws an Error with QEMU's words
   */
  receive(guest: Guest, move: string): Promise<IncomingGuest>;
}

export function movesGuests(hypervisor: Hypervisor): hypervisor is MovingHypervisor {
  return 'receive' in hypervisor;
}

/** Why a guest did not move. */
export class MoveError extends Error {
  constructor(
    message: string,
    readonly canceled = false,
  ) {
    super(message);
    this.name = 'MoveError';
  }
}
