import { ApiError } from '../api/errors';
import { type Appointment, clock } from '../clock';

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 60_000;

/** Brings one object nearer to what it should be; called again whenever something about it may have changed. */
export type Reconcile = (key: string) => void | Promise<void>;

/**
 * A work queue as Kubernetes controllers have it: keys instead of events, the same key at most once in the queue and
 * at most once in work, and failures retried with growing pauses. Nothing polls: an empty queue holds no timer.
 */
export class WorkQueue {
  private readonly due = new Map<string, { at: number; appointment: Appointment }>();
  private readonly working = new Set<string>();
  private readonly again = new Set<string>();
  private readonly failures = new Map<string, number>();
  private closed = false;

  /** `latencyMs` is the pause between an event and the work it causes, when `add` names none. */
  constructor(
    private readonly name: string,
    private readonly reconcile: Reconcile,
    private readonly latencyMs = 0,
  ) {}

  /** Asks for `key` to be looked at; an earlier appointment stands. */
  add(key: string, delayMs = this.latencyMs): void {
    if (this.closed) return;
    const at = clock.millis() + delayMs;
    const present = this.due.get(key);
    if (present && present.at <= at) return;
    present?.appointment.cancel();
    this.due.set(key, { at, appointment: clock.after(delayMs, () => this.take(key)) });
  }

  close(): void {
    this.closed = true;
    for (const { appointment } of this.due.values()) appointment.cancel();
    this.due.clear();
  }

  private take(key: string): void {
    this.due.delete(key);
    if (this.working.has(key)) {
      this.again.add(key);
      return;
    }
    this.working.add(key);
    void this.work(key);
  }

  private async work(key: string): Promise<void> {
    try {
      await this.reconcile(key);
      this.failures.delete(key);
    } catch (error) {
      this.retry(key, error);
    } finally {
      this.working.delete(key);
      if (this.again.delete(key)) this.add(key, 0);
    }
  }

  private retry(key: string, error: unknown): void {
    if (this.closed) return;
    const count = (this.failures.get(key) ?? 0) + 1;
    this.failures.set(key, count);
    if (!isNamespaceEnding(error)) console.error(`${this.name}: ${key} failed ${count} times:`, error);
    this.add(key, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (count - 1)));
  }
}

/** Nothing can be made in a namespace that is being emptied: what it was to be made for goes as well, and nobody is at fault. */
function isNamespaceEnding(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}

/** The queue's key of a namespaced object. */
export function keyFor(object: { metadata: { namespace?: string; name: string } }): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function splitKey(key: string): { namespace: string; name: string } {
  const at = key.indexOf('/');
  return { namespace: key.slice(0, at), name: key.slice(at + 1) };
}
