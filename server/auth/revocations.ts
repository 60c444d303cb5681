import type { Ticket } from '@/lib/auth/ticket';

/** What is over: one session; everything of a user at a cluster, or of a provider's subject or session, before a moment. */
export type Revocation = { until: number } & (
  | { sid: string }
  | { cluster: string; user: string; before: number }
  | { issuer: string; subject?: string; providerSid?: string; before: number }
);

const MAX_ENTRIES = 50_000;

/**
 * Sessions that were signed out before their time. Kept in memory until they would have ended anyway: the only thing
 * about sessions that a replica has to be told.
 */
export class RevocationList {
  private entries: Revocation[] = [];
  private readonly listeners = new Set<(entry: Revocation) => void>();

  add(entry: Revocation): void {
    const now = Date.now();
    this.entries = [...this.entries.filter(({ until }) => until > now), entry].slice(-MAX_ENTRIES);
    for (const listener of [...this.listeners]) listener(entry);
  }

  /** Told of every revocation, also of those that other replicas sent. */
  onAdd(listener: (entry: Revocation) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  isRevoked(ticket: Ticket): boolean {
    return this.entries.some((entry) => concerns(entry, ticket));
  }

  list(): readonly Revocation[] {
    return this.entries;
  }
}

function concerns(entry: Revocation, ticket: Ticket): boolean {
  if ('sid' in entry) return entry.sid === ticket.sid;
  if (ticket.createdAt > entry.before) return false;
  if ('user' in entry) return entry.cluster === ticket.cluster && entry.user === ticket.user;
  if (entry.issuer !== ticket.issuer) return false;
  if (entry.providerSid !== undefined) return entry.providerSid === ticket.providerSid;
  return entry.subject !== undefined && entry.subject === ticket.subject;
}
