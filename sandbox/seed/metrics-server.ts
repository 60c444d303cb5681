import { aggregateTo, clusterRole } from '../api/access/role-parts';
import { metricsService } from '../api/definitions';
import type { ClusterApi } from '../api/objects';
import { timestamp } from '../controllers/time';

const LABELS = { 'k8s-app': 'metrics-server' };

/** What metrics-server's manifest brings: its API, and who may read it. It has no pods: nothing here runs in them. */
export function addMetricsServer(cluster: ClusterApi, born: number): void {
  const labels = { ...LABELS, ...aggregateTo('admin'), ...aggregateTo('edit'), ...aggregateTo('view') };
  cluster.create(
    'clusterroles.rbac.authorization.k8s.io',
    clusterRole('system:aggregated-metrics-reader', { labels }, [
      { apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    ]),
  );
  cluster.create('apiservices.apiregistration.k8s.io', metricsService(timestamp(born)));
}
