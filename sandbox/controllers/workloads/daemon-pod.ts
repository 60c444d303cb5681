import type { NewObject } from '../../api/objects';
import type { Toleration } from '../placement-types';
import type { Pod } from '../types';
import { podFromTemplate } from './pods';
import type { DaemonSet } from './types';

/** What every daemon pod puts up with (AddOrUpdateDaemonPodTolerations). */
const TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const NETWORK: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** The pod of a daemon set for one node: the scheduler binds it, and affinity leaves it no choice. */
export function daemonPod(set: DaemonSet, node: string, hash: string): NewObject & { spec: Pod['spec'] } {
  const pod = podFromTemplate(set, set.spec.template, {
    labels: {
      'controller-revision-hash': hash,
      'pod-template-generation':
        set.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? '1',
    },
  });
  const required = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
  };
  pod.spec.affinity = {
    ...pod.spec.affinity,
    nodeAffinity: {
      ...pod.spec.affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: required,
    },
  };
  pod.spec.tolerations = [
    ...(pod.spec.tolerations ?? []),
    ...TOLERATIONS,
    ...(pod.spec.hostNetwork ? [NETWORK] : []),
  ];
  return pod;
}

/** The node that a daemon pod is on or meant for. */
export function nodeOf({ spec }: Pod): string {
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return spec.nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0] ?? '';
}
