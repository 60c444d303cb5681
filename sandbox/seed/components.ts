import type { NewObject } from '../api/objects';
import { KUBEVIRT_REGISTRY, KUBEVIRT_VERSION, LAUNCHER_IMAGE } from '../controllers/release';

/** KubeVirt's own workloads as virt-operator writes them. */

const NAMESPACE = 'kubevirt';
const REPLICAS = 2;
const LABELS = {
  'app.kubernetes.io/component': 'kubevirt',
  'app.kubernetes.io/managed-by': 'virt-operator',
  'app.kubernetes.io/version': KUBEVIRT_VERSION,
};
const INSTALLED = {
  'kubevirt.io/install-strategy-registry': KUBEVIRT_REGISTRY,
  'kubevirt.io/install-strategy-version': KUBEVIRT_VERSION,
};
const HARDENED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const CRITICAL = { key: 'CriticalAddonsOnly', operator: 'Exists' };

interface Component {
  name: string;
  container: string;
  account: string;
  requests: { cpu: string; memory: string };
  command: string[];
  args?: string[];
  ports: Record<string, number>;
  /** What the readiness probe asks for. */
  ready: string;
}

const OPERATOR: Component = {
  ...{ name: 'virt-operator', container: 'virt-operator', account: 'kubevirt-operator', ready: '/metrics' },
  requests: { cpu: '10m', memory: '100Mi' },
  command: ['virt-operator'],
  args: ['--port', '8443', '-v', '2'],
  ports: { metrics: 8443, webhooks: 8444 },
};

const INFRASTRUCTURE: readonly Component[] = [
  {
    ...{ name: 'virt-api', container: 'virt-api', account: 'kubevirt-apiserver' },
    ready: '/apis/subresources.kubevirt.io/v1/healthz',
    requests: { cpu: '5m', memory: '500Mi' },
    command: ['virt-api'],
    args: ['--port', '8443', '--console-server-port', '8186', '--subresources-only', '-v', '2'],
    ports: { 'virt-api': 8443, metrics: 8443 },
  },
  {
    ...{ name: 'virt-controller', container: 'virt-controller', account: 'kubevirt-controller' },
    ready: '/leader',
    requests: { cpu: '10m', memory: '275Mi' },
    command: ['virt-controller'],
    args: ['--launcher-image', LAUNCHER_IMAGE, '--port', '8443', '-v', '2'],
    ports: { metrics: 8443 },
  },
  {
    ...{ name: 'virt-exportproxy', container: 'exportproxy', account: 'kubevirt-exportproxy' },
    ready: '/healthz',
    requests: { cpu: '5m', memory: '150Mi' },
    command: ['virt-exportproxy', '--port', '8443', '-v', '2'],
    ports: { exportproxy: 8443, metrics: 8443 },
  },
  {
    ...{ name: 'virt-synchronization-controller', container: 'sync', ready: '/healthz' },
    account: 'kubevirt-synchronization-controller',
    requests: { cpu: '5m', memory: '150Mi' },
    command: ['virt-synchronization-controller', '--v', '2', '--port', '9185'],
    ports: { metrics: 8443, sync: 9185 },
  },
];

const HANDLER: Component = {
  ...{ name: 'virt-handler', container: 'virt-handler', account: 'kubevirt-handler', ready: '/healthz' },
  requests: { cpu: '10m', memory: '325Mi' },
  command: ['virt-handler'],
  args: [
    '--port',
    '8443',
    '--hostname-override',
    '$(NODE_NAME)',
    '--pod-ip-address',
    '$(MY_POD_IP)',
    '-v',
    '2',
  ],
  ports: { metrics: 8443 },
};

export function serviceAccounts(): NewObject[] {
  return [OPERATOR, ...INFRASTRUCTURE, HANDLER].map(({ account }) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: account, namespace: NAMESPACE, labels: { ...LABELS, 'kubevirt.io': '' } },
  }));
}

/** virt-operator first: it is what installs the others. */
export function deployments(): NewObject[] {
  const operator = deployment(OPERATOR, {});
  return [operator, ...INFRASTRUCTURE.map((component) => deployment(component, controlPlaneOnly()))];
}

export function handlerSet(): NewObject {
  const { name } = HANDLER;
  const template = podTemplate(HANDLER);
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { ...LABELS, 'kubevirt.io': name },
      annotations: INSTALLED,
    },
    spec: {
      selector: { matchLabels: { 'kubevirt.io': name } },
      template: { ...template, spec: { ...template.spec, hostPID: true, tolerations: [CRITICAL] } },
    },
  };
}

/** At most one replica of each may be missing for somebody's convenience. */
export function disruptionBudgets(): NewObject[] {
  return INFRASTRUCTURE.map(({ name }) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name: `${name}-pdb`,
      namespace: NAMESPACE,
      labels: { ...LABELS, 'kubevirt.io': `${name}-pdb` },
    },
    spec: { minAvailable: REPLICAS - 1, selector: { matchLabels: { 'kubevirt.io': name } } },
  }));
}

export function services(): NewObject[] {
  const service = (name: string, clusterIP: string, selector: Record<string, string>, ports: object[]) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE, labels: { ...LABELS, 'kubevirt.io': name } },
    spec: { clusterIP, clusterIPs: [clusterIP], type: 'ClusterIP', ports, selector },
  });
  const https = (targetPort: number | string, name?: string) => [
    { ...(name ? { name } : {}), port: 443, protocol: 'TCP', targetPort },
  ];
  return [
    service('virt-api', '10.96.40.20', { 'kubevirt.io': 'virt-api' }, https(8443)),
    service(
      'kubevirt-operator-webhook',
      '10.96.40.21',
      { 'kubevirt.io': 'virt-operator' },
      https('webhooks', 'webhooks'),
    ),
    service('virt-exportproxy', '10.96.40.22', { 'kubevirt.io': 'virt-exportproxy' }, https(8443)),
    service(
      'kubevirt-prometheus-metrics',
      'None',
      { 'prometheus.kubevirt.io': 'true' },
      https('metrics', 'metrics'),
    ),
  ];
}

function deployment(component: Component, placement: object): NewObject {
  const { name } = component;
  const template = podTemplate(component);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { ...LABELS, 'app.kubernetes.io/name': name, 'kubevirt.io': name },
      annotations: INSTALLED,
    },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: { 'kubevirt.io': name } },
      template: {
        ...template,
        spec: {
          ...template.spec,
          affinity: { ...placement, ...spread(name) },
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          tolerations: [
            CRITICAL,
            ...['control-plane', 'master'].map((role) => ({
              effect: 'NoSchedule',
              key: `node-role.kubernetes.io/${role}`,
              operator: 'Exists',
            })),
          ],
        },
      },
    },
  };
}

function podTemplate({ name, container, account, requests, command, args, ports, ready }: Component) {
  const probe = { httpGet: { path: ready, port: 8443, scheme: 'HTTPS' }, initialDelaySeconds: 15 };
  return {
    metadata: {
      labels: { ...LABELS, 'kubevirt.io': name, 'prometheus.kubevirt.io': 'true' },
      annotations: INSTALLED,
      name,
    },
    spec: {
      containers: [
        {
          name: container,
          image: `${KUBEVIRT_REGISTRY}/${name}:${KUBEVIRT_VERSION}`,
          imagePullPolicy: 'IfNotPresent',
          command,
          ...(args ? { args } : {}),
          ports: Object.entries(ports).map(([port, containerPort]) => ({
            containerPort,
            name: port,
            protocol: 'TCP',
          })),
          readinessProbe: { ...probe, periodSeconds: 10, timeoutSeconds: 10 },
          resources: { requests },
          securityContext: name === HANDLER.name ? { privileged: true } : HARDENED,
          terminationMessagePolicy: 'FallbackToLogsOnError',
        },
      ],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'kubevirt-cluster-critical',
      serviceAccountName: account,
    },
  };
}

function controlPlaneOnly() {
  const term = (role: string) => ({
    matchExpressions: [{ key: `node-role.kubernetes.io/${role}`, operator: 'Exists' }],
  });
  const required = { nodeSelectorTerms: [term('control-plane'), term('master')] };
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
}

/** Replicas keep away from each other where they can. */
function spread(name: string) {
  const podAffinityTerm = {
    labelSelector: { matchExpressions: [{ key: 'kubevirt.io', operator: 'In', values: [name] }] },
    topologyKey: 'kubernetes.io/hostname',
  };
  const preferredDuringSchedulingIgnoredDuringExecution = [{ podAffinityTerm, weight: 1 }];
  return { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution } };
}
