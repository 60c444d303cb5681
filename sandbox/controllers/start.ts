import type { ClusterApi } from '../api/objects';
import { Cdi } from '../cdi/cdi';
import { UploadProxy } from '../cdi/upload/upload-proxy';
import { UploadServers } from '../cdi/upload/upload-servers';
import { WorkerRuns } from '../cdi/worker-runs';
import type { Hypervisor } from '../guests/hypervisor';
import type { ImageStore } from '../registry/image-store';
import { AccessCredentials } from './access-credentials';
import { CommonInstancetypes } from './common-instancetypes';
import { DeadNodes } from './dead-nodes';
import { DiskGrowth } from './disk-growth';
import { DisruptionController } from './disruption-budgets';
import { ExportController } from './export/export-controller';
import { ExporterServers } from './export/exporter-server';
import { Heartbeats } from './heartbeats';
import { HotplugController } from './hotplug/hotplug-controller';
import { HotplugHandler } from './hotplug/hotplug-handler';
import { ImageCollector } from './image-collector';
import { KeptState } from './kept-state';
import { Kubelet } from './kubelet';
import { LeaderLeases } from './leader-leases';
import { LiveImages } from './live-images';
import { CardRule } from './live-update/card-rule';
import { LiveSync } from './live-update/live-sync';
import { sizeRule } from './live-update/size-rule';
import { MemoryDumpController } from './memory-dump/memory-dump-controller';
import { MemoryDumpHandler } from './memory-dump/memory-dump-handler';
import { EvacuationController } from './migration/evacuation-controller';
import { MigrationController } from './migration/migration-controller';
import { MigrationHandler } from './migration/migration-handler';
import { VolumeMoves } from './migration/volume-moves';
import { WorkloadUpdateController } from './migration/workload-update-controller';
import { NetworkPolicies } from './network-policies';
import { NodeLifecycle } from './node-lifecycle';
import { reachService } from './pod-server';
import { QuotaController } from './quota-controller';
import { Scheduler } from './scheduler';
import { EndpointsController } from './services/endpoints-controller';
import { InstanceReplicaSetController } from './sets/instance-replica-set';
import { PoolController } from './sets/pool';
import { CloneController } from './snapshot/clone-controller';
import { RestoreController } from './snapshot/restore-controller';
import { SnapshotController } from './snapshot/snapshot-controller';
import { TaintEviction } from './taint-eviction';
import { VirtHandler } from './virt-handler';
import { VirtNodes } from './virt-nodes';
import { VmController } from './vm-controller';
import { VmiController } from './vmi-controller';
import { VolumeSnapshots } from './volume-snapshots';
import { VolumeController } from './volumes';
import { DaemonSetController } from './workloads/daemon-set';
import { DeploymentController } from './workloads/deployment';
import { JobController } from './workloads/job';
import { ReplicaSetController } from './workloads/replica-set';
import { StatefulSetController } from './workloads/stateful-set';

export interface ControllerOptions {
  /** Where disks live. */
  directory: string;
  /** Container disks from registries. */
  images: ImageStore;
  /** Told about long work, in whole sentences. */
  progress: (sentence: string) => void;
}

export interface Controllers {
  virtHandler: VirtHandler;
  deadNodes: DeadNodes;
  /** What runs in CDI's worker pods. */
  workerRuns: WorkerRuns;
  /** What runs in CDI's upload pods, and what leads to them. */
  uploadServers: UploadServers;
  uploadProxy: UploadProxy;
  /** What runs in exporter pods. */
  exporters: ExporterServers;
  /** Resolves when nothing is written any more. */
  close(): Promise<void>;
}

/** Starts everything that makes the cluster move. Each looks at all that exists first, so a restart converges. */
export function startControllers(
  cluster: ClusterApi,
  hypervisor: Hypervisor,
  { directory, images, progress }: ControllerOptions,
): Controllers {
  const deadNodes = new DeadNodes();
  const virtHandler = new VirtHandler(cluster.as('virt-handler'), hypervisor, {
    directory,
    progress,
    deadNodes,
    images,
  });
  const manager = cluster.as('kube-controller-manager');
  const uploadServers = new UploadServers(cluster.as('kubelet'), directory);
  const uploadProxy = new UploadProxy(cluster, directory, uploadServers);
  const exporters = new ExporterServers(cluster, directory);
  const reach = reachService(cluster, [exporters, uploadProxy]);
  const workerRuns = new WorkerRuns(cluster.as('kubelet'), directory, images, reach);
  const volumeMoves = new VolumeMoves(cluster.as('virt-handler'), virtHandler, directory);
  const migrations = new MigrationHandler(
    cluster.as('virt-handler'),
    virtHandler,
    hypervisor,
    deadNodes,
    volumeMoves,
  );
  const others = [
    new Heartbeats(cluster.as('kubelet'), deadNodes),
    new VolumeController(manager, hypervisor, directory),
    new VolumeSnapshots(
      cluster.as('snapshot-controller'),
      new LiveImages(cluster, virtHandler, directory),
      directory,
    ),
    new Scheduler(cluster.as('kube-scheduler')),
    new Kubelet(cluster.as('kubelet'), deadNodes, images),
    new KeptState(cluster.as('virt-controller'), directory),
    new ImageCollector(cluster.as('kubelet'), images),
    new VmiController(cluster.as('virt-controller')),
    new VmController(cluster.as('virt-controller')),
    new SnapshotController(cluster.as('virt-controller'), virtHandler),
    new RestoreController(cluster.as('virt-controller')),
    new CloneController(cluster.as('virt-controller')),
    new ExportController(cluster.as('virt-controller')),
    new MemoryDumpController(cluster.as('virt-controller')),
    new MemoryDumpHandler(cluster.as('virt-handler'), virtHandler, directory),
    new HotplugController(cluster.as('virt-controller')),
    new DiskGrowth(cluster.as('virt-handler'), virtHandler),
    new HotplugHandler(cluster.as('virt-handler'), virtHandler, hypervisor, directory),
    new LiveSync(cluster.as('virt-handler'), virtHandler, sizeRule(virtHandler)),
    new LiveSync(
      cluster.as('virt-handler'),
      virtHandler,
      new CardRule(cluster.as('virt-handler'), virtHandler),
    ),
    new EvacuationController(cluster.as('virt-controller')),
    new WorkloadUpdateController(cluster.as('virt-controller')),
    new AccessCredentials(cluster.as('virt-handler'), virtHandler),
    new MigrationController(cluster.as('virt-controller')),
    volumeMoves,
    migrations,
    new DeploymentController(manager),
    new ReplicaSetController(manager),
    new DaemonSetController(manager),
    new StatefulSetController(manager),
    new JobController(manager),
    new InstanceReplicaSetController(cluster.as('virt-controller')),
    new PoolController(cluster.as('virt-controller')),
    new CommonInstancetypes(cluster.as('virt-operator')),
    new Cdi(cluster.as('cdi-controller'), uploadProxy, images),
    workerRuns,
    uploadProxy,
    uploadServers,
    exporters,
    new EndpointsController(manager),
    new NetworkPolicies(cluster),
    new QuotaController(manager),
    new DisruptionController(manager),
    new NodeLifecycle(manager, deadNodes),
    new LeaderLeases(cluster.as('virt-operator')),
    new TaintEviction(manager),
    new VirtNodes(cluster.as('virt-controller'), deadNodes),
  ];
  return {
    virtHandler,
    deadNodes,
    workerRuns,
    uploadServers,
    uploadProxy,
    exporters,
    async close() {
      virtHandler.close();
      await Promise.all(others.map((controller) => controller.close()));
    },
  };
}
