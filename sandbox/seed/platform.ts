import { createHash } from 'node:crypto';
import type { ClusterApi, KubeObject, NewObject } from '../api/objects';
import { KUBEVIRT_REGISTRY, KUBEVIRT_VERSION, LAUNCHER_IMAGE } from '../controllers/release';
import { timestamp } from '../controllers/time';
import { DEFAULT_CLASS, DRIVER } from '../controllers/volume-objects';

const KUBEVIRT = 'kubevirt';

/** Two kinds of storage: bound at once (`isDefault`: by default), or when somebody first needs it. */
export function storageClasses(isDefault: boolean): NewObject[] {
  const storageClass = (
    name: string,
    volumeBindingMode: string,
    annotations: Record<string, string>,
    parameters?: Record<string, string>,
  ) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations },
    provisioner: DRIVER,
    allowVolumeExpansion: true,
    ...(parameters ? { parameters } : {}),
    reclaimPolicy: 'Delete',
    volumeBindingMode,
  });
  return [
    storageClass('standard', 'Immediate', isDefault ? { [DEFAULT_CLASS]: 'true' } : {}),
    storageClass('local', 'WaitForFirstConsumer', {}, { scope: 'node' }),
  ];
}

/** The driver of both classes. Its being there is what makes CDI fill volumes through populators. */
export function csiDriver(): NewObject {
  const spec = { attachRequired: false, fsGroupPolicy: 'File', storageCapacity: true };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: DRIVER }, spec };
}

/** The KubeVirt object as virt-operator leaves it when everything is deployed. */
export function kubevirt(born: number): NewObject {
  const since = timestamp(born);
  const condition = (type: string, status: string, reason: string, message: string) => ({
    ...{ type, status, reason, message },
    ...{ lastProbeTime: since, lastTransitionTime: since },
  });
  const ready = ['AllComponentsReady', 'All components are ready.'] as const;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { name: 'kubevirt', namespace: KUBEVIRT, finalizers: ['kubevirt.io/foregroundDeleteKubeVirt'] },
    spec: {
      certificateRotateStrategy: {},
      configuration: { developerConfiguration: { useEmulation: true } },
      customizeComponents: {},
      imagePullPolicy: 'IfNotPresent',
      workloadUpdateStrategy: { workloadUpdateMethods: ['LiveMigrate'] },
    },
    status: {
      phase: 'Deployed',
      conditions: [
        condition('Available', 'True', ...ready),
        condition('Progressing', 'False', ...ready),
        condition('Degraded', 'False', ...ready),
        condition('Created', 'True', 'AllResourcesCreated', 'All resources were created.'),
      ],
      defaultArchitecture: 'amd64',
      observedGeneration: 1,
      observedKubeVirtRegistry: KUBEVIRT_REGISTRY,
      observedKubeVirtVersion: KUBEVIRT_VERSION,
      operatorVersion: KUBEVIRT_VERSION,
      outdatedVirtualMachineInstanceWorkloads: 0,
      targetKubeVirtRegistry: KUBEVIRT_REGISTRY,
      targetKubeVirtVersion: KUBEVIRT_VERSION,
    },
  };
}

/** The classes that every cluster has, and KubeVirt's own. */
export function priorityClasses(): NewObject[] {
  const priorityClass = (name: string, value: number, description: string) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    description,
    preemptionPolicy: 'PreemptLowerPriority',
    value,
  });
  return [
    priorityClass(
      'system-node-critical',
      2_000_001_000,
      'Used for system critical pods that must not be moved from their current node.',
    ),
    priorityClass(
      'system-cluster-critical',
      2_000_000_000,
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    ),
    priorityClass(
      'kubevirt-cluster-critical',
      1_000_000_000,
      'This priority class should be used for KubeVirt core components only.',
    ),
  ];
}

/** What virt-operator notes once all is there: which generation of each object it left, and what it deployed. */
export function noteDeployment(cluster: ClusterApi): void {
  const generation = (group: string, resource: string) =>
    cluster
      .list(`${resource}.${group.split('/')[0]}`)
      .filter(({ metadata }) => isKubeVirts(metadata))
      .map(({ metadata }) => ({
        group,
        lastGeneration: metadata.generation ?? 1,
        name: metadata.name,
        ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
        resource,
      }));
  const config = {
    namespace: KUBEVIRT,
    registry: KUBEVIRT_REGISTRY,
    kubeVirtVersion: KUBEVIRT_VERSION,
    virtLauncherImage: LAUNCHER_IMAGE,
  };
  const id = createHash('sha1').update(JSON.stringify(config)).digest('hex');
  const text = JSON.stringify({ id, ...config });
  cluster.update<KubeObject>('kubevirts.kubevirt.io', KUBEVIRT, 'kubevirt', (draft) => {
    draft.status = {
      ...(draft.status as object),
      generations: [...generation('apps', 'deployments'), ...generation('apps', 'daemonsets')],
      observedDeploymentConfig: text,
      observedDeploymentID: id,
      targetDeploymentConfig: text,
      targetDeploymentID: id,
    };
  });
}

function isKubeVirts({ labels }: KubeObject['metadata']): boolean {
  return (
    labels?.['app.kubernetes.io/managed-by'] === 'virt-operator' && labels['kubevirt.io'] !== 'virt-operator'
  );
}
