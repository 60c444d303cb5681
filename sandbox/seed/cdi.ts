import type { ClusterApi, NewObject } from '../api/objects';
import { CDI_CONFIGS, CDI_NAMESPACE, CDI_REGISTRY, CDI_VERSION, CDIS, SNAPSHOT_CLASSES } from '../cdi/names';
import { timestamp } from '../controllers/time';
import { DRIVER } from '../controllers/volume-objects';
import { install } from './component-pods';
import type { Installation, Operand } from './operands';

const LABELS = { 'app.kubernetes.io/component': 'storage', 'app.kubernetes.io/managed-by': 'cdi-operator' };
const APP = 'containerized-data-importer';

function operand(name: string, image: string, selector: Record<string, string>): Operand {
  return {
    name,
    image: `${CDI_REGISTRY}/${image}:${CDI_VERSION}`,
    labels: { 'cdi.kubevirt.io': name === 'cdi-deployment' ? '' : name, ...selector },
    selector,
    replicas: 1,
    args: ['-v=1'],
  };
}

const INSTALLATION: Installation = {
  namespace: CDI_NAMESPACE,
  labels: LABELS,
  operands: [
    operand('cdi-operator', 'cdi-operator', { name: 'cdi-operator', 'operator.cdi.kubevirt.io': '' }),
    operand('cdi-deployment', 'cdi-controller', { app: APP, 'prometheus.cdi.kubevirt.io': 'true' }),
    operand('cdi-apiserver', 'cdi-apiserver', { 'cdi.kubevirt.io': 'cdi-apiserver' }),
    operand('cdi-uploadproxy', 'cdi-uploadproxy', { 'cdi.kubevirt.io': 'cdi-uploadproxy' }),
  ],
};

/** CDI as its operator leaves it, and the class of the driver's snapshots. */
export function addCdi(cluster: ClusterApi, born: number): void {
  cluster.create('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: CDI_NAMESPACE, labels: { 'cdi.kubevirt.io': '' } },
  });
  cluster.create(SNAPSHOT_CLASSES, snapshotClass());
  cluster.create(CDIS, cdi(born));
  cluster.create(CDI_CONFIGS, config());
  for (const service of services()) cluster.create('services', service);
  install(cluster, INSTALLATION, born);
}

function snapshotClass(): NewObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: {
      name: 'standard',
      annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' },
    },
    driver: DRIVER,
    deletionPolicy: 'Delete',
  };
}

function cdi(born: number): NewObject {
  const time = timestamp(born);
  const condition = (type: string, status: string, reason?: string, message?: string) => ({
    ...{ type, status, lastHeartbeatTime: time, lastTransitionTime: time },
    ...(reason ? { reason, message } : {}),
  });
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'CDI',
    metadata: {
      name: 'cdi',
      annotations: { 'cdi.kubevirt.io/configAuthority': '' },
      finalizers: ['operator.cdi.kubevirt.io'],
    },
    spec: {
      config: { featureGates: ['HonorWaitForFirstConsumer'] },
      imagePullPolicy: 'IfNotPresent',
      infra: { nodeSelector: { 'kubernetes.io/os': 'linux' } },
      workload: { nodeSelector: { 'kubernetes.io/os': 'linux' } },
    },
    status: {
      phase: 'Deployed',
      conditions: [
        condition('Available', 'True', 'DeployCompleted', 'Deployment Completed'),
        condition('Progressing', 'False'),
        condition('Degraded', 'False'),
      ],
      observedVersion: CDI_VERSION,
      operatorVersion: CDI_VERSION,
      targetVersion: CDI_VERSION,
    },
  };
}

function config(): NewObject {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'CDIConfig',
    metadata: { name: 'config', labels: { ...LABELS, app: APP, 'cdi.kubevirt.io': '' } },
    spec: { featureGates: ['HonorWaitForFirstConsumer'] },
    status: {
      defaultPodResourceRequirements: {
        limits: { cpu: '750m', memory: '600M' },
        requests: { cpu: '100m', memory: '60M' },
      },
      filesystemOverhead: { global: '0.06', storageClass: { local: '0.06', standard: '0.06' } },
      importProxy: { HTTPProxy: '', HTTPSProxy: '', noProxy: '', trustedCAProxy: '' },
      preallocation: false,
      scratchSpaceStorageClass: 'standard',
    },
  };
}

function services(): NewObject[] {
  const service = (name: string, selector: Record<string, string>, clusterIP: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: CDI_NAMESPACE, labels: { ...LABELS, 'cdi.kubevirt.io': name } },
    spec: {
      ...{ clusterIP, clusterIPs: [clusterIP], type: 'ClusterIP' },
      ports: [{ port: 443, protocol: 'TCP', targetPort: 8443 }],
      selector,
    },
  });
  return [
    service('cdi-api', { 'cdi.kubevirt.io': 'cdi-apiserver' }, '10.96.41.20'),
    service('cdi-uploadproxy', { 'cdi.kubevirt.io': 'cdi-uploadproxy' }, '10.96.41.21'),
    service('cdi-prometheus-metrics', { 'prometheus.cdi.kubevirt.io': 'true' }, '10.96.41.22'),
  ];
}
