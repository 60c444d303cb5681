import type { Condition, K8sObject } from '@/lib/k8s/object';

/** What the console reads of a pod. */
export interface Pod extends K8sObject {
  spec?: { nodeName?: string };
  status?: {
    phase?: string;
    conditions?: Condition[];
    containerStatuses?: {
      name: string;
      ready?: boolean;
      state?: { waiting?: { reason?: string; message?: string } };
    }[];
  };
}

/** `2/3` containers ready, and what the first waiting one waits for. */
export function podContainers({ status }: Pod): { ready: number; total: number; waiting: string } {
  const containers = status?.containerStatuses ?? [];
  const waiting = containers.find(({ state }) => state?.waiting)?.state?.waiting;
  return {
    ready: containers.filter(({ ready }) => ready).length,
    total: containers.length,
    waiting: waiting?.message || waiting?.reason || '',
  };
}

/** What the console reads of a node. */
export interface Node extends K8sObject {
  spec?: { unschedulable?: boolean };
  status?: { conditions?: Condition[]; allocatable?: Record<string, string> };
}
