import { clock } from '../../clock';
import type { Guest, Hypervisor } from '../../guests/hypervisor';
import {
  type GuestMove,
  type IncomingGuest,
  type MoveOptions,
  type MoveProgress,
  movesGuests,
} from '../../guests/migration';

/** One migration of a guest that is a process. */
interface Move {
  guest: Guest;
  incoming: IncomingGuest;
  /** Once memory flows. */
  under?: GuestMove;
  began: number;
  /** The least that was ever left to copy, and when. */
  watermark: number;
  lastProgress: number;
  outcome?: Outcome;
}

export type Outcome = { arrived: true } | { arrived: false; canceled: boolean; message: string };

/** How a migration goes; `stuckMs` since less was left than ever before. */
export interface MoveState {
  elapsedMs: number;
  stuckMs: number;
  progress: MoveProgress;
  canPostCopy: boolean;
  outcome: Outcome | undefined;
}

/** The guests that are under way from one process to another, by the uid of their migration. */
export class GuestMoves {
  private readonly moves = new Map<string, Move>();

  constructor(private readonly hypervisor: Hypervisor) {}

  /** Whether there are processes at all; machines that are only their state need none. */
  get real(): boolean {
    return movesGuests(this.hypervisor);
  }

  /** Starts the process that waits for the guest, unless it is there. @throws an Error with QEMU's words */
  async receive(uid: string, guest: Guest): Promise<void> {
    if (this.moves.has(uid) || !movesGuests(this.hypervisor)) return;
    const incoming = await this.hypervisor.receive(guest, uid);
    const began = clock.millis();
    const least = Number.POSITIVE_INFINITY;
    this.moves.set(uid, { guest, incoming, began, watermark: least, lastProgress: began });
  }

  /** Lets memory flow; `onEnd` is called when it has come to an end, whichever. */
  begin(uid: string, options: MoveOptions, onEnd: () => void): void {
    const move = this.moves.get(uid);
    if (!move || move.under) return;
    const under = move.incoming.begin(options);
    move.under = under;
    move.began = clock.millis();
    move.lastProgress = move.began;
    const end = (outcome: Outcome) => {
      move.outcome = outcome;
      onEnd();
    };
    under.done.then(
      () => end({ arrived: true }),
      (error: Error & { canceled?: boolean }) =>
        end({ arrived: false, canceled: error.canceled === true, message: error.message }),
    );
  }

  /** Undefined for a migration that never began here. */
  look(uid: string): MoveState | undefined {
    const move = this.moves.get(uid);
    if (!move?.under) return undefined;
    const { progress, canPostCopy } = move.under;
    const now = clock.millis();
    if (progress.totalBytes > 0 && progress.remainingBytes < move.watermark) {
      move.watermark = progress.remainingBytes;
      move.lastProgress = now;
    }
    const { outcome } = move;
    return {
      elapsedMs: now - move.began,
      stuckMs: now - move.lastProgress,
      progress,
      canPostCopy,
      outcome,
    };
  }

  async assist(uid: string, mode: 'PostCopy' | 'Paused'): Promise<void> {
    const under = this.moves.get(uid)?.under;
    await (mode === 'PostCopy' ? under?.startPostCopy() : under?.hold());
  }

  /** Gives up: what has begun says so by its outcome, what has not is forgotten. */
  async cancel(uid: string): Promise<void> {
    const move = this.moves.get(uid);
    if (move?.under) await move.under.cancel();
    else await this.forget(uid);
  }

  /** The migration has ended, for better or worse: a guest that has not arrived stays where it is. */
  async forget(uid: string): Promise<void> {
    const move = this.moves.get(uid);
    this.moves.delete(uid);
    await move?.under?.cancel();
    await move?.incoming.end();
  }

  /** The process that waits for the guest dies. */
  async loseTarget(uid: string): Promise<void> {
    await this.moves.get(uid)?.incoming.end();
  }
}
