import type { ClusterApi, KubeObject } from '../api/objects';
import type { Service } from '../controllers/services/types';
import { VMIS } from '../controllers/types';
import { keyFor, splitKey, WorkQueue } from '../controllers/work-queue';
import { type Door, doorsOf, endpointsOf, type Target } from './doors';
import { type Dial, type Listener, listenAt } from './listeners';

const LATENCY_MS = 50;
/** Somebody who holds a port may let go of it. */
const RETRY_MS = 15_000;

const placeOf = ({ protocol, address, port }: Door) => `${protocol} ${address}:${port}`;

/**
 * kube-proxy, for the host: opens the services of the cluster on the loopback interface, and leads whoever comes to
 * their pods. Where a port cannot be had, an event on the service says why.
 */
export class ServiceDoors {
  private readonly queue = new WorkQueue('services on the host', (key) => this.reconcile(key), LATENCY_MS);
  /** By place; two headless services may share pods, and so doors. */
  private readonly open = new Map<string, { listener: Listener; owner: string }>();
  private readonly told = new Map<string, string>();
  private readonly stops: (() => void)[];
  private closed = false;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly dial: Dial,
    private readonly canBeReached: (target: Target) => boolean,
  ) {
    const again = ({ object }: { object: KubeObject }) => this.queue.add(keyFor(object));
    this.stops = [
      cluster.watch('services', again),
      cluster.watch('endpoints', again),
      // A guest may come or go without its pod's being told.
      cluster.watch(VMIS, ({ object, previous, type }) => {
        const phase = (one: KubeObject | undefined) => (one?.status as { phase?: string } | undefined)?.phase;
        if (type === 'MODIFIED' && phase(previous) === phase(object)) return;
        for (const service of cluster.list('services', object.metadata.namespace)) again({ object: service });
      }),
    ];
  }

  close(): void {
    this.closed = true;
    for (const stop of this.stops) stop();
    this.queue.close();
    for (const { listener } of this.open.values()) listener.close();
    this.open.clear();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const service = this.cluster.get<Service>('services', namespace, name);
    const endpoints = service && endpointsOf(this.cluster, service);
    const doors = service && endpoints ? doorsOf(service, endpoints, this.canBeReached) : [];
    const wanted = new Map(doors.map((door) => [placeOf(door), door]));
    for (const [place, { listener, owner }] of this.open) {
      if (owner !== key || wanted.has(place)) continue;
      this.open.delete(place);
      listener.close();
    }
    for (const [place, door] of wanted) {
      const present = this.open.get(place);
      if (present) present.listener.door = door;
      else await this.unlock(key, place, door);
    }
    for (const place of this.told.keys()) {
      if (place.startsWith(`${key} `) && !wanted.has(place.slice(key.length + 1))) this.told.delete(place);
    }
  }

  private async unlock(key: string, place: string, door: Door): Promise<void> {
    try {
      const listener = await listenAt(door, this.dial);
      if (this.closed || this.open.has(place)) listener.close();
      else this.open.set(place, { listener, owner: key });
      this.told.delete(`${key} ${place}`);
    } catch (error) {
      this.queue.add(key, RETRY_MS);
      this.tell(key, place, door, error);
    }
  }

  private tell(key: string, place: string, door: Door, error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (this.told.get(`${key} ${place}`) === code || this.closed) return;
    this.told.set(`${key} ${place}`, code);
    const { namespace, name } = splitKey(key);
    const service = this.cluster.get('services', namespace, name);
    if (!service) return;
    this.cluster.event(service, {
      type: 'Warning',
      reason: door.nodePort ? 'NodePortNotOpened' : 'PortNotOpened',
      message: `The port ${door.port} of ${door.address} on this computer leads nowhere: ${why(code, door)}`,
      component: 'kube-proxy',
    });
  }
}

function why(code: string, { port }: Door): string {
  if (code === 'EADDRINUSE') return 'another program has it. It is tried again.';
  if (code === 'EACCES' && port < 1024) {
    return 'ports below 1024 are for the administrator. Use a higher port, or a NodePort.';
  }
  if (code === 'EADDRNOTAVAIL') return 'this system has only 127.0.0.1. Use a NodePort.';
  return `it cannot be opened (${code}).`;
}
