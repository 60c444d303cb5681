import { ageColumn, createdAt, selectorText } from './print-columns';
import { at, conditionStatus, text } from './print-values';
import { column, type ResourceType, resourceType } from './resource-type';
import { SCALE, selector, wide } from './resources-workloads';

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const apps = { group: 'apps', version: 'v1', status: true, generation: 'spec' as const, categories: ['all'] };

const roleRef = column(
  'Role',
  (binding) => `${at(binding, 'roleRef', 'kind')}/${at(binding, 'roleRef', 'name')}`,
);

/** The other groups that kube-apiserver and its aggregator serve, with the columns of their printers. */
export const PLATFORM_RESOURCES: ResourceType[] = [
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
    group: 'storage.k8s.io',
    version: 'v1',
    plural: 'csidrivers',
    kind: 'CSIDriver',
    namespaced: false,
    columns: [
      column('AttachRequired', (driver) => at(driver, 'spec', 'attachRequired') !== false, {
        type: 'boolean',
      }),
      column('PodInfoOnMount', (driver) => at(driver, 'spec', 'podInfoOnMount') === true, {
        type: 'boolean',
      }),
      column('StorageCapacity', (driver) => at(driver, 'spec', 'storageCapacity') === true, {
        type: 'boolean',
      }),
      column('Modes', (driver) => {
        const modes = at(driver, 'spec', 'volumeLifecycleModes');
        return Array.isArray(modes) ? modes.join(',') : '<unset>';
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
    columns: createdAt(),
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
    scale: SCALE,
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
      ...wide,
      selector,
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
      ...wide,
      selector,
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
