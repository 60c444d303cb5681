import type { ClusterApi } from '../api/objects';
import {
  type EndpointAddress,
  type EndpointPort,
  type Endpoints,
  isHeadless,
  type Service,
} from '../controllers/services/types';
import { loopbackOf } from './loopback';

export type Protocol = 'tcp' | 'udp';

/** A place on the host's loopback interface that leads to pods. */
export interface Door {
  protocol: Protocol;
  address: string;
  port: number;
  targets: Target[];
  /** Whether a client that has reached one target reaches the same one again. */
  sticky: boolean;
  /** A port that others of the host may well have: that it is taken is no fault of the cluster's. */
  nodePort: boolean;
}

export interface Target {
  namespace: string;
  pod: string;
  port: number;
}

const HOST = '127.0.0.1';

/**
 * The doors of a service: its address with each of its ports, its node ports, and for a headless one the addresses of
 * its pods. There is none where nobody is ready, as kube-proxy refuses there.
 * @param canBeReached Whether something runs in a pod that a connection can lead to.
 */
export function doorsOf(
  service: Service,
  { subsets = [] }: Endpoints,
  canBeReached: (target: Target) => boolean,
): Door[] {
  const { ports = [], clusterIP, sessionAffinity } = service.spec;
  const sticky = sessionAffinity === 'ClientIP';
  const leading = (port: EndpointPort, addresses: EndpointAddress[]) =>
    addresses
      .flatMap(({ targetRef }): Target[] =>
        targetRef?.kind === 'Pod'
          ? [{ namespace: targetRef.namespace ?? '', pod: targetRef.name, port: port.port }]
          : [],
      )
      .filter(canBeReached);
  const doors: Door[] = [];
  const open = (door: Omit<Door, 'sticky'>) => {
    if (door.targets.length > 0) doors.push({ ...door, sticky });
  };
  if (isHeadless(service)) {
    for (const { addresses = [], ports: found = [] } of subsets) {
      for (const port of found) {
        for (const address of addresses) {
          const own = loopbackOf(address.ip);
          const protocol = protocolOf(port.protocol);
          if (own && protocol) {
            open({
              protocol,
              address: own,
              port: port.port,
              targets: leading(port, [address]),
              nodePort: false,
            });
          }
        }
      }
    }
    return doors;
  }
  const address = loopbackOf(clusterIP);
  for (const { name, port, protocol: spoken, nodePort } of ports) {
    const protocol = protocolOf(spoken);
    if (!protocol) continue;
    const targets = subsets.flatMap(({ addresses = [], ports: found = [] }) =>
      found
        .filter((one) => (one.name ?? '') === (name ?? '') && (one.protocol ?? 'TCP') === (spoken ?? 'TCP'))
        .flatMap((one) => leading(one, addresses)),
    );
    if (address) open({ protocol, address, port, targets, nodePort: false });
    if (nodePort) open({ protocol, address: HOST, port: nodePort, targets, nodePort: true });
  }
  return doors;
}

/** The service's Endpoints, made by their controller or by hand. */
export function endpointsOf(cluster: ClusterApi, { metadata }: Service): Endpoints | undefined {
  return cluster.get<Endpoints>('endpoints', metadata.namespace, metadata.name);
}

/** SCTP has no sockets here. */
function protocolOf(protocol = 'TCP'): Protocol | undefined {
  if (protocol === 'TCP') return 'tcp';
  return protocol === 'UDP' ? 'udp' : undefined;
}
