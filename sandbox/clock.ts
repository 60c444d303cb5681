/** The longest delay that a timer of JavaScript takes. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface Appointment {
  cancel(): void;
}

interface Pending extends Appointment {
  dueMs: number;
  arm(): void;
}

/**
 * The cluster's time: what it writes into objects and what its controllers wait for. It runs with the machine's clock
 * and can be put forward; then everything that falls due meanwhile happens at once, in order, as on a machine that
 * wakes from sleep. A chain of waits advances by one link for each step forward.
 */
export class Clock {
  private aheadMs = 0;
  private readonly pending = new Set<Pending>();

  /** Milliseconds since 1970, as Date.now. */
  millis(): number {
    return Date.now() + this.aheadMs;
  }

  now(): Date {
    return new Date(this.millis());
  }

  /** How far the clock is ahead of the machine's. */
  get offsetMs(): number {
    return this.aheadMs;
  }

  /** Runs `work` as if it were `milliseconds` ago: what a cluster has behind it is written so. */
  ago<T>(milliseconds: number, work: (at: number) => T): T {
    const before = this.aheadMs;
    this.aheadMs = -milliseconds;
    try {
      return work(this.millis());
    } finally {
      this.aheadMs = before;
    }
  }

  /** Calls `work` once, `milliseconds` from now. A `background` appointment does not keep the process alive. */
  after(milliseconds: number, work: () => void, { background = false } = {}): Appointment {
    const dueMs = this.millis() + milliseconds;
    let timer: NodeJS.Timeout | undefined;
    const arm = () => {
      clearTimeout(timer);
      const left = dueMs - this.millis();
      timer = setTimeout(left > TIMER_MAX_MS ? arm : fire, Math.min(Math.max(0, left), TIMER_MAX_MS));
      if (background) timer.unref();
    };
    const fire = () => {
      this.pending.delete(appointment);
      work();
    };
    const appointment = {
      dueMs,
      arm,
      cancel: () => {
        clearTimeout(timer);
        this.pending.delete(appointment);
      },
    };
    this.pending.add(appointment);
    arm();
    return appointment;
  }

  /** Calls `work` every `milliseconds`, once for each step forward however long; keeps no process alive. */
  every(milliseconds: number, work: () => void): Appointment {
    let next: Appointment;
    const plan = () => {
      next = this.after(
        milliseconds,
        () => {
          plan();
          work();
        },
        { background: true },
      );
    };
    plan();
    return { cancel: () => next.cancel() };
  }

  /** Puts the clock forward. @throws RangeError for a step back: nothing that happened can be taken back. */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError('the clock only goes forward');
    this.aheadMs += milliseconds;
    for (const appointment of [...this.pending].sort((a, b) => a.dueMs - b.dueMs)) appointment.arm();
  }

  /** Back to the machine's time, for the next cluster in the same process. */
  reset(): void {
    this.aheadMs = 0;
  }
}

/** One process is one cluster, so there is one clock. */
export const clock = new Clock();
