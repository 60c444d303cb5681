import type { NewObject } from '../api/objects';

/** One Deployment or DaemonSet of an operator, as far as operators differ. */
export interface Operand {
  name: string;
  image: string;
  /** Beside the ones that the operator puts on everything. */
  labels: Record<string, string>;
  /** What selects the pods: part of their labels. */
  selector: Record<string, string>;
  /** Without it one pod runs on each node. */
  replicas?: number;
  args?: string[];
}

export interface Installation {
  namespace: string;
  labels: Record<string, string>;
  operands: readonly Operand[];
}

/** The service accounts of an installation, one for each operand. */
export function accountsOf({ namespace, labels, operands }: Installation): NewObject[] {
  return operands.map(({ name }) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, labels },
  }));
}

export function deploymentsOf(installation: Installation): NewObject[] {
  const fixed = installation.operands.filter(({ replicas }) => replicas !== undefined);
  return fixed.map((operand) => workload('Deployment', installation, operand));
}

export function daemonSetsOf(installation: Installation): NewObject[] {
  const everywhere = installation.operands.filter(({ replicas }) => replicas === undefined);
  return everywhere.map((operand) => workload('DaemonSet', installation, operand));
}

function workload(
  kind: 'Deployment' | 'DaemonSet',
  { namespace, labels: common }: Installation,
  { name, image, labels, selector, replicas, args }: Operand,
): NewObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels: { ...common, ...labels } },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: { ...common, ...labels, ...selector } },
        spec: {
          containers: [
            {
              name,
              image,
              imagePullPolicy: 'IfNotPresent',
              ...(args ? { args } : {}),
              resources: { requests: { cpu: '10m', memory: '50Mi' } },
            },
          ],
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          ...(kind === 'DaemonSet' ? { tolerations: [{ operator: 'Exists' }] } : {}),
          serviceAccountName: name,
        },
      },
    },
  };
}
