import { type Cluster, shownProblem } from '@/lib/auth/cluster';
import { endsAt, type SessionLimits } from '@/lib/auth/ticket';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { RENEW_BEFORE_MS } from './sessions';
import type { Visitor } from './visitor';

/** A cluster as this visitor sees it. */
export async function clusterInfo(
  visitor: Visitor,
  cluster: Cluster,
  limits: SessionLimits,
): Promise<ClusterInfo> {
  const { name, server, insecure } = cluster;
  const problem = shownProblem(cluster);
  const methods = cluster.methods.map(({ id, kind, label }) => ({ id, kind, ...(label ? { label } : {}) }));
  const common = { name, server, insecure, methods, ...(problem ? { problem } : {}) };
  const viewer = await visitor.viewer(name).catch(() => undefined);
  if (!viewer) return { ...common, signedIn: false };
  const session = await visitor.session(name);
  const ticket = session && 'ticket' in session ? session.ticket : undefined;
  return {
    ...common,
    signedIn: true,
    ...(viewer.user === undefined ? {} : { user: viewer.user }),
    method: viewer.method,
    ...(ticket ? { expiresAt: endsAt(ticket, limits) } : {}),
    ...(ticket?.refreshToken && ticket.expiresAt !== undefined
      ? { renewAt: ticket.expiresAt - RENEW_BEFORE_MS }
      : {}),
  };
}
