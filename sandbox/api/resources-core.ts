import { eventsView } from './events-view';
import { age, at, conditionStatus, entries, list, text } from './print-values';
import { nodeColumns, podColumns } from './print-workloads';
import { column, type ResourceType, resourceType } from './resource-type';

const ageColumn = column('Age', ({ metadata }, now) => age(metadata.creationTimestamp, now), {
  type: 'date',
});
const core = { group: '', version: 'v1' };
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const apps = { group: 'apps', version: 'v1', status: true, generation: 'spec' as const, categories: ['all'] };
const count = (value: unknown) => list(value).length;
const size = (value: unknown) => entries(value).length;

/** `ReadWriteOnce` as `RWO`, and so on. */
function accessModes(modes: unknown): string {
  return list(modes)
    .map((mode) => String(mode).replaceAll(/[a-z]/g, ''))
    .join(',');
}

const claimOf = (volume: unknown) =>
  at(volume, 'spec', 'claimRef')
    ? `${at(volume, 'spec', 'claimRef', 'namespace')}/${at(volume, 'spec', 'claimRef', 'name')}`
    : '';

const ports = (service: unknown) =>
  list(at(service, 'spec', 'ports'))
    .map((port) => {
      const node = at(port, 'nodePort');
      return `${at(port, 'port')}${node ? `:${node}` : ''}/${text(at(port, 'protocol'), 'TCP')}`;
    })
    .join(',');

const selectorText = (selector: unknown) =>
  entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',') || '<none>';

const roleRef = column(
  'Role',
  (binding) => `${at(binding, 'roleRef', 'kind')}/${at(binding, 'roleRef', 'name')}`,
);

const eventColumns = [
  column('Last Seen', (event, now) =>
    age(at(event, 'lastTimestamp') ?? at(event, 'eventTime') ?? event.metadata.creationTimestamp, now),
  ),
  column('Type', (event) => text(at(event, 'type'), '')),
  column('Reason', (event) => text(at(event, 'reason'), '')),
  column(
    'Object',
    (event) =>
      `${String(at(event, 'involvedObject', 'kind') ?? '').toLowerCase()}/${at(event, 'involvedObject', 'name')}`,
  ),
  column('Subobject', (event) => text(at(event, 'involvedObject', 'fieldPath'), ''), { priority: 1 }),
  column(
    'Source',
    (event) => [at(event, 'source', 'component'), at(event, 'source', 'host')].filter(Boolean).join(', '),
    { priority: 1 },
  ),
  column('Message', (event) => text(at(event, 'message'), '').trim()),
  column('First Seen', (event, now) => age(at(event, 'firstTimestamp') ?? at(event, 'eventTime'), now), {
    priority: 1,
  }),
  column('Count', (event) => text(at(event, 'count'), '1'), { priority: 1 }),
];

/** The resources that kube-apiserver itself serves, with the columns of its printers (pkg/printers/internalversion). */
export const CORE_RESOURCES: ResourceType[] = [
  resourceType({
    ...core,
    plural: 'namespaces',
    kind: 'Namespace',
    shortNames: ['ns'],
    namespaced: false,
    status: true,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    selectableFields: ['status.phase'],
    columns: [column('Status', (namespace) => text(at(namespace, 'status', 'phase'), '')), ageColumn],
  }),
  resourceType({
    ...core,
    plural: 'nodes',
    kind: 'Node',
    shortNames: ['no'],
    namespaced: false,
    status: true,
    selectableFields: ['spec.unschedulable'],
    columns: nodeColumns,
  }),
  resourceType({
    ...core,
    plural: 'pods',
    kind: 'Pod',
    shortNames: ['po'],
    categories: ['all'],
    status: true,
    generation: 'spec',
    selectableFields: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ],
    columns: podColumns,
  }),
  resourceType({
    ...core,
    plural: 'events',
    kind: 'Event',
    shortNames: ['ev'],
    selectableFields: [
      ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
        (field) => `involvedObject.${field}`,
      ),
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
    columns: eventColumns,
  }),
  resourceType({
    group: 'events.k8s.io',
    version: 'v1',
    plural: 'events',
    kind: 'Event',
    shortNames: ['ev'],
    selectableFields: [
      'reason',
      'reportingController',
      'type',
      'regarding.kind',
      'regarding.namespace',
      'regarding.name',
      'regarding.uid',
    ],
    columns: eventColumns,
    view: eventsView,
  }),
  resourceType({
    ...core,
    plural: 'secrets',
    kind: 'Secret',
    selectableFields: ['type'],
    columns: [
      column('Type', (secret) => text(at(secret, 'type'), '')),
      column('Data', (secret) => size(secret.data), { type: 'integer' }),
      ageColumn,
    ],
  }),
  resourceType({
    ...core,
    plural: 'configmaps',
    kind: 'ConfigMap',
    shortNames: ['cm'],
    columns: [column('Data', (map) => size(map.data) + size(map.binaryData), { type: 'integer' }), ageColumn],
  }),
  resourceType({
    ...core,
    plural: 'services',
    kind: 'Service',
    shortNames: ['svc'],
    categories: ['all'],
    status: true,
    selectableFields: ['spec.clusterIP', 'spec.type'],
    columns: [
      column('Type', (service) => text(at(service, 'spec', 'type'), '')),
      column('Cluster-IP', (service) => text(at(service, 'spec', 'clusterIP'))),
      column('External-IP', (service) => list(at(service, 'spec', 'externalIPs')).join(',') || '<none>'),
      column('Port(s)', (service) => ports(service) || '<none>'),
      ageColumn,
      column('Selector', (service) => selectorText(at(service, 'spec', 'selector')), { priority: 1 }),
    ],
  }),
  resourceType({
    ...core,
    plural: 'endpoints',
    kind: 'Endpoints',
    shortNames: ['ep'],
    columns: [
      column(
        'Endpoints',
        (endpoints) =>
          list(endpoints.subsets)
            .flatMap((subset) => list(at(subset, 'addresses')).map((address) => String(at(address, 'ip'))))
            .join(',') || '<none>',
      ),
      ageColumn,
    ],
  }),
  resourceType({
    ...core,
    plural: 'serviceaccounts',
    kind: 'ServiceAccount',
    shortNames: ['sa'],
    columns: [column('Secrets', (account) => count(account.secrets), { type: 'integer' }), ageColumn],
  }),
  resourceType({
    ...core,
    plural: 'persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    shortNames: ['pvc'],
    status: true,
    columns: [
      column('Status', (claim) =>
        claim.metadata.deletionTimestamp ? 'Terminating' : text(at(claim, 'status', 'phase'), ''),
      ),
      column('Volume', (claim) => text(at(claim, 'spec', 'volumeName'), '')),
      column('Capacity', (claim) =>
        at(claim, 'spec', 'volumeName') ? text(at(claim, 'status', 'capacity', 'storage'), '') : '',
      ),
      column('Access Modes', (claim) =>
        at(claim, 'spec', 'volumeName') ? accessModes(at(claim, 'status', 'accessModes')) : '',
      ),
      column('StorageClass', (claim) => text(at(claim, 'spec', 'storageClassName'), '')),
      column('VolumeAttributesClass', (claim) =>
        text(at(claim, 'spec', 'volumeAttributesClassName'), '<unset>'),
      ),
      ageColumn,
      column('VolumeMode', (claim) => text(at(claim, 'spec', 'volumeMode'), '<unset>'), { priority: 1 }),
    ],
  }),
  resourceType({
    ...core,
    plural: 'persistentvolumes',
    kind: 'PersistentVolume',
    shortNames: ['pv'],
    namespaced: false,
    status: true,
    columns: [
      column('Capacity', (volume) => text(at(volume, 'spec', 'capacity', 'storage'), '')),
      column('Access Modes', (volume) => accessModes(at(volume, 'spec', 'accessModes'))),
      column('Reclaim Policy', (volume) => text(at(volume, 'spec', 'persistentVolumeReclaimPolicy'), '')),
      column('Status', (volume) =>
        volume.metadata.deletionTimestamp ? 'Terminating' : text(at(volume, 'status', 'phase'), ''),
      ),
      column('Claim', claimOf),
      column('StorageClass', (volume) => text(at(volume, 'spec', 'storageClassName'), '')),
      column('VolumeAttributesClass', (volume) =>
        text(at(volume, 'spec', 'volumeAttributesClassName'), '<unset>'),
      ),
      column('Reason', (volume) => text(at(volume, 'status', 'reason'), '')),
      ageColumn,
      column('VolumeMode', (volume) => text(at(volume, 'spec', 'volumeMode'), '<unset>'), { priority: 1 }),
    ],
  }),
  resourceType({
    ...core,
    plural: 'resourcequotas',
    kind: 'ResourceQuota',
    shortNames: ['quota'],
    status: true,
    columns: quotaColumns(),
  }),
  resourceType({
    ...core,
    plural: 'limitranges',
    kind: 'LimitRange',
    shortNames: ['limits'],
    columns: [column('Created At', (range) => range.metadata.creationTimestamp, { type: 'date' })],
  }),
  resourceType({
    group: 'storage.k8s.io',
    version: 'v1',
    plural: 'storageclasses',
    kind: 'StorageClass',
    shortNames: ['sc'],
    namespaced: false,
    columns: [
      column('Provisioner', (storageClass) => text(storageClass.provisioner, '')),
      column('ReclaimPolicy', (storageClass) => text(storageClass.reclaimPolicy, 'Delete')),
      column('VolumeBindingMode', (storageClass) => text(storageClass.volumeBindingMode, 'Immediate')),
      column('AllowVolumeExpansion', (storageClass) => storageClass.allowVolumeExpansion === true, {
        type: 'boolean',
      }),
      ageColumn,
    ],
  }),
  resourceType({
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    status: true,
    generation: 'spec',
    columns: [column('Created At', (definition) => definition.metadata.creationTimestamp, { type: 'date' })],
  }),
  resourceType({
    group: 'apiregistration.k8s.io',
    version: 'v1',
    plural: 'apiservices',
    kind: 'APIService',
    categories: ['api-extensions'],
    namespaced: false,
    status: true,
    columns: [
      column('Service', (service) =>
        at(service, 'spec', 'service')
          ? `${at(service, 'spec', 'service', 'namespace')}/${at(service, 'spec', 'service', 'name')}`
          : 'Local',
      ),
      column('Available', (service) => text(conditionStatus(service, 'Available'), 'Unknown')),
      ageColumn,
    ],
  }),
  resourceType({
    group: 'apps',
    version: 'v1',
    plural: 'controllerrevisions',
    kind: 'ControllerRevision',
    columns: [
      column('Controller', (revision) => {
        const owner = revision.metadata.ownerReferences?.find(({ controller }) => controller);
        return owner
          ? `${owner.kind.toLowerCase()}.${owner.apiVersion.split('/')[0]}/${owner.name}`
          : '<none>';
      }),
      column('Revision', (revision) => Number(revision.revision ?? 0), { type: 'integer' }),
      ageColumn,
    ],
  }),
  resourceType({
    ...apps,
    plural: 'deployments',
    kind: 'Deployment',
    shortNames: ['deploy'],
    columns: [
      column(
        'Ready',
        (deployment) =>
          `${at(deployment, 'status', 'readyReplicas') ?? 0}/${at(deployment, 'spec', 'replicas') ?? 1}`,
      ),
      column('Up-to-date', (deployment) => Number(at(deployment, 'status', 'updatedReplicas') ?? 0), {
        type: 'integer',
      }),
      column('Available', (deployment) => Number(at(deployment, 'status', 'availableReplicas') ?? 0), {
        type: 'integer',
      }),
      ageColumn,
    ],
  }),
  resourceType({
    ...apps,
    plural: 'daemonsets',
    kind: 'DaemonSet',
    shortNames: ['ds'],
    columns: [
      ...[
        ['Desired', 'desiredNumberScheduled'],
        ['Current', 'currentNumberScheduled'],
        ['Ready', 'numberReady'],
        ['Up-to-date', 'updatedNumberScheduled'],
        ['Available', 'numberAvailable'],
      ].map(([name = '', field = '']) =>
        column(name, (set) => Number(at(set, 'status', field) ?? 0), { type: 'integer' }),
      ),
      column('Node Selector', (set) => selectorText(at(set, 'spec', 'template', 'spec', 'nodeSelector'))),
      ageColumn,
    ],
  }),
  resourceType({
    group: 'coordination.k8s.io',
    version: 'v1',
    plural: 'leases',
    kind: 'Lease',
    columns: [column('Holder', (lease) => text(at(lease, 'spec', 'holderIdentity'), '')), ageColumn],
  }),
  resourceType({
    ...rbac,
    plural: 'clusterroles',
    kind: 'ClusterRole',
    namespaced: false,
    columns: createdAt(),
  }),
  resourceType({
    ...rbac,
    plural: 'clusterrolebindings',
    kind: 'ClusterRoleBinding',
    namespaced: false,
    columns: [roleRef, ageColumn],
  }),
  resourceType({ ...rbac, plural: 'roles', kind: 'Role', columns: createdAt() }),
  resourceType({ ...rbac, plural: 'rolebindings', kind: 'RoleBinding', columns: [roleRef, ageColumn] }),
];

function createdAt() {
  return [column('Created At', ({ metadata }) => metadata.creationTimestamp, { type: 'date' })];
}

function quotaColumns() {
  const used = (prefix: boolean) => (quota: unknown) =>
    entries(at(quota, 'status', 'hard'))
      .filter(([name]) => name.startsWith('limits.') === prefix)
      .map(([name, hard]) => `${name}: ${at(quota, 'status', 'used', name) ?? 0}/${hard}`)
      .join(', ');
  return [column('Request', used(false)), column('Limit', used(true)), ageColumn];
}
