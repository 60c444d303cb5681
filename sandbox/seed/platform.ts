import type { ClusterApi, KubeObject, NewObject } from '../api/objects';
import { accept, startContainers, startSidecars } from '../controllers/pod-status';
import { KUBEVIRT_REGISTRY, KUBEVIRT_VERSION } from '../controllers/release';
import { timestamp } from '../controllers/time';
import type { Container, Pod } from '../controllers/types';
import { ownerReference } from '../controllers/vmi-factory';
import { DEFAULT_CLASS, DRIVER } from '../controllers/volume-objects';
import { NODES } from './nodes';

const KUBEVIRT = 'kubevirt';
const LABELS = {
  'app.kubernetes.io/component': 'kubevirt',
  'app.kubernetes.io/managed-by': 'virt-operator',
  'app.kubernetes.io/version': KUBEVIRT_VERSION,
};

interface Component {
  name: string;
  memory: string;
  hash: string;
  /** One pod per node named here. */
  nodes: readonly string[];
}

const DEPLOYMENTS: readonly Component[] = [
  { name: 'virt-operator', memory: '400Mi', hash: '6d9f7c5b84', nodes: ['node-2', 'node-3'] },
  { name: 'virt-api', memory: '500Mi', hash: 'd77fb86b6', nodes: ['node-1', 'node-2'] },
  { name: 'virt-controller', memory: '275Mi', hash: 'c6789c49f', nodes: ['node-2', 'node-3'] },
];
const HANDLER: Component = {
  name: 'virt-handler',
  memory: '325Mi',
  hash: '',
  nodes: NODES.map(({ name }) => name),
};
const SUFFIXES = ['7xk2p', 'm4v9t', 'q8dzl', 'b5hwc', 'r6jnf'];

/** Two kinds of storage: bound at once by default, or when somebody first needs it. */
export function storageClasses(): NewObject[] {
  const storageClass = (name: string, volumeBindingMode: string, annotations: Record<string, string>) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations },
    provisioner: DRIVER,
    allowVolumeExpansion: true,
    reclaimPolicy: 'Delete',
    volumeBindingMode,
  });
  return [
    storageClass('standard', 'Immediate', { [DEFAULT_CLASS]: 'true' }),
    storageClass('local', 'WaitForFirstConsumer', {}),
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
      workloadUpdateStrategy: {},
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

/** virt-operator, virt-api, virt-controller and virt-handler, with their pods. */
export function addComponents(cluster: ClusterApi, born: number): void {
  for (const component of DEPLOYMENTS) {
    cluster.create('deployments.apps', deployment(component, born));
    component.nodes.forEach((node, index) => {
      addPod(cluster, component, `${component.name}-${component.hash}-${SUFFIXES[index]}`, node, born);
    });
  }
  const daemonSet = cluster.create('daemonsets.apps', handlerSet());
  HANDLER.nodes.forEach((node, index) => {
    addPod(cluster, HANDLER, `${HANDLER.name}-${SUFFIXES[index]}`, node, born, daemonSet);
  });
  for (const [index, service] of ['virt-api', 'kubevirt-operator-webhook'].entries()) {
    cluster.create('services', webhookService(service, `10.96.40.${20 + index}`));
  }
}

function deployment({ name, nodes, memory }: Component, born: number): NewObject {
  const replicas = nodes.length;
  const since = timestamp(born);
  const condition = (type: string, reason: string, message: string) => ({
    ...{ type, status: 'True', reason, message, lastTransitionTime: since, lastUpdateTime: since },
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: KUBEVIRT, labels: { ...LABELS, 'kubevirt.io': name } },
    spec: { replicas, selector: { matchLabels: { 'kubevirt.io': name } }, template: template(name, memory) },
    status: {
      ...{ replicas, readyReplicas: replicas, availableReplicas: replicas, updatedReplicas: replicas },
      observedGeneration: 1,
      conditions: [
        condition('Available', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'),
        condition(
          'Progressing',
          'NewReplicaSetAvailable',
          `ReplicaSet "${name}" has successfully progressed.`,
        ),
      ],
    },
  };
}

function handlerSet(): NewObject {
  const { name, memory, nodes } = HANDLER;
  const count = nodes.length;
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: KUBEVIRT, labels: { ...LABELS, 'kubevirt.io': name } },
    spec: { selector: { matchLabels: { 'kubevirt.io': name } }, template: template(name, memory) },
    status: {
      ...{ currentNumberScheduled: count, desiredNumberScheduled: count, numberAvailable: count },
      ...{ numberMisscheduled: 0, numberReady: count, updatedNumberScheduled: count, observedGeneration: 1 },
    },
  };
}

function template(name: string, memory: string) {
  return {
    metadata: { labels: { ...LABELS, 'kubevirt.io': name } },
    spec: { serviceAccountName: serviceAccount(name), containers: [container(name, memory)] },
  };
}

function container(name: string, memory: string): Container {
  return {
    name,
    image: `${KUBEVIRT_REGISTRY}/${name}:${KUBEVIRT_VERSION}`,
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: { cpu: '10m', memory } },
  };
}

function addPod(
  cluster: ClusterApi,
  { name, memory, hash }: Component,
  podName: string,
  nodeName: string,
  born: number,
  owner?: KubeObject,
): void {
  const pod = cluster.create<Pod>('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName,
      namespace: KUBEVIRT,
      labels: { ...LABELS, 'kubevirt.io': name, ...(hash ? { 'pod-template-hash': hash } : {}) },
      ...(owner ? { ownerReferences: [ownerReference(owner)] } : {}),
    },
    spec: {
      nodeName,
      serviceAccountName: serviceAccount(name),
      priorityClassName: 'kubevirt-cluster-critical',
      containers: [container(name, memory)],
    },
  });
  const facts = NODES.find((candidate) => candidate.name === nodeName);
  const host = [...podName].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 200, 7) + 50;
  const address = `${facts?.podCIDR.split('.').slice(0, 3).join('.')}.${host}`;
  cluster.update<Pod>('pods', KUBEVIRT, pod.metadata.name, (draft) => {
    const status = { ...draft.status };
    const time = timestamp(born);
    accept(status, pod, facts?.address ?? '', time);
    startSidecars(status, pod, address, time);
    startContainers(status, pod, time);
    status.qosClass = 'Burstable';
    draft.status = status;
  });
}

function webhookService(name: string, clusterIP: string): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: KUBEVIRT, labels: { ...LABELS, 'kubevirt.io': name } },
    spec: {
      ...{ clusterIP, clusterIPs: [clusterIP], type: 'ClusterIP' },
      ports: [{ port: 443, protocol: 'TCP', targetPort: 8443 }],
      selector: { 'kubevirt.io': name },
    },
  };
}

function serviceAccount(name: string): string {
  return `kubevirt-${name.replace('virt-', '')}`;
}
