import type { ClusterApi } from '../api/objects';
import type { Hypervisor } from '../guests/hypervisor';
import { DeadNodes } from './dead-nodes';
import { Heartbeats } from './heartbeats';
import { Kubelet } from './kubelet';
import { Scheduler } from './scheduler';
import { VirtHandler } from './virt-handler';
import { VmController } from './vm-controller';
import { VmiController } from './vmi-controller';
import { VolumeController } from './volumes';
import { DaemonSetController } from './workloads/daemon-set';
import { DeploymentController } from './workloads/deployment';
import { JobController } from './workloads/job';
import { ReplicaSetController } from './workloads/replica-set';
import { StatefulSetController } from './workloads/stateful-set';

export interface ControllerOptions {
  /** Where disks live. */
  directory: string;
  /** Told about long work, in whole sentences. */
  progress: (sentence: string) => void;
}

export interface Controllers {
  virtHandler: VirtHandler;
  deadNodes: DeadNodes;
  close(): void;
}

/** Starts everything that makes the cluster move. Each looks at all that exists first, so a restart converges. */
export function startControllers(
  cluster: ClusterApi,
  hypervisor: Hypervisor,
  { directory, progress }: ControllerOptions,
): Controllers {
  const deadNodes = new DeadNodes();
  const virtHandler = new VirtHandler(cluster, hypervisor, { directory, progress, deadNodes });
  const others = [
    new Heartbeats(cluster, deadNodes),
    new VolumeController(cluster, hypervisor, directory),
    new Scheduler(cluster),
    new Kubelet(cluster, deadNodes),
    new VmiController(cluster),
    new VmController(cluster),
    new DeploymentController(cluster),
    new ReplicaSetController(cluster),
    new DaemonSetController(cluster),
    new StatefulSetController(cluster),
    new JobController(cluster),
  ];
  return {
    virtHandler,
    deadNodes,
    close() {
      virtHandler.close();
      for (const controller of others) controller.close();
    },
  };
}
