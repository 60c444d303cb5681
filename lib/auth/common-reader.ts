import type { Cluster, ReaderSettings } from './cluster';
import { ConfigurationError } from './configuration';
import { isSingleUser } from './sign-in-method';

/** Of the cluster that the console runs in, unless the configuration says otherwise. */
export const POD_READER: ReaderSettings = { serviceAccount: true };

/**
 * Clusters with the reader of their lists: their own settings, or the common ones. Where nobody signs in, everybody is
 * the same user to the cluster, and there is nothing to share by a reader.
 * @throws ConfigurationError when several clusters would get the common reader's credentials: whoever runs one of them
 * could use them at the other.
 */
export function withReader(clusters: Cluster[], common: ReaderSettings | false | undefined): Cluster[] {
  if (common === undefined) return clusters;
  const waiting = clusters.filter(
    ({ methods, reader }) => !isSingleUser(methods) && (reader === undefined || reader === POD_READER),
  );
  const servers = new Set(waiting.map(({ server }) => server));
  if (common && servers.size > 1) {
    throw new ConfigurationError(
      `The common reader would send one identity's credentials to ${servers.size} clusters ` +
        `(${waiting.map(({ name }) => name).join(', ')}). Give each of them its own.`,
    );
  }
  return clusters.map((cluster) => (waiting.includes(cluster) ? { ...cluster, reader: common } : cluster));
}
