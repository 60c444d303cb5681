import { randomBytes } from 'node:crypto';
import type { Cluster } from '@/lib/auth/cluster';
import type { SignInMethod } from '@/lib/auth/sign-in-method';
import { fingerprint, type Ticket, tokenExpiry } from '@/lib/auth/ticket';
import type { Viewer } from '@/lib/auth/viewer';

/** A session that begins now. */
export function newTicket(cluster: Cluster, method: SignInMethod, user: string, token: string): Ticket {
  const now = Date.now();
  const expiresAt = tokenExpiry(token);
  return {
    sid: randomBytes(16).toString('base64url'),
    cluster: cluster.name,
    method: method.id,
    user,
    token,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    createdAt: now,
    seenAt: now,
  };
}

/** Somebody who presents a token that is nobody's session yet. */
export function tokenViewer(cluster: Cluster, { id }: SignInMethod, token: string): Viewer {
  return {
    cluster,
    key: fingerprint('token', cluster.name, token),
    user: undefined,
    method: id,
    credentials: async () => ({ headers: { Authorization: `Bearer ${token}` }, tls: cluster.trust() }),
    renew: async () => false,
  };
}
