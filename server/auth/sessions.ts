import { clearCookies, readCookie, sessionCookie, setCookies } from '@/lib/auth/cookies';
import type { KeyRing } from '@/lib/auth/key-ring';
import {
  fingerprint,
  isTicketFor,
  type SessionEnd,
  type SessionLimits,
  type Ticket,
  ticketEnd,
} from '@/lib/auth/ticket';
import { ApiError } from '@/lib/k8s/error';

const PURPOSE = 'session';
/** Tokens are renewed this long before they end, so that a request on its way does not meet the end. */
export const RENEW_BEFORE_MS = 30_000;
/** Cookies are written anew at most this often for the sake of `seenAt`, or ten times within the idle limit. */
const SEEN_EVERY_MS = 60_000;
const MAX_REMEMBERED = 10_000;
/** Parallel requests with the cookie from before a renewal get its result this long. */
const RENEWAL_KEPT_MS = 120_000;

/** Cookies as one browser sent them, and whether what is set goes back over TLS. */
export interface Browser {
  cookies: ReadonlyMap<string, string>;
  secure: boolean;
}

/** Whether a ticket was signed out elsewhere: by its user everywhere, or by the provider. */
export interface Revocations {
  isRevoked(ticket: Ticket): boolean;
}

/** Gets new tokens for a ticket from whoever gave the old ones. @throws ApiError 401 when they don't give any. */
export type RenewTicket = (ticket: Ticket) => Promise<Ticket>;

export interface SessionsOptions {
  ring: KeyRing;
  limits: () => SessionLimits;
  revocations: Revocations;
  renew: RenewTicket;
}

/** `stale`: the browser's cookie holds an older ticket of this session than the one returned. */
export type Reading = { ticket: Ticket; stale: boolean } | { end: SessionEnd } | undefined;

/**
 * Sessions, kept by the browsers: what this process remembers of them is only what makes it smoother (the newest ticket
 * of a session for its open sockets, the result of a renewal for requests that were under way), so replicas need not
 * know of each other's.
 */
export class Sessions {
  private readonly newest = new Map<string, Ticket>();
  private readonly renewals = new Map<string, { at: number; renewed: Promise<Ticket> }>();

  constructor(private readonly options: SessionsOptions) {}

  /** The session for a cluster that a browser presents; why it is over, if it was one. */
  async read({ cookies, secure }: Browser, cluster: string): Promise<Reading> {
    const sealed = readCookie(cookies, sessionCookie(cluster, secure));
    if (!sealed) return undefined;
    const opened = await this.options.ring.open(PURPOSE, sealed);
    if (!isTicketFor(cluster, opened)) return undefined;
    const ticket = this.remember(opened);
    const end = this.end(ticket);
    return end ? { end } : { ticket, stale: renewedAt(ticket) > renewedAt(opened) };
  }

  /** The newest that this process knows of a session: other requests may have renewed it. */
  current(ticket: Ticket): Ticket {
    return this.newest.get(ticket.sid) ?? ticket;
  }

  /** Why a session is over now. */
  end(ticket: Ticket): SessionEnd | undefined {
    if (this.options.revocations.isRevoked(ticket)) return 'revoked';
    return ticketEnd(ticket, this.options.limits(), Date.now());
  }

  /** The session with a token that is good for a while; renewed if that is due or `refused` is the one it has. */
  async fresh(ticket: Ticket, refused?: string): Promise<Ticket> {
    const now = this.current(ticket);
    const due = now.expiresAt !== undefined && now.expiresAt - RENEW_BEFORE_MS <= Date.now();
    const isRefused = refused !== undefined && refused === now.token;
    if (!now.refreshToken || !(due || isRefused)) return now;
    try {
      return await this.renew(now, now.refreshToken);
    } catch (cause) {
      // A provider that is away for a moment disturbs nobody whose token is still good.
      const isGood = !isRefused && now.expiresAt !== undefined && now.expiresAt > Date.now();
      if (isGood && cause instanceof ApiError && cause.code >= 500) return now;
      throw cause;
    }
  }

  /** Notes that somebody uses the session. Returns the ticket to be set again, undefined when that is not worth it. */
  touch(ticket: Ticket): Ticket | undefined {
    const now = Date.now();
    const { idleMs } = this.options.limits();
    if (now - ticket.seenAt < Math.min(SEEN_EVERY_MS, idleMs / 10)) return undefined;
    return this.remember({ ...ticket, seenAt: now });
  }

  /** Set-Cookie headers that give a browser this ticket. */
  async give(ticket: Ticket, { cookies, secure }: Browser): Promise<string[]> {
    const sealed = await this.options.ring.seal(PURPOSE, this.remember(ticket));
    const { absoluteMs } = this.options.limits();
    const maxAgeS = Math.max(1, Math.ceil((ticket.createdAt + absoluteMs - Date.now()) / 1000));
    return setCookies(sessionCookie(ticket.cluster, secure), sealed, { secure, maxAgeS }, cookies);
  }

  /** Set-Cookie headers that take the session for a cluster from a browser. */
  take(cluster: string, { cookies, secure }: Browser): string[] {
    return clearCookies(sessionCookie(cluster, secure), { secure }, cookies);
  }

  private remember(ticket: Ticket): Ticket {
    const known = this.newest.get(ticket.sid);
    const newest = known ? newer(known, ticket) : ticket;
    this.newest.delete(ticket.sid);
    this.newest.set(ticket.sid, newest);
    if (this.newest.size > MAX_REMEMBERED) {
      const [oldest] = this.newest.keys();
      if (oldest !== undefined) this.newest.delete(oldest);
    }
    return newest;
  }

  /** Providers rotate refresh tokens and end the whole session when an old one is used twice, so each is used once. */
  private renew(ticket: Ticket, refreshToken: string): Promise<Ticket> {
    const key = fingerprint(ticket.sid, refreshToken);
    const now = Date.now();
    for (const [each, { at }] of this.renewals) if (now - at > RENEWAL_KEPT_MS) this.renewals.delete(each);
    const known = this.renewals.get(key);
    if (known) return known.renewed;
    const renewed = this.options
      .renew(ticket)
      .then((next) => this.remember({ ...next, renewedAt: Math.max(Date.now(), renewedAt(ticket) + 1) }));
    this.renewals.set(key, { at: now, renewed });
    // A provider that did not answer is asked again by the next request.
    renewed.catch(() => this.renewals.delete(key));
    return renewed;
  }
}

/** The one whose tokens were got last; of the same tokens the one used last. */
function newer(a: Ticket, b: Ticket): Ticket {
  const later = renewedAt(b) > renewedAt(a) ? b : a;
  return { ...later, seenAt: Math.max(a.seenAt, b.seenAt) };
}

function renewedAt(ticket: Ticket): number {
  return ticket.renewedAt ?? ticket.createdAt;
}
