import type { Duplex } from 'node:stream';
import type { ClusterApi, KubeObject } from '../api/objects';
import { isTrue } from './conditions';
import type { Pod } from './types';

/** A program that the sandbox stands in for, in pods of some kind. */
export interface PodServer {
  /** A connection to a port of a pod; undefined where it does not listen. */
  dial(pod: KubeObject, port: number): Duplex | undefined;
  /** Whether services lead to it from the host as well; without, it has an address of its own there. */
  listens?(pod: KubeObject): boolean;
}

interface Service extends KubeObject {
  spec?: {
    selector?: Record<string, string>;
    ports?: { port: number; targetPort?: number | string }[];
  };
}

/** A connection to `name.namespace.svc`, as pods of the cluster make it; undefined where nobody listens. */
export type ReachService = (host: string, port: number) => Duplex | undefined;

const SERVICE_NAME = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\.cluster\.local)?\.?$/;

/** Leads from the name of a service to one of `servers` in a ready pod behind it. */
export function reachService(cluster: ClusterApi, servers: readonly PodServer[]): ReachService {
  return (host, port) => {
    const [, name, namespace] = SERVICE_NAME.exec(host) ?? [];
    if (!name || !namespace) return undefined;
    const { selector, ports = [] } = cluster.get<Service>('services', namespace, name)?.spec ?? {};
    const target = ports.find((one) => one.port === port);
    if (!selector || !target) return undefined;
    const wanted = Number(target.targetPort ?? target.port);
    for (const pod of cluster.list<Pod>('pods', namespace)) {
      const labels = pod.metadata.labels ?? {};
      const isMeant = Object.entries(selector).every(([key, value]) => labels[key] === value);
      if (!isMeant || !isTrue(pod.status, 'Ready')) continue;
      for (const server of servers) {
        const connection = server.dial(pod, wanted);
        if (connection) return connection;
      }
    }
    return undefined;
  };
}
