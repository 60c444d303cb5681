import { ACCESS_KEPT_MS, type AccessAnswer, type AccessCheck, checkKey } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';

/** Whoever asks: equal keys are the same user of the same cluster to its API. */
export interface Asker {
  key: string;
}

/** Puts one SelfSubjectAccessReview to the asker's cluster; rejects with an ApiError when there is no verdict. */
export type Review<Who extends Asker> = (
  who: Who,
  check: AccessCheck,
) => Promise<{ allowed: boolean; reason?: string }>;

interface Verdict {
  answer: AccessAnswer;
  askedAt: number;
}

/** What waits for one asker's turn. */
interface Line {
  running: number;
  waiting: (() => void)[];
}

export interface AccessReviewsOptions {
  now?: () => number;
  maxVerdicts?: number;
}

/** At most so many reviews of one asker run at once, and at most so many more wait. */
const AT_ONCE = 8;
const MAX_WAITING = 2_000;
const MAX_VERDICTS = 50_000;

/**
 * What people may do, as their clusters say. Verdicts are kept for 30 s per asker, equal questions that are under way
 * share one answer, and a question without a verdict is answered as `unknown` and not kept.
 */
export class AccessReviews<Who extends Asker> {
  /** In the order in which they were asked, so that the oldest stand first. */
  private readonly verdicts = new Map<string, Verdict>();
  private readonly underWay = new Map<string, Promise<AccessAnswer>>();
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly review: Review<Who>,
    private readonly options: AccessReviewsOptions = {},
  ) {}

  /** How many verdicts are remembered. */
  get size(): number {
    return this.verdicts.size;
  }

  /**
   * @param fresh asks past the memory, e.g. after the cluster refused something that was thought allowed.
   * @throws ApiError 401 when the asker's session is over, 429 when they ask for too much at once.
   */
  async may(who: Who, check: AccessCheck, fresh = false): Promise<AccessAnswer> {
    const key = `${who.key}\n${checkKey(check)}`;
    const known = this.verdicts.get(key);
    const now = this.now();
    // What was asked before a right changed, even a moment ago, must not answer what is asked after it.
    if (fresh) return this.ask(who, check, key);
    if (known && now - known.askedAt < ACCESS_KEPT_MS) {
      return { ...known.answer, ageMs: now - known.askedAt };
    }
    const running = this.underWay.get(key);
    if (running) return running;
    const asking = this.ask(who, check, key).finally(() => this.underWay.delete(key));
    this.underWay.set(key, asking);
    return asking;
  }

  /** Forgets what is known of an asker, e.g. when they sign out. */
  forget(who: Asker): void {
    for (const key of this.verdicts.keys()) {
      if (key.startsWith(`${who.key}\n`)) this.verdicts.delete(key);
    }
  }

  private async ask(who: Who, check: AccessCheck, key: string): Promise<AccessAnswer> {
    await this.turn(who);
    const askedAt = this.now();
    try {
      const { allowed, reason } = await this.review(who, check);
      const answer: AccessAnswer = { allowed, ...(reason ? { reason } : {}) };
      this.keep(key, { answer, askedAt });
      return { ...answer, ageMs: 0 };
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === 401) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      return { allowed: false, unknown: true, reason };
    } finally {
      this.next(who);
    }
  }

  private keep(key: string, verdict: Verdict): void {
    // An answer that was long on its way must not replace what was asked after it.
    if ((this.verdicts.get(key)?.askedAt ?? 0) > verdict.askedAt) return;
    this.verdicts.delete(key);
    this.verdicts.set(key, verdict);
    const { maxVerdicts = MAX_VERDICTS } = this.options;
    const stale = this.now() - ACCESS_KEPT_MS;
    for (const [oldest, { askedAt }] of this.verdicts) {
      if (askedAt > stale && this.verdicts.size <= maxVerdicts) return;
      this.verdicts.delete(oldest);
    }
  }

  private async turn({ key }: Who): Promise<void> {
    const line = this.lines.get(key) ?? { running: 0, waiting: [] };
    this.lines.set(key, line);
    if (line.running < AT_ONCE) {
      line.running += 1;
      return;
    }
    if (line.waiting.length >= MAX_WAITING) {
      const message = `More than ${MAX_WAITING} access reviews wait already.`;
      throw new ApiError(429, 'TooManyRequests', message, { method: 'POST', path: '/api/access' });
    }
    // Whoever ends hands its place on, so `running` stays as it is.
    await new Promise<void>((resolve) => line.waiting.push(resolve));
  }

  private next({ key }: Who): void {
    const line = this.lines.get(key);
    if (!line) return;
    const waiting = line.waiting.shift();
    if (waiting) waiting();
    else {
      line.running -= 1;
      if (line.running === 0) this.lines.delete(key);
    }
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}
