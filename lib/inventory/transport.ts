import type { AccessAnswer, AccessCheck } from '@/lib/k8s/access';
import type { ApiError } from '@/lib/k8s/error';

/** On whose behalf a cluster is asked: what one asker's calls returned is shown to nobody with another key. */
export interface Asker {
  cluster: { name: string };
  key: string;
  /**
   * The console's own identity for that cluster's lists, where it has one: what it lists is shared by all who ask, and
   * each is shown what they may list themselves. It can list and watch VMs, VMIs and usage, and nothing else.
   */
  reader?: Asker;
}

/** The key of every cluster's reader; those of viewers are hashes. */
export const READER_KEY = 'reader';

/** What an asker may do; `fresh` asks past the memory of answers. @throws ApiError 401 when their session is over. */
export type May<A extends Asker = Asker> = (
  asker: A,
  check: AccessCheck,
  fresh?: boolean,
) => Promise<AccessAnswer>;

/** How the inventory reaches clusters; the server implements it over undici, tests over arrays. */
export interface ApiTransport<A extends Asker = Asker> {
  /**
   * Sends a GET to the API of the asker's cluster, with the asker's credentials. Resolves when the headers are there.
   * @throws ApiError with code 0 or 5xx when nothing answers, 401 when the asker's session is over.
   */
  get(asker: A, path: string, options: GetOptions): Promise<ApiAnswer>;
}

export interface GetOptions {
  signal: AbortSignal;
  /** A watch: the body may stay silent for minutes. */
  streaming: boolean;
}

export interface ApiAnswer {
  status: number;
  /** From a Retry-After header, in ms. */
  retryAfterMs?: number;
  body: AsyncIterable<Uint8Array>;
}

/** Something that stays open on somebody's behalf: a feed, a console, a watch through the proxy. */
export interface Standing<A extends Asker = Asker> {
  who: A;
  /** What is needed to keep it open, all of it. */
  checks: AccessCheck[];
  /** The session is over: a 401 `SignInNeeded`. */
  over(error: ApiError): void;
  /** The cluster says no to one of the checks; `reason` is the authorizer's own. */
  denied(check: AccessCheck, reason?: string): void;
}

/** Looks again and again whether what is open may still be. */
export interface Guard<A extends Asker = Asker> {
  /** The returned function ends the looks. */
  hold(standing: Standing<A>): () => void;
}

/** Time, injected so that back-off and lingering are tested without waiting. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
  /** From 0 to 1, spreads retries. */
  random(): number;
}

export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
