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
} as const satisfies Record<string, Resource>;
