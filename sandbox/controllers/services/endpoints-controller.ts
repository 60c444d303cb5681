import { isDeepStrictEqual } from 'node:util';
import { generatedName } from '../../api/metadata';
import type { ClusterApi } from '../../api/objects';
import { now } from '../time';
import type { Pod } from '../types';
import { ownerReference } from '../vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { covers, slicesOf, subsetsOf } from './endpoints';
import {
  ENDPOINT_SLICES,
  type EndpointSlice,
  type Endpoints,
  isHeadless,
  SERVICE_NAME,
  type Service,
} from './types';

const LATENCY_MS = 20;
const HEADLESS = 'service.kubernetes.io/headless';
const SLICES_MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SLICE_CONTROLLER = 'endpointslice-controller.k8s.io';
const TRIGGERED = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Keeps Endpoints and EndpointSlices of every service with a selector in step with its pods. */
export class EndpointsController {
  private readonly queue = new WorkQueue('endpoints', (key) => this.reconcile(key), LATENCY_MS);
  /** Services with a selector, by namespace: pods come by the thousand where there may be none. */
  private readonly selecting = new Map<string, Map<string, Service>>();
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<Service>('services', ({ type, object }) => {
        this.note(object, type !== 'DELETED');
        this.queue.add(keyFor(object));
      }),
      cluster.watch<Pod>('pods', ({ type, object, previous }) => {
        const services = this.selecting.get(object.metadata.namespace ?? '');
        if (!services) return;
        if (previous && type === 'MODIFIED' && isSameBackend(previous, object)) return;
        for (const service of services.values()) {
          if (covers(service, object) || (previous && covers(service, previous)))
            this.queue.add(keyFor(service));
        }
      }),
      cluster.watch<Endpoints>('endpoints', ({ object }) =>
        this.restore(object.metadata.namespace, object.metadata.name),
      ),
      cluster.watch<EndpointSlice>(ENDPOINT_SLICES, ({ object }) => {
        const name = object.metadata.labels?.[SERVICE_NAME];
        if (name) this.restore(object.metadata.namespace, name);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private note(service: Service, exists: boolean): void {
    const { namespace = '', name } = service.metadata;
    const known = this.selecting.get(namespace) ?? new Map<string, Service>();
    if (exists && Object.keys(service.spec.selector ?? {}).length > 0) known.set(name, service);
    else known.delete(name);
    if (known.size > 0) this.selecting.set(namespace, known);
    else this.selecting.delete(namespace);
  }

  /** Somebody else's change to what belongs to a service with a selector does not last. */
  private restore(namespace = '', name: string): void {
    if (this.selecting.get(namespace)?.has(name)) this.queue.add(`${namespace}/${name}`);
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const service = this.cluster.get<Service>('services', namespace, name);
    if (!service || service.metadata.deletionTimestamp) {
      // Slices go with their owner; Endpoints have none, so the controller takes them away.
      if (!service) this.cluster.delete('endpoints', namespace, name);
      return;
    }
    if (!this.selecting.get(namespace)?.has(name)) return;
    const pods = this.cluster.list<Pod>('pods', namespace);
    this.writeEndpoints(service, pods);
    this.writeSlices(service, pods);
  }

  private writeEndpoints(service: Service, pods: readonly Pod[]): void {
    const { namespace = '', name } = service.metadata;
    const subsets = subsetsOf(service, pods);
    const labels = {
      ...service.metadata.labels,
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
      ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
    };
    const present = this.cluster.get<Endpoints>('endpoints', namespace, name);
    const shown = subsets.length > 0 ? { subsets } : {};
    if (!present) {
      this.cluster.create('endpoints', {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name, namespace, labels, annotations: { [TRIGGERED]: now() } },
        ...shown,
      });
      return;
    }
    if (
      isDeepStrictEqual(present.subsets ?? [], subsets) &&
      isDeepStrictEqual(present.metadata.labels, labels)
    ) {
      return;
    }
    this.cluster.update<Endpoints>('endpoints', namespace, name, (draft) => {
      draft.metadata.labels = labels;
      draft.metadata.annotations = { ...draft.metadata.annotations, [TRIGGERED]: now() };
      delete draft.subsets;
      Object.assign(draft, shown);
    });
  }

  private writeSlices(service: Service, pods: readonly Pod[]): void {
    const { namespace = '', name, uid } = service.metadata;
    const wanted = slicesOf(service, pods);
    const present = this.cluster
      .ownedBy<EndpointSlice>(ENDPOINT_SLICES, uid)
      .filter(({ metadata }) => metadata.labels?.[SLICES_MANAGED_BY] === SLICE_CONTROLLER);
    const labels = {
      ...service.metadata.labels,
      [SLICES_MANAGED_BY]: SLICE_CONTROLLER,
      [SERVICE_NAME]: name,
      ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
    };
    for (const [index, { endpoints, ports }] of wanted.entries()) {
      const slice = present[index];
      if (!slice) {
        this.cluster.create(ENDPOINT_SLICES, {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: {
            name: generatedName(`${name}-`),
            generateName: `${name}-`,
            namespace,
            labels,
            annotations: { [TRIGGERED]: now() },
            ownerReferences: [ownerReference(service)],
          },
          addressType: 'IPv4',
          endpoints,
          ports,
        });
        continue;
      }
      const same =
        isDeepStrictEqual(slice.endpoints, endpoints) &&
        isDeepStrictEqual(slice.ports, ports) &&
        isDeepStrictEqual(slice.metadata.labels, labels);
      if (same) continue;
      this.cluster.update<EndpointSlice>(ENDPOINT_SLICES, namespace, slice.metadata.name, (draft) => {
        draft.metadata.labels = labels;
        draft.metadata.annotations = { ...draft.metadata.annotations, [TRIGGERED]: now() };
        draft.endpoints = endpoints;
        draft.ports = ports;
      });
    }
    for (const { metadata } of present.slice(wanted.length)) {
      this.cluster.delete(ENDPOINT_SLICES, namespace, metadata.name);
    }
  }
}

/** Whether a change to a pod leaves everything as it is that a service could look at. */
function isSameBackend(before: Pod, after: Pod): boolean {
  return (
    before.metadata.labels === after.metadata.labels &&
    before.metadata.deletionTimestamp === after.metadata.deletionTimestamp &&
    before.spec === after.spec &&
    before.status === after.status
  );
}
