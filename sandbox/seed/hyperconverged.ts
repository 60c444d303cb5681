import type { ClusterApi, NewObject } from '../api/objects';
import { CDI_VERSION } from '../cdi/names';
import { KUBEVIRT_VERSION } from '../controllers/release';
import { timestamp } from '../controllers/time';
import { BOOT_IMAGES } from './boot-images';
import { install } from './component-pods';
import type { Installation } from './operands';

const NAMESPACE = 'kubevirt-hyperconverged';
const NAME = 'kubevirt-hyperconverged';
const VERSION = '1.17.0';
const IMAGE = `quay.io/kubevirt/hyperconverged-cluster-operator:${VERSION}`;

const INSTALLATION: Installation = {
  namespace: NAMESPACE,
  labels: {
    'app.kubernetes.io/component': 'deployment',
    'app.kubernetes.io/managed-by': 'hco-operator',
    'app.kubernetes.io/part-of': 'hyperconverged-cluster',
  },
  operands: [
    {
      ...{ name: 'hco-operator', image: IMAGE, replicas: 1 },
      ...{
        labels: { name: 'hyperconverged-cluster-operator' },
        selector: { name: 'hyperconverged-cluster-operator' },
      },
    },
    {
      ...{ name: 'hco-webhook', replicas: 1 },
      image: `quay.io/kubevirt/hyperconverged-cluster-webhook:${VERSION}`,
      ...{
        labels: { name: 'hyperconverged-cluster-webhook' },
        selector: { name: 'hyperconverged-cluster-webhook' },
      },
    },
    {
      ...{ name: 'hyperconverged-cluster-cli-download', replicas: 1 },
      image: `quay.io/kubevirt/virt-artifacts-server:${VERSION}`,
      ...{
        labels: { name: 'hyperconverged-cluster-cli-download' },
        selector: { name: 'hyperconverged-cluster-cli-download' },
      },
    },
  ],
};

/** What HyperConverged deploys; its list of related objects points at them. */
const OPERANDS = [
  {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    resource: 'kubevirts.kubevirt.io',
    namespace: 'kubevirt',
    name: 'kubevirt',
  },
  { apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'CDI', resource: 'cdis.cdi.kubevirt.io', name: 'cdi' },
  {
    ...{ apiVersion: 'networkaddonsoperator.network.kubevirt.io/v1', kind: 'NetworkAddonsConfig' },
    ...{ resource: 'networkaddonsconfigs.networkaddonsoperator.network.kubevirt.io', name: 'cluster' },
  },
] as const;

/** The operator over all operators, after everything else is there. */
export function addHyperConverged(cluster: ClusterApi, born: number): void {
  cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  cluster.create('hyperconvergeds.hco.kubevirt.io', hyperConverged(cluster, timestamp(born)));
  install(cluster, INSTALLATION, born);
}

function hyperConverged(cluster: ClusterApi, time: string): NewObject {
  const condition = (type: string, status: string) => ({
    ...{ type, status, reason: 'ReconcileCompleted', message: 'Reconcile completed successfully' },
    ...{ lastTransitionTime: time, observedGeneration: 1 },
  });
  const relatedObjects = OPERANDS.flatMap(({ apiVersion, kind, resource, name, ...rest }) => {
    const namespace = 'namespace' in rest ? rest.namespace : undefined;
    const found = cluster.get(resource, namespace, name);
    if (!found) return [];
    const { uid, resourceVersion } = found.metadata;
    return [{ apiVersion, kind, name, ...(namespace ? { namespace } : {}), resourceVersion, uid }];
  });
  return {
    apiVersion: 'hco.kubevirt.io/v1beta1',
    kind: 'HyperConverged',
    metadata: {
      name: NAME,
      namespace: NAMESPACE,
      labels: { app: 'kubevirt-hyperconverged' },
      finalizers: ['kubevirt.io/hyperconverged'],
    },
    spec: {
      certConfig: {
        ca: { duration: '48h0m0s', renewBefore: '24h0m0s' },
        server: { duration: '24h0m0s', renewBefore: '12h0m0s' },
      },
      commonBootImageNamespace: BOOT_IMAGES,
      evictionStrategy: 'LiveMigrate',
      featureGates: { alignCPUs: false, downwardMetrics: false, persistentReservation: false },
      infra: {},
      liveMigrationConfig: {
        ...{ allowAutoConverge: false, allowPostCopy: false, completionTimeoutPerGiB: 150 },
        ...{ parallelMigrationsPerCluster: 5, parallelOutboundMigrationsPerNode: 2, progressTimeout: 150 },
      },
      workloadUpdateStrategy: {
        batchEvictionInterval: '1m0s',
        batchEvictionSize: 10,
        workloadUpdateMethods: ['LiveMigrate'],
      },
      workloads: {},
    },
    status: {
      conditions: [
        condition('ReconcileComplete', 'True'),
        condition('Available', 'True'),
        condition('Progressing', 'False'),
        condition('Degraded', 'False'),
        condition('Upgradeable', 'True'),
      ],
      dataImportSchedule: '0 */12 * * *',
      infrastructureHighlyAvailable: true,
      nodeInfo: { controlPlaneArchitectures: ['amd64'], workloadsArchitectures: ['amd64'] },
      observedGeneration: 1,
      relatedObjects,
      systemHealthStatus: 'healthy',
      versions: [
        { name: 'operator', version: VERSION },
        { name: 'kubevirt', version: KUBEVIRT_VERSION },
        { name: 'cdi', version: CDI_VERSION },
      ],
    },
  };
}
