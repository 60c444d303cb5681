const MAX_KEYS = 20_000;

export interface Rate {
  /** How many at once. */
  burst: number;
  /** How many more each second. */
  perSecond: number;
}

interface Bucket {
  tokens: number;
  /** When `tokens` was right (ms). */
  at: number;
}

/**
 * Token buckets by any key (an address, an account). The memory is bounded: when there are too many keys, those that
 * were quiet longest are forgotten first.
 */
export class RateLimit {
  /** In the order of their last use. */
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly rate: Rate,
    private readonly maxKeys = MAX_KEYS,
    private readonly now: () => number = Date.now,
  ) {}

  get size(): number {
    return this.buckets.size;
  }

  /** Takes one; 0 when there was one, else the whole seconds after which there is one again (for Retry-After). */
  take(key: string): number {
    const bucket = this.read(key);
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size > this.maxKeys) this.forgetOne();
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / this.rate.perSecond));
  }

  /** What was taken turned out to be no attempt against anything, such as a sign-in that succeeded. */
  giveBack(key: string): void {
    const bucket = this.buckets.get(key);
    if (bucket) bucket.tokens = Math.min(this.rate.burst, bucket.tokens + 1);
  }

  private read(key: string): Bucket {
    const now = this.now();
    const known = this.buckets.get(key) ?? { tokens: this.rate.burst, at: now };
    // A clock that was set back gives nothing and takes nothing.
    const gained = (Math.max(0, now - known.at) / 1_000) * this.rate.perSecond;
    return { tokens: Math.min(this.rate.burst, known.tokens + gained), at: now };
  }

  private forgetOne(): void {
    for (const key of this.buckets.keys()) {
      this.buckets.delete(key);
      return;
    }
  }
}
