import type { ClusterApi } from '../api/objects';
import type { Node, Pod } from './types';

const FIRST_HOST = 2;
const LAST_HOST = 254;
const DEFAULT_CIDR = '10.244.0.0/24';

/** Hands out pod addresses from each node's /24; a fresh one every time, so that a restart shows. */
export class PodAddresses {
  private readonly last = new Map<string, number>();

  constructor(private readonly cluster: ClusterApi) {}

  next(nodeName: string): string {
    const cidr = this.cluster.get<Node>('nodes', undefined, nodeName)?.spec.podCIDR ?? DEFAULT_CIDR;
    const prefix = cidr.split('/')[0]?.split('.').slice(0, 3).join('.') ?? '';
    const used = new Set(
      this.cluster
        .list<Pod>('pods')
        .filter(holdsAddress)
        .map(({ status }) => status?.podIP),
    );
    const count = LAST_HOST - FIRST_HOST + 1;
    const from = this.last.get(nodeName) ?? FIRST_HOST - 1;
    for (let step = 1; step <= count; step += 1) {
      const host = FIRST_HOST + ((from - FIRST_HOST + step) % count);
      const address = `${prefix}.${host}`;
      if (used.has(address)) continue;
      this.last.set(nodeName, host);
      return address;
    }
    throw new Error(`Node ${nodeName} has no pod address left in ${cidr}`);
  }
}

function holdsAddress({ status }: Pod): boolean {
  return status?.podIP !== undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed';
}
