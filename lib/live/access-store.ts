import { ACCESS_KEPT_MS, type AccessAnswer, type AccessCheck, checkKey, MAX_CHECKS } from '@/lib/k8s/access';

/** Asks the server; answers in the order of the checks. `fresh` asks past the server's own memory. */
export type AskAccess = (cluster: string, checks: AccessCheck[], fresh: boolean) => Promise<AccessAnswer[]>;

export interface AccessStoreOptions {
  ask: AskAccess;
  now?: () => number;
  /** Whether anybody looks at this page; unseen pages do not ask by themselves. */
  isVisible?: () => boolean;
}

interface Entry {
  cluster: string;
  check: AccessCheck;
  /** What shows: the last verdict, also while it is asked for again. */
  answer?: AccessAnswer;
  /** When the answer has to be asked for again, in ms since the epoch; 0 means now. */
  until: number;
  asking?: Promise<AccessAnswer> | undefined;
  watchers: number;
}

/** The checks of one tick for one cluster: one request. */
interface Batch {
  checks: AccessCheck[];
  answers: Promise<AccessAnswer[]>;
}

/** Where there is no verdict nothing is kept; what somebody looks at is asked for again after this. */
const RETRY_MS = 10_000;
/** Beyond this many, half of those that nobody looks at are dropped, oldest first. */
const MAX_ENTRIES = 5_000;

const UNKNOWN: AccessAnswer = { allowed: true, unknown: true };

/**
 * What the user may do, per cluster: the checks of one tick travel as one request, verdicts are kept for 30 s, and
 * those that somebody looks at are asked for again when they have gone stale. Where there is no verdict the answer is
 * `allowed` and `unknown`: RBAC decides.
 */
export class AccessStore {
  private readonly entries = new Map<string, Entry>();
  private readonly batches = new Map<string, Batch>();
  private readonly listeners = new Set<() => void>();
  /** Clusters to be asked past the server's memory next time. */
  private readonly fresh = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private version = 0;

  constructor(private readonly options: AccessStoreOptions) {}

  /** Changes whenever a verdict does. */
  getVersion = (): number => this.version;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The last verdict, if any; it may be stale and asked for again already. */
  known(cluster: string, check: AccessCheck): AccessAnswer | undefined {
    return this.entries.get(keyOf(cluster, check))?.answer;
  }

  may(cluster: string, check: AccessCheck): Promise<AccessAnswer> {
    const entry = this.entry(cluster, check);
    const { answer } = entry;
    return answer && !answer.unknown && entry.until > this.now() ? Promise.resolve(answer) : this.ask(entry);
  }

  /** Keeps the verdicts on these checks current until the returned function is called. */
  watch(cluster: string, checks: readonly AccessCheck[]): () => void {
    const watched = checks.map((check) => this.entry(cluster, check));
    for (const entry of watched) {
      entry.watchers += 1;
      if (entry.until <= this.now()) void this.ask(entry);
    }
    this.schedule();
    return () => {
      for (const entry of watched) entry.watchers -= 1;
    };
  }

  /** The cluster said no to something thought allowed: asks again past every memory, and shows the old meanwhile. */
  expire(cluster: string): void {
    this.forget(cluster, false);
  }

  /** Somebody else is signed in now, or nobody: nothing of before may show. */
  drop(cluster: string): void {
    this.forget(cluster, true);
    this.tell();
  }

  /** Asks for what has gone stale and is looked at. Called by a timer, and when the page comes into view. */
  refresh = (): void => {
    if (this.options.isVisible?.() === false) return;
    const now = this.now();
    for (const entry of this.entries.values()) {
      if (entry.watchers > 0 && entry.until <= now) void this.ask(entry);
    }
    this.schedule();
  };

  close(): void {
    clearTimeout(this.timer);
    this.listeners.clear();
    this.entries.clear();
  }

  private forget(cluster: string, isDropped: boolean): void {
    this.fresh.add(cluster);
    // What is being asked was asked before this, and its answer no longer counts.
    this.batches.delete(cluster);
    for (const [key, entry] of this.entries) {
      if (entry.cluster !== cluster) continue;
      entry.until = 0;
      entry.asking = undefined;
      if (isDropped) delete entry.answer;
      if (entry.watchers === 0) this.entries.delete(key);
    }
    this.refresh();
  }

  private entry(cluster: string, check: AccessCheck): Entry {
    const key = keyOf(cluster, check);
    const known = this.entries.get(key);
    if (known) return known;
    if (this.entries.size >= MAX_ENTRIES) this.sweep();
    const entry: Entry = { cluster, check, until: 0, watchers: 0 };
    this.entries.set(key, entry);
    return entry;
  }

  private sweep(): void {
    for (const [key, { watchers }] of this.entries) {
      if (watchers === 0) this.entries.delete(key);
      if (this.entries.size < MAX_ENTRIES / 2) return;
    }
  }

  private ask(entry: Entry): Promise<AccessAnswer> {
    if (entry.asking) return entry.asking;
    const batch = this.batch(entry.cluster);
    const place = batch.checks.push(entry.check) - 1;
    const asking: Promise<AccessAnswer> = batch.answers.then((answers) => {
      // Forgotten meanwhile: the newer question counts.
      if (entry.asking !== asking) return entry.asking ?? readable(answers[place]);
      return this.settle(entry, readable(answers[place]));
    });
    entry.asking = asking;
    return asking;
  }

  private batch(cluster: string): Batch {
    const open = this.batches.get(cluster);
    if (open && open.checks.length < MAX_CHECKS) return open;
    const batch: Batch = { checks: [], answers: Promise.resolve([]) };
    const isFresh = this.fresh.delete(cluster);
    batch.answers = Promise.resolve().then(() => {
      if (this.batches.get(cluster) === batch) this.batches.delete(cluster);
      return this.options.ask(cluster, batch.checks, isFresh).catch(() => []);
    });
    this.batches.set(cluster, batch);
    return batch;
  }

  private settle(entry: Entry, answer: AccessAnswer): AccessAnswer {
    const before = entry.answer;
    entry.asking = undefined;
    entry.answer = answer;
    const keptMs = answer.unknown ? RETRY_MS : Math.max(0, ACCESS_KEPT_MS - (answer.ageMs ?? 0));
    entry.until = this.now() + keptMs;
    if (before?.allowed !== answer.allowed || before.unknown !== answer.unknown) this.tell();
    this.schedule();
    return answer;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.options.isVisible?.() === false) return;
    let next = Number.POSITIVE_INFINITY;
    for (const { watchers, until, asking } of this.entries.values()) {
      if (watchers > 0 && !asking) next = Math.min(next, until);
    }
    if (next < Number.POSITIVE_INFINITY) {
      this.timer = setTimeout(this.refresh, Math.max(0, next - this.now()));
    }
  }

  private tell(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

function readable(answer: AccessAnswer | undefined): AccessAnswer {
  if (!answer) return UNKNOWN;
  return answer.unknown ? { ...answer, allowed: true } : answer;
}

function keyOf(cluster: string, check: AccessCheck): string {
  return `${cluster} ${checkKey(check)}`;
}
