import { createHash } from 'node:crypto';

/** What one browser's session for one cluster holds. It lives in an encrypted cookie and nowhere else. Times in ms. */
export interface Ticket {
  /** Names the session in revocations and in this process' memory; random, 128 bits. */
  sid: string;
  cluster: string;
  /** The id of the sign-in method. */
  method: string;
  /** As the cluster calls its user. */
  user: string;
  /** Sent to the API as a bearer token. */
  token?: string;
  /** When the token ends, if it says so. */
  expiresAt?: number;
  refreshToken?: string;
  /** For the provider's sign-out, where it is not the token itself. */
  idToken?: string;
  issuer?: string;
  subject?: string;
  /** The provider's own id of its session (`sid` of the ID token). */
  providerSid?: string;
  /** With impersonation: as whom the service account acts. */
  impersonate?: Impersonation;
  createdAt: number;
  /** When its tokens were got, if not at the beginning. */
  renewedAt?: number;
  seenAt: number;
}

export interface Impersonation {
  user: string;
  uid?: string;
  groups: string[];
  extra: Record<string, string[]>;
}

export interface SessionLimits {
  /** A session that nobody uses ends after this. */
  idleMs: number;
  /** A session ends after this, however much it is used. */
  absoluteMs: number;
}

export const DEFAULT_LIMITS: SessionLimits = { idleMs: 60 * 60 * 1000, absoluteMs: 12 * 60 * 60 * 1000 };

/** Why a session is over, in the order in which it is looked for. */
export type SessionEnd = 'absolute' | 'idle' | 'token' | 'revoked';

/** Why this ticket is not good any more at `now`; undefined while it is. A token that can be renewed does not count. */
export function ticketEnd(ticket: Ticket, limits: SessionLimits, now: number): SessionEnd | undefined {
  if (now >= ticket.createdAt + limits.absoluteMs) return 'absolute';
  if (now >= ticket.seenAt + limits.idleMs) return 'idle';
  if (ticket.expiresAt !== undefined && now >= ticket.expiresAt && !ticket.refreshToken) return 'token';
  return undefined;
}

/** When the session ends at the latest if nobody does anything, in ms since the epoch. */
export function endsAt(ticket: Ticket, { idleMs, absoluteMs }: SessionLimits): number {
  const token = ticket.refreshToken ? undefined : ticket.expiresAt;
  return Math.min(ticket.createdAt + absoluteMs, ticket.seenAt + idleMs, token ?? Number.POSITIVE_INFINITY);
}

/** Whether what a cookie held is a ticket for this cluster: old versions and other clusters' are none. */
export function isTicketFor(cluster: string, value: unknown): value is Ticket {
  if (typeof value !== 'object' || value === null) return false;
  const ticket = value as Partial<Ticket>;
  return (
    ticket.cluster === cluster &&
    typeof ticket.sid === 'string' &&
    typeof ticket.method === 'string' &&
    typeof ticket.user === 'string' &&
    typeof ticket.createdAt === 'number' &&
    typeof ticket.seenAt === 'number'
  );
}

/** The `exp` of a JWT in ms, unverified: the cluster verifies, this only tells when to ask again. */
export function tokenExpiry(token: string): number | undefined {
  const payload = token.split('.')[1];
  if (!payload) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** A fingerprint that tells one credential from another and gives none of it away. */
export function fingerprint(...parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('base64url').slice(0, 22);
}
