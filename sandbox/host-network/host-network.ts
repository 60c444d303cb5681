import type { ClusterApi } from '../api/objects';
import type { PodRuntime } from '../api/pod-streams';
import type { Pod } from '../controllers/types';
import { DnsServer } from './dns-server';
import type { Target } from './doors';
import { ServiceDoors } from './service-doors';

/** The cluster's network as the host sees it: names, and the ports of services. */
export class HostNetwork {
  private constructor(
    private readonly dns: DnsServer,
    private readonly doors: ServiceDoors,
  ) {}

  static async start(cluster: ClusterApi, runtime: PodRuntime, directory: string): Promise<HostNetwork> {
    const podOf = ({ namespace, pod }: Target) => cluster.get<Pod>('pods', namespace, pod);
    const doors = new ServiceDoors(
      cluster.as('kube-proxy'),
      async (target, protocol) => {
        const pod = podOf(target);
        if (!pod) throw new Error('no route to host');
        return runtime.dial(pod, target.port, protocol);
      },
      (target) => {
        const pod = podOf(target);
        return pod !== undefined && runtime.listens(pod);
      },
    );
    return new HostNetwork(await DnsServer.start(cluster, directory), doors);
  }

  /** Where the cluster's names are answered: `127.0.0.1:40053`. */
  get names(): string {
    return `127.0.0.1:${this.dns.port}`;
  }

  close(): void {
    this.doors.close();
    this.dns.close();
  }
}
