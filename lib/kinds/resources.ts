import type { Resource } from '@/lib/k8s/resource';

const core = (plural: string, kind: string, namespaced = true): Resource => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});
const kubevirt = (plural: string, kind: string): Resource => ({
  group: 'kubevirt.io',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});
/** KubeVirt's actions live in a group of their own, below the same plurals. */
const action = (plural: string, kind: string): Resource => ({
  ...kubevirt(plural, kind),
  group: 'subresources.kubevirt.io',
});

const of = (group: string, version: string, plural: string, kind: string, namespaced = true): Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

/** Every resource that the console reads or writes by itself. */
export const RESOURCES = {
  virtualMachines: kubevirt('virtualmachines', 'VirtualMachine'),
  virtualMachineInstances: kubevirt('virtualmachineinstances', 'VirtualMachineInstance'),
  virtualMachineActions: action('virtualmachines', 'VirtualMachine'),
  virtualMachineInstanceActions: action('virtualmachineinstances', 'VirtualMachineInstance'),
  namespaces: core('namespaces', 'Namespace', false),
  /** OpenShift's own view of namespaces. */
  projects: {
    group: 'project.openshift.io',
    version: 'v1',
    plural: 'projects',
    kind: 'Project',
    namespaced: false,
  },
  nodes: core('nodes', 'Node', false),
  pods: core('pods', 'Pod'),
  events: core('events', 'Event'),
  podMetrics: {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    plural: 'pods',
    kind: 'PodMetrics',
    namespaced: true,
  },
  nodeMetrics: {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    plural: 'nodes',
    kind: 'NodeMetrics',
    namespaced: false,
  },
  persistentVolumeClaims: core('persistentvolumeclaims', 'PersistentVolumeClaim'),
  secrets: core('secrets', 'Secret'),
  migrations: kubevirt('virtualmachineinstancemigrations', 'VirtualMachineInstanceMigration'),
  kubevirts: kubevirt('kubevirts', 'KubeVirt'),
  cdis: { group: 'cdi.kubevirt.io', version: 'v1beta1', plural: 'cdis', kind: 'CDI', namespaced: false },
  hyperConvergeds: {
    group: 'hco.kubevirt.io',
    version: 'v1beta1',
    plural: 'hyperconvergeds',
    kind: 'HyperConverged',
    namespaced: true,
  },
  storageCapacities: {
    group: 'storage.k8s.io',
    version: 'v1',
    plural: 'csistoragecapacities',
    kind: 'CSIStorageCapacity',
    namespaced: true,
  },
  dataVolumes: {
    group: 'cdi.kubevirt.io',
    version: 'v1beta1',
    plural: 'datavolumes',
    kind: 'DataVolume',
    namespaced: true,
  },
  dataSources: of('cdi.kubevirt.io', 'v1beta1', 'datasources', 'DataSource'),
  cdiConfigs: of('cdi.kubevirt.io', 'v1beta1', 'cdiconfigs', 'CDIConfig', false),
  storageProfiles: of('cdi.kubevirt.io', 'v1beta1', 'storageprofiles', 'StorageProfile', false),
  uploadTokenRequests: of('upload.cdi.kubevirt.io', 'v1beta1', 'uploadtokenrequests', 'UploadTokenRequest'),
  storageClasses: of('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', false),
  priorityClasses: of('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', false),
  volumeSnapshots: of('snapshot.storage.k8s.io', 'v1', 'volumesnapshots', 'VolumeSnapshot'),
  virtualMachineSnapshots: of(
    'snapshot.kubevirt.io',
    'v1beta1',
    'virtualmachinesnapshots',
    'VirtualMachineSnapshot',
  ),
  virtualMachineClones: of('clone.kubevirt.io', 'v1beta1', 'virtualmachineclones', 'VirtualMachineClone'),
  instancetypes: of(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachineinstancetypes',
    'VirtualMachineInstancetype',
  ),
  clusterInstancetypes: of(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachineclusterinstancetypes',
    'VirtualMachineClusterInstancetype',
    false,
  ),
  preferences: of(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachinepreferences',
    'VirtualMachinePreference',
  ),
  clusterPreferences: of(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachineclusterpreferences',
    'VirtualMachineClusterPreference',
    false,
  ),
  networkAttachmentDefinitions: of(
    'k8s.cni.cncf.io',
    'v1',
    'network-attachment-definitions',
    'NetworkAttachmentDefinition',
  ),
  controllerRevisions: of('apps', 'v1', 'controllerrevisions', 'ControllerRevision'),
  configMaps: core('configmaps', 'ConfigMap'),
  resourceQuotas: core('resourcequotas', 'ResourceQuota'),
  limitRanges: core('limitranges', 'LimitRange'),
  virtualMachineTemplates: of(
    'template.kubevirt.io',
    'v1beta1',
    'virtualmachinetemplates',
    'VirtualMachineTemplate',
  ),
} as const satisfies Record<string, Resource>;
