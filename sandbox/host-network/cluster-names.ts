import type { ClusterApi } from '../api/objects';
import { type EndpointAddress, isHeadless, type Service } from '../controllers/services/types';
import { CODE, type DnsAnswer, type DnsRecord, type Question, TYPE } from './dns-message';
import { endpointsOf } from './doors';
import { loopbackOf } from './loopback';

export const CLUSTER_DOMAIN = 'cluster.local';
const REFUSED: DnsAnswer = { code: CODE.refused, answers: [] };
const UNKNOWN: DnsAnswer = { code: CODE.unknownName, answers: [] };
const NOTHING: DnsAnswer = { code: CODE.ok, answers: [] };

/** One address of a headless service, with the label that it is known by below the service's name. */
interface Host {
  label: string;
  address: string;
  ports: { name: string; port: number; protocol: string }[];
}

/**
 * What the cluster's DNS says of a name, as CoreDNS' kubernetes plugin does, with the difference that addresses are
 * those of the host's loopback interface, where they lead somewhere: `SERVICE.NAMESPACE.svc.cluster.local`, below it
 * the hosts of headless services and `_PORT._PROTOCOL`, and `A-B-C-D.NAMESPACE.pod.cluster.local`.
 */
export function resolve(cluster: ClusterApi, { name, type }: Pick<Question, 'name' | 'type'>): DnsAnswer {
  if (name !== CLUSTER_DOMAIN && !name.endsWith(`.${CLUSTER_DOMAIN}`)) return REFUSED;
  const labels = name.slice(0, -CLUSTER_DOMAIN.length - 1).split('.');
  const kind = labels.pop();
  const namespace = labels.pop();
  if (kind === 'pod' && namespace && labels.length === 1) return podAnswer(name, type, labels[0] ?? '');
  const service = labels.pop();
  if (kind !== 'svc' || !namespace) return kind === 'svc' || kind === '' ? NOTHING : UNKNOWN;
  if (!service) return cluster.get('namespaces', undefined, namespace) ? NOTHING : UNKNOWN;
  const found = cluster.get<Service>('services', namespace, service);
  return found ? serviceAnswer(cluster, found, { name, type, below: labels }) : UNKNOWN;
}

function podAnswer(name: string, type: number, label: string): DnsAnswer {
  const address = loopbackOf(label.replaceAll('-', '.'));
  return address ? only(type, [{ name, type: 'A', address }]) : UNKNOWN;
}

function serviceAnswer(
  cluster: ClusterApi,
  service: Service,
  { name, type, below }: { name: string; type: number; below: string[] },
): DnsAnswer {
  const { type: kind, clusterIP, externalName, ports = [] } = service.spec;
  const full = `${service.metadata.name}.${service.metadata.namespace}.svc.${CLUSTER_DOMAIN}`;
  if (kind === 'ExternalName') {
    if (below.length > 0) return UNKNOWN;
    return { code: CODE.ok, answers: [{ name, type: 'CNAME', target: externalName ?? '' }] };
  }
  const hosts = isHeadless(service) ? hostsOf(cluster, service) : [];
  if (below.length === 0) {
    const own = loopbackOf(clusterIP);
    const addresses = isHeadless(service) ? hosts.map(({ address }) => address) : own ? [own] : [];
    // A headless service without anybody behind it has no name.
    if (addresses.length === 0) return UNKNOWN;
    return only(
      type,
      addresses.map((address) => ({ name, type: 'A', address })),
    );
  }
  const [first = '', second = ''] = below;
  if (below.length === 2 && first.startsWith('_') && second.startsWith('_')) {
    const wanted = { name: first.slice(1), protocol: second.slice(1).toUpperCase() };
    const same = (port: { name?: string; protocol?: string }) =>
      port.name === wanted.name && (port.protocol ?? 'TCP') === wanted.protocol;
    if (!isHeadless(service)) {
      const address = loopbackOf(clusterIP);
      const port = ports.find(same);
      if (!port || !address) return UNKNOWN;
      return services(name, type, [{ port: port.port, target: full, address }]);
    }
    const found = hosts.flatMap(({ label, address, ports: own }) => {
      const port = own.find(same);
      return port ? [{ port: port.port, target: `${label}.${full}`, address }] : [];
    });
    return found.length > 0 ? services(name, type, found) : UNKNOWN;
  }
  const named = below.length === 1 ? hosts.filter(({ label }) => label === first) : [];
  if (named.length === 0) return UNKNOWN;
  return only(
    type,
    named.map(({ address }) => ({ name, type: 'A', address })),
  );
}

function hostsOf(cluster: ClusterApi, service: Service): Host[] {
  return (endpointsOf(cluster, service)?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    addresses.flatMap(({ ip, hostname }: EndpointAddress): Host[] => {
      const address = loopbackOf(ip);
      if (!address) return [];
      const known = ports.map(({ name = '', port, protocol = 'TCP' }) => ({ name, port, protocol }));
      return [{ label: hostname ?? ip.replaceAll('.', '-'), address, ports: known }];
    }),
  );
}

function services(
  name: string,
  type: number,
  found: { port: number; target: string; address: string }[],
): DnsAnswer {
  if (type !== TYPE.SRV && type !== TYPE.ANY) return NOTHING;
  return {
    code: CODE.ok,
    answers: found.map(({ port, target }) => ({ name, type: 'SRV', port, target })),
    additional: found.map(({ target, address }) => ({ name: target, type: 'A', address })),
  };
}

/** The name is there; whether it has records of the type is another matter. */
function only(type: number, records: DnsRecord[]): DnsAnswer {
  return type === TYPE.A || type === TYPE.ANY ? { code: CODE.ok, answers: records } : NOTHING;
}
