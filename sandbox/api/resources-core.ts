import { eventsView } from './events-view';
import { ageColumn, createdAt, selectorText } from './print-columns';
import { age, at, entries, list, text } from './print-values';
import { nodeColumns, podColumns } from './print-workloads';
import { column, type ResourceType, resourceType } from './resource-type';

const core = { group: '', version: 'v1' };
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

const eventColumns = [
  column('Last Seen', (event, now) =>
    age(
      at(event, 'series', 'lastObservedTime') ??
        at(event, 'lastTimestamp') ??
        at(event, 'eventTime') ??
        event.metadata.creationTimestamp,
      now,
    ),
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
    (event) =>
      [
        at(event, 'source', 'component') ?? at(event, 'reportingComponent'),
        at(event, 'source', 'host') ?? at(event, 'reportingInstance'),
      ]
        .filter(Boolean)
        .join(', '),
    { priority: 1 },
  ),
  column('Message', (event) => text(at(event, 'message'), '').trim()),
  column('First Seen', (event, now) => age(at(event, 'firstTimestamp') ?? at(event, 'eventTime'), now), {
    priority: 1,
  }),
  column('Count', (event) => text(at(event, 'series', 'count') ?? at(event, 'count'), '1'), { priority: 1 }),
];

/** The core group, with the columns of kube-apiserver's printers (pkg/printers/internalversion). */
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
    columns: createdAt(),
  }),
];

function quotaColumns() {
  const used = (prefix: boolean) => (quota: unknown) =>
    entries(at(quota, 'status', 'hard'))
      .filter(([name]) => name.startsWith('limits.') === prefix)
      .map(([name, hard]) => `${name}: ${at(quota, 'status', 'used', name) ?? 0}/${hard}`)
      .join(', ');
  return [column('Request', used(false)), column('Limit', used(true)), ageColumn];
}
