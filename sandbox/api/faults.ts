import { setTimeout as delay } from 'node:timers/promises';
import type { Reply } from './api-call';
import { ApiError } from './errors';

/** Something that is to go wrong with requests, until it has struck often enough or is taken away. */
export interface Fault {
  /** A regular expression over the path with its query; without it every request is meant, watches and upgrades too. */
  path?: string;
  methods?: string[];
  /** The answer waits this long. */
  delayMs?: number;
  /** The answer is this code instead of what was asked for; nothing is carried out. */
  status?: number;
  /** The message of the Status that `status` comes with. */
  message?: string;
  /** The Retry-After header of `status`, in seconds. */
  retryAfterSeconds?: number;
  /** The connection ends without an answer; nothing is carried out. */
  hangUp?: boolean;
  /** Only each n-th request that matches is struck. */
  every?: number;
  /** Struck so many requests, the fault is over. */
  times?: number;
}

export interface ActiveFault extends Fault {
  id: number;
  /** How many requests it has struck. */
  struck: number;
}

const REASONS: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

interface Entry {
  fault: ActiveFault;
  pattern: RegExp | undefined;
  matched: number;
}

/** What is to go wrong at the API server; empty unless somebody steers it. */
export class Faults {
  private readonly entries = new Map<number, Entry>();
  private lastId = 0;

  get active(): ActiveFault[] {
    return [...this.entries.values()].map(({ fault }) => fault);
  }

  /** @throws SyntaxError for a path that is no regular expression. */
  add(fault: Fault): ActiveFault {
    const pattern = fault.path === undefined ? undefined : new RegExp(fault.path);
    this.lastId += 1;
    const active = { ...fault, id: this.lastId, struck: 0 };
    this.entries.set(active.id, { fault: active, pattern, matched: 0 });
    return active;
  }

  /** False when there is no such fault (any more). */
  remove(id: number): boolean {
    return this.entries.delete(id);
  }

  clear(): void {
    this.entries.clear();
  }

  /** What is wrong with a request: waits, and says what to answer; undefined when the request goes its way. */
  async strike(method: string, url: string): Promise<Reply | 'hang up' | undefined> {
    for (const entry of [...this.entries.values()]) {
      if (!this.hits(entry, method, url)) continue;
      const { fault } = entry;
      if (fault.delayMs) await delay(fault.delayMs);
      if (fault.hangUp) return 'hang up';
      if (fault.status !== undefined) return refusal(fault.status, fault);
    }
    return undefined;
  }

  private hits(entry: Entry, method: string, url: string): boolean {
    const { fault, pattern } = entry;
    if (fault.methods && !fault.methods.includes(method)) return false;
    if (pattern && !pattern.test(url)) return false;
    entry.matched += 1;
    if (entry.matched % (fault.every ?? 1) !== 0) return false;
    fault.struck += 1;
    if (fault.struck >= (fault.times ?? Number.POSITIVE_INFINITY)) this.entries.delete(fault.id);
    return true;
  }
}

function refusal(code: number, { message, retryAfterSeconds }: Fault): Reply {
  const wait: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
  if (code === 429 && message === undefined) {
    // API priority and fairness answers before anything knows Status objects: tooManyRequests of the apiserver's filters.
    const body = 'Too many requests, please try again later.\n';
    const headers = { 'Retry-After': '1', ...wait };
    return { status: 429, body, contentType: 'text/plain; charset=utf-8', headers };
  }
  const text =
    message ?? (code === 500 ? 'Internal error occurred: a fault was asked for' : 'a fault was asked for');
  const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
  const { status } = new ApiError(code, REASONS[code] ?? 'Unknown', text, details);
  return { status: code, body: status, headers: wait };
}
