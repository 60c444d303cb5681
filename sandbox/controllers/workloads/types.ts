import type { LabelSelection } from '../../api/label-selection';
import type { KubeObject, NewObject } from '../../api/objects';
import type { Condition, Pod } from '../types';

/** The parts of the workload kinds that their controllers read and write. */

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: Pod['spec'];
}

export interface WorkloadCondition extends Condition {
  lastUpdateTime?: string;
}

export interface WorkloadStatus {
  observedGeneration?: number;
  conditions?: WorkloadCondition[];
  [field: string]: unknown;
}

export interface ReplicaSet extends KubeObject {
  spec: { replicas?: number; selector: LabelSelection; template: PodTemplate; minReadySeconds?: number };
  status?: WorkloadStatus & ReplicaCounts;
}

export interface ReplicaCounts {
  replicas?: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
}

export interface Deployment extends KubeObject {
  spec: {
    replicas?: number;
    selector: LabelSelection;
    template: PodTemplate;
    strategy?: {
      type?: string;
      rollingUpdate?: { maxSurge?: string | number; maxUnavailable?: string | number };
    };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    progressDeadlineSeconds?: number;
    paused?: boolean;
  };
  status?: WorkloadStatus & ReplicaCounts & { updatedReplicas?: number; unavailableReplicas?: number };
}

export interface DaemonSet extends KubeObject {
  spec: {
    selector: LabelSelection;
    template: PodTemplate;
    updateStrategy?: { type?: string; rollingUpdate?: { maxUnavailable?: string | number } };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
  };
  status?: WorkloadStatus & { [count: string]: unknown };
}

export interface ControllerRevision extends KubeObject {
  data: { spec: { template: unknown } };
  revision: number;
}

export interface StatefulSet extends KubeObject {
  spec: {
    replicas?: number;
    serviceName?: string;
    selector: LabelSelection;
    template: PodTemplate;
    podManagementPolicy?: string;
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
    volumeClaimTemplates?: (NewObject & { metadata: { name: string } })[];
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
  };
  status?: WorkloadStatus & ReplicaCounts & { [count: string]: unknown };
}

export interface Job extends KubeObject {
  spec: {
    completions?: number;
    parallelism?: number;
    backoffLimit?: number;
    suspend?: boolean;
    ttlSecondsAfterFinished?: number;
    selector?: LabelSelection;
    template: PodTemplate;
  };
  status?: WorkloadStatus & {
    active?: number;
    ready?: number;
    succeeded?: number;
    failed?: number;
    terminating?: number;
    startTime?: string;
    completionTime?: string;
  };
}

export const DEPLOYMENTS = 'deployments.apps';
export const REPLICA_SETS = 'replicasets.apps';
export const DAEMON_SETS = 'daemonsets.apps';
export const STATEFUL_SETS = 'statefulsets.apps';
export const JOBS = 'jobs.batch';
export const TEMPLATE_HASH = 'pod-template-hash';
export const REVISION = 'deployment.kubernetes.io/revision';
