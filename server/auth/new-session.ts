import { randomBytes } from 'node:crypto';
import type { Cluster, CredentialHeaders } from '@/lib/auth/cluster';
import type { SignInMethod } from '@/lib/auth/sign-in-method';
import { fingerprint, type Ticket, tokenExpiry } from '@/lib/auth/ticket';
import type { Viewer } from '@/lib/auth/viewer';

/** A session that begins now. Without a token somebody else acts for its user. */
export function newTicket(cluster: Cluster, method: SignInMethod, user: string, token?: string): Ticket {
  const now = Date.now();
  const expiresAt = token === undefined ? undefined : tokenExpiry(token);
  return {
    sid: randomBytes(16).toString('base64url'),
    cluster: cluster.name,
    method: method.id,
    user,
    ...(token === undefined ? {} : { token }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    createdAt: now,
    seenAt: now,
  };
}

/** Somebody who presents a token that is nobody's session yet. */
export function tokenViewer(cluster: Cluster, method: SignInMethod, token: string): Viewer {
  return headersViewer(cluster, method, { Authorization: `Bearer ${token}` });
}

/** Somebody whom these headers make known to a cluster, and who has no session yet. */
export function headersViewer(cluster: Cluster, { id }: SignInMethod, headers: CredentialHeaders): Viewer {
  return {
    cluster,
    key: fingerprint('headers', cluster.name, JSON.stringify(headers)),
    user: undefined,
    method: id,
    credentials: async () => ({ headers, tls: cluster.trust() }),
    renew: async () => false,
  };
}
