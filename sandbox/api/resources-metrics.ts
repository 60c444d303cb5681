import { at, list, text } from './print-values';
import { column, type ResourceType, resourceType } from './resource-type';

const METRICS = { group: 'metrics.k8s.io', version: 'v1beta1' };
/** The APIService that leads to metrics-server. */
export const METRICS_SERVICE = `${METRICS.version}.${METRICS.group}`;

const podSum = (name: string) => (metrics: unknown) => {
  const amounts = list(at(metrics, 'containers')).map((container) => text(at(container, 'usage', name), '0'));
  // Launchers have one container that runs, so there is nothing to add up.
  return amounts[0] ?? '0';
};
const windowColumn = column('Window', ({ window }) => text(window), { format: 'duration' });

/** What metrics-server serves. Its columns are called after the resources, in small letters. */
export const METRICS_RESOURCES: ResourceType[] = [
  resourceType({
    ...METRICS,
    plural: 'nodes',
    kind: 'NodeMetrics',
    singular: '',
    namespaced: false,
    verbs: ['get', 'list'],
    aggregatedBy: METRICS_SERVICE,
    columns: [
      column('cpu', (metrics) => text(at(metrics, 'usage', 'cpu'), '0'), { format: 'quantity' }),
      column('memory', (metrics) => text(at(metrics, 'usage', 'memory'), '0'), { format: 'quantity' }),
      windowColumn,
    ],
  }),
  resourceType({
    ...METRICS,
    plural: 'pods',
    kind: 'PodMetrics',
    singular: '',
    verbs: ['get', 'list'],
    aggregatedBy: METRICS_SERVICE,
    columns: [
      column('cpu', podSum('cpu'), { format: 'quantity' }),
      column('memory', podSum('memory'), { format: 'quantity' }),
      windowColumn,
    ],
  }),
];
