import type { Cluster } from './cluster';
import { ConfigurationError } from './configuration';
import type { ImpersonationSettings } from './impersonation';
import { impersonates } from './sign-in-method';

/**
 * Clusters with what their ways to sign in need to impersonate: their own settings, or the common ones.
 * @throws ConfigurationError when several clusters would get the common service account's token: whoever runs one of
 * them could use it at the other.
 */
export function withImpersonation(clusters: Cluster[], common: ImpersonationSettings | undefined): Cluster[] {
  const waiting = clusters.filter(
    ({ methods, impersonation }) => methods.some(impersonates) && !impersonation,
  );
  const servers = new Set(waiting.map(({ server }) => server));
  if (common && servers.size > 1) {
    throw new ConfigurationError(
      `The common impersonation would send one service account's token to ${servers.size} clusters ` +
        `(${waiting.map(({ name }) => name).join(', ')}). Give each of them its own.`,
    );
  }
  return clusters.map((cluster) => {
    if (!waiting.includes(cluster)) return cluster;
    if (common) return { ...cluster, impersonation: common };
    const method = cluster.methods.find(impersonates);
    const problem = `The way to sign in ${method?.id} impersonates, and ${cluster.name} has no impersonation settings.`;
    return { ...cluster, problem: cluster.problem ?? problem };
  });
}
