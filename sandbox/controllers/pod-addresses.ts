import type { ClusterApi } from '../api/objects';
import type { Node, Pod } from './types';

const FIRST_HOST = 2;
const DEFAULT_CIDR = '10.244.0.0/24';
const BITS = 32;

/** Hands out pod addresses from each node's range; a fresh one every time, so that a restart shows. */
export class PodAddresses {
  private readonly last = new Map<string, number>();
  /** Who has an address, by pod uid. */
  private readonly held = new Map<string, string>();
  private readonly taken = new Map<string, number>();
  private readonly stop: () => void;

  constructor(private readonly cluster: ClusterApi) {
    // Not left to the watch's beginning, which may leave out what is settled.
    for (const pod of cluster.list<Pod>('pods')) this.note(pod, holdsAddress(pod));
    this.stop = cluster.watch<Pod>('pods', ({ type, object }) =>
      this.note(object, type !== 'DELETED' && holdsAddress(object)),
    );
  }

  close(): void {
    this.stop();
  }

  /** @throws when all addresses of the node are taken */
  next(nodeName: string): string {
    const cidr = this.cluster.get<Node>('nodes', undefined, nodeName)?.spec.podCIDR ?? DEFAULT_CIDR;
    const [network = '', length = '24'] = cidr.split('/');
    const base = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    // The last address is the broadcast address.
    const count = 2 ** (BITS - Number(length)) - 1 - FIRST_HOST;
    const from = this.last.get(nodeName) ?? FIRST_HOST - 1;
    for (let step = 1; step <= count; step += 1) {
      const host = FIRST_HOST + ((from - FIRST_HOST + step) % count);
      const address = dotted(base + host);
      if (this.taken.has(address)) continue;
      this.last.set(nodeName, host);
      return address;
    }
    throw new Error(`Node ${nodeName} has no pod address left in ${cidr}`);
  }

  private note({ metadata, status }: Pod, holds: boolean): void {
    const before = this.held.get(metadata.uid);
    const now = holds ? status?.podIP : undefined;
    if (before === now) return;
    if (before !== undefined) this.count(before, -1);
    if (now !== undefined) this.count(now, 1);
    if (now === undefined) this.held.delete(metadata.uid);
    else this.held.set(metadata.uid, now);
  }

  /** Pods on the host's network share its address. */
  private count(address: string, by: 1 | -1): void {
    const count = (this.taken.get(address) ?? 0) + by;
    if (count > 0) this.taken.set(address, count);
    else this.taken.delete(address);
  }
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

function holdsAddress({ status }: Pod): boolean {
  return status?.podIP !== undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed';
}
