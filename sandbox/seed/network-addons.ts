import type { ClusterApi, NewObject } from '../api/objects';
import { MULTUS_LABELS } from '../controllers/multus';
import { timestamp } from '../controllers/time';
import { install } from './component-pods';
import type { Installation, Operand } from './operands';

const NAMESPACE = 'cluster-network-addons';
const VERSION = '0.103.0';
const REGISTRY = 'quay.io/kubevirt';
const LABELS = { 'app.kubernetes.io/component': 'network', 'app.kubernetes.io/managed-by': 'cnao-operator' };

const operand = (
  name: string,
  image: string,
  selector: Record<string, string>,
  replicas?: number,
): Operand => ({
  ...{ name, image, selector, labels: selector },
  ...(replicas === undefined ? {} : { replicas }),
});

const INSTALLATION: Installation = {
  namespace: NAMESPACE,
  labels: LABELS,
  operands: [
    operand(
      'cluster-network-addons-operator',
      `${REGISTRY}/cluster-network-addons-operator:v${VERSION}`,
      { name: 'cluster-network-addons-operator' },
      1,
    ),
    operand(
      'kubemacpool-mac-controller-manager',
      `${REGISTRY}/kubemacpool:v0.49.0`,
      { app: 'kubemacpool', 'control-plane': 'mac-controller-manager' },
      1,
    ),
    operand(
      'kubemacpool-cert-manager',
      `${REGISTRY}/kubemacpool:v0.49.0`,
      { app: 'kubemacpool', 'control-plane': 'cert-manager' },
      1,
    ),
    operand(
      'kubevirt-ipam-controller-manager',
      'ghcr.io/kubevirt/ipam-controller:v0.4.1',
      { app: 'ipam-virt-workloads', 'control-plane': 'manager' },
      1,
    ),
    operand('multus', 'ghcr.io/k8snetworkplumbingwg/multus-cni:v4.2.2-thick', MULTUS_LABELS),
    operand('kube-cni-linux-bridge-plugin', `${REGISTRY}/cni-default-plugins:v1.8.0`, {
      name: 'kube-cni-linux-bridge-plugin',
    }),
    operand('bridge-marker', `${REGISTRY}/bridge-marker:0.14.0`, { name: 'bridge-marker' }),
    operand('ovs-cni-amd64', 'ghcr.io/k8snetworkplumbingwg/ovs-cni-plugin:v0.39.0', { app: 'ovs-cni' }),
  ],
};

/** The network add-ons as their operator leaves them: Multus and the plugins that VMs are attached with. */
export function addNetworkAddons(cluster: ClusterApi, born: number): void {
  cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  cluster.create('networkaddonsconfigs.networkaddonsoperator.network.kubevirt.io', config(timestamp(born)));
  install(cluster, INSTALLATION, born);
}

function config(time: string): NewObject {
  const condition = (type: string, status: string) => ({
    ...{ type, status, lastHeartbeatTime: time, lastTransitionTime: time },
  });
  return {
    apiVersion: 'networkaddonsoperator.network.kubevirt.io/v1',
    kind: 'NetworkAddonsConfig',
    metadata: { name: 'cluster' },
    spec: {
      imagePullPolicy: 'IfNotPresent',
      kubeMacPool: { rangeStart: '02:00:00:00:00:00', rangeEnd: '02:FF:FF:FF:FF:FF' },
      kubevirtIpamController: {},
      linuxBridge: {},
      multus: {},
      ovs: {},
    },
    status: {
      conditions: [
        condition('Degraded', 'False'),
        condition('Progressing', 'False'),
        condition('Available', 'True'),
      ],
      containers: INSTALLATION.operands.map(({ name, image, replicas }) => ({
        ...{ name, image, parentName: name },
        parentKind: replicas === undefined ? 'DaemonSet' : 'Deployment',
      })),
      observedVersion: VERSION,
      operatorVersion: VERSION,
      targetVersion: VERSION,
    },
  };
}
