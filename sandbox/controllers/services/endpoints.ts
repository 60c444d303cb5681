import type { Pod } from '../types';
import { isReady } from '../workloads/pods';
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Service,
  ServicePort,
  SliceEndpoint,
} from './types';
import { isHeadless } from './types';

/** Which pods stand behind a service, as kube-controller-manager's endpoint and endpointslice controllers see it. */

const SLICE_MAX = 100;

/** A pod that a service leads to, with the ports that it has there. */
interface Backend {
  pod: Pod;
  ip: string;
  ports: EndpointPort[];
  ready: boolean;
  terminating: boolean;
  serving: boolean;
}

/** Whether a service's selector covers a pod; without a selector it covers none. */
export function covers({ spec }: Service, { metadata }: Pod): boolean {
  const wanted = Object.entries(spec.selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => metadata.labels?.[key] === value);
}

/** The `subsets` of the service's Endpoints: addresses with the same ports together. Pods that end are left out. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const groups = new Map<string, EndpointSubset>();
  for (const { pod, ip, ports, ready, terminating } of backends(service, pods)) {
    if (terminating && !service.spec.publishNotReadyAddresses) continue;
    const key = JSON.stringify(ports);
    const group: EndpointSubset = groups.get(key) ?? (ports.length > 0 ? { ports } : {});
    const list = ready ? 'addresses' : 'notReadyAddresses';
    group[list] = [...(group[list] ?? []), addressOf(service, pod, ip)];
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What the service's EndpointSlices hold: at most a hundred endpoints each, all of one slice with the same ports. */
export function slicesOf(
  service: Service,
  pods: readonly Pod[],
): { endpoints: SliceEndpoint[]; ports: EndpointPort[] }[] {
  const groups = new Map<string, { endpoints: SliceEndpoint[]; ports: EndpointPort[] }[]>();
  for (const { pod, ip, ports, ready, serving, terminating } of backends(service, pods)) {
    const key = JSON.stringify(ports);
    const slices = groups.get(key) ?? [];
    groups.set(key, slices);
    let last = slices.at(-1);
    if (!last || last.endpoints.length >= SLICE_MAX) {
      // Unlike in Endpoints, a port without a name has an empty one.
      last = { endpoints: [], ports: ports.map(({ name = '', ...port }) => ({ name, ...port })) };
      slices.push(last);
    }
    const { ip: _, ...about } = addressOf(service, pod, ip);
    last.endpoints.push({ addresses: [ip], conditions: { ready, serving, terminating }, ...about });
  }
  // A service that leads nowhere has a slice, too.
  return groups.size > 0 ? [...groups.values()].flat() : [{ endpoints: [], ports: [] }];
}

function backends(service: Service, pods: readonly Pod[]): Backend[] {
  const { ports = [], publishNotReadyAddresses = false } = service.spec;
  return pods
    .filter((pod) => covers(service, pod))
    .flatMap((pod): Backend[] => {
      const { podIP: ip, phase } = pod.status ?? {};
      if (ip === undefined || phase === 'Succeeded' || phase === 'Failed') return [];
      const terminating = pod.metadata.deletionTimestamp !== undefined;
      const serving = isReady(pod);
      const ready = publishNotReadyAddresses || (serving && !terminating);
      const found = ports.flatMap((port) => endpointPort(port, pod));
      // A pod that has none of the ports is not behind the service; without ports, only a headless one leads to it.
      if (found.length === 0 && !(ports.length === 0 && isHeadless(service))) return [];
      return [{ pod, ip, ports: found, ready, serving, terminating }];
    })
    .sort((one, other) => (one.ip < other.ip ? -1 : 1));
}

function endpointPort(
  { name, port, protocol = 'TCP', targetPort = port, appProtocol }: ServicePort,
  pod: Pod,
): EndpointPort[] {
  const number = typeof targetPort === 'number' ? targetPort : namedPort(pod, targetPort, protocol);
  if (number === undefined) return [];
  return [{ ...(name ? { name } : {}), port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }];
}

function namedPort({ spec }: Pod, name: string, protocol: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name);
  for (const { ports = [] } of spec.containers) {
    const found = ports.find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}

function addressOf({ metadata }: Service, pod: Pod, ip: string): EndpointAddress {
  const { hostname, subdomain, nodeName } = pod.spec;
  const { name, namespace, uid } = pod.metadata;
  return {
    ip,
    // Only pods that say so are known by a name of their own.
    ...(hostname && subdomain === metadata.name ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: { kind: 'Pod', ...(namespace ? { namespace } : {}), name, uid },
  };
}
