import { ageColumn, selectorText } from './print-columns';
import { at, humanDuration, list, text } from './print-values';
import { column, type ResourceType, resourceType } from './resource-type';

const apps = { group: 'apps', version: 'v1', status: true, generation: 'spec' as const, categories: ['all'] };
const batch = { ...apps, group: 'batch' };
/** Where the built-in workloads keep their numbers. */
export const SCALE = { spec: '.spec.replicas', status: '.status.replicas', selector: '.spec.selector' };
const containers = (object: unknown) => list(at(object, 'spec', 'template', 'spec', 'containers'));
const names = (field: string) => (object: unknown) =>
  containers(object)
    .map((one) => at(one, field))
    .join(',');
const count = (title: string, ...path: string[]) =>
  column(title, (object) => Number(at(object, ...path) ?? 0), { type: 'integer' });

export const wide = [
  column('Containers', names('name'), { priority: 1 }),
  column('Images', names('image'), { priority: 1 }),
];
export const selector = column(
  'Selector',
  (object) => selectorText(at(object, 'spec', 'selector', 'matchLabels')),
  {
    priority: 1,
  },
);

/** Replica sets, stateful sets, jobs, and what governs pods, with the columns of kube-apiserver's printers. */
export const WORKLOAD_RESOURCES: ResourceType[] = [
  resourceType({
    ...apps,
    plural: 'replicasets',
    kind: 'ReplicaSet',
    shortNames: ['rs'],
    scale: SCALE,
    selectableFields: ['status.replicas'],
    columns: [
      count('Desired', 'spec', 'replicas'),
      count('Current', 'status', 'replicas'),
      count('Ready', 'status', 'readyReplicas'),
      ageColumn,
      ...wide,
      selector,
    ],
  }),
  resourceType({
    ...apps,
    plural: 'statefulsets',
    kind: 'StatefulSet',
    shortNames: ['sts'],
    scale: SCALE,
    columns: [
      column(
        'Ready',
        (set) => `${at(set, 'status', 'readyReplicas') ?? 0}/${at(set, 'spec', 'replicas') ?? 1}`,
      ),
      ageColumn,
      ...wide,
    ],
  }),
  resourceType({
    ...batch,
    plural: 'jobs',
    kind: 'Job',
    selectableFields: ['status.successful'],
    columns: [
      column('Status', jobStatus),
      column(
        'Completions',
        (job) => `${at(job, 'status', 'succeeded') ?? 0}/${at(job, 'spec', 'completions') ?? 1}`,
      ),
      column('Duration', jobDuration),
      ageColumn,
      ...wide,
      selector,
    ],
  }),
  resourceType({
    group: 'policy',
    version: 'v1',
    plural: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    shortNames: ['pdb'],
    status: true,
    generation: 'spec',
    columns: [
      column('Min Available', (budget) => text(at(budget, 'spec', 'minAvailable'), 'N/A')),
      column('Max Unavailable', (budget) => text(at(budget, 'spec', 'maxUnavailable'), 'N/A')),
      count('Allowed Disruptions', 'status', 'disruptionsAllowed'),
      ageColumn,
    ],
  }),
  resourceType({
    group: 'scheduling.k8s.io',
    version: 'v1',
    plural: 'priorityclasses',
    kind: 'PriorityClass',
    shortNames: ['pc'],
    namespaced: false,
    generation: 'any',
    columns: [
      column('Value', (priority) => Number(priority.value ?? 0), { type: 'integer' }),
      column('Global-Default', (priority) => priority.globalDefault === true, { type: 'boolean' }),
      ageColumn,
      column('PreemptionPolicy', (priority) => text(priority.preemptionPolicy, '')),
    ],
  }),
];

function jobStatus(job: unknown): string {
  const has = (type: string) =>
    list(at(job, 'status', 'conditions')).some(
      (condition) => at(condition, 'type') === type && at(condition, 'status') === 'True',
    );
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (at(job, 'metadata', 'deletionTimestamp')) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  return has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobDuration(job: unknown, now: number): string {
  const start = at(job, 'status', 'startTime');
  if (typeof start !== 'string') return '';
  const end = at(job, 'status', 'completionTime');
  return humanDuration((typeof end === 'string' ? Date.parse(end) : now) - Date.parse(start));
}
