import { randomInt } from 'node:crypto';
import type { StatusCause } from '../errors';
import type { KubeObject } from '../objects';
import { invalidValue } from './field-error';

/** 10.96.0.0/12, kubeadm's range; the first addresses are for those that ask for them. */
const NETWORK = 10 * 2 ** 24 + 96 * 2 ** 16;
const SIZE = 2 ** 20;
const KEPT_FOR_ASKING = 256;
const NODE_PORTS = { from: 30_000, to: 32_767 };

interface Port {
  port: number;
  protocol?: string;
  targetPort?: number | string;
  nodePort?: number;
}

interface Spec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ipFamilies?: string[];
  ipFamilyPolicy?: string;
  allocateLoadBalancerNodePorts?: boolean;
  externalTrafficPolicy?: string;
  ports?: Port[];
}

/**
 * Gives a service its address and node ports, as the apiserver's allocators do: what it asks for if that is free, else
 * any; on an update what it has, also when the update does not name it. Edits `service`.
 * @param others All services of the cluster.
 */
export function allocateService(
  service: KubeObject,
  before: KubeObject | undefined,
  others: KubeObject[],
): StatusCause[] {
  // The schema check has seen to the types.
  const spec = service.spec as Spec;
  const had = (before?.spec ?? {}) as Spec;
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    port.targetPort ??= port.port;
  }
  if (spec.type === 'ExternalName') return [];
  // An update that leaves it out means what is there.
  spec.clusterIP ||= spec.clusterIPs?.[0] ?? had.clusterIP ?? '';
  const taken = others
    .filter(({ metadata }) => metadata.uid !== before?.metadata.uid)
    .map(({ spec: other }) => other as Spec);
  const causes = addressCauses(spec, had, new Set(taken.map(({ clusterIP }) => clusterIP)));
  spec.ipFamilies ??= had.ipFamilies ?? ['IPv4'];
  spec.ipFamilyPolicy ??= had.ipFamilyPolicy ?? 'SingleStack';
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
    spec.externalTrafficPolicy ??= 'Cluster';
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
    const used = new Set(taken.flatMap(({ ports = [] }) => ports.flatMap(({ nodePort }) => nodePort ?? [])));
    causes.push(...allocatePorts(spec.ports ?? [], had.ports ?? [], used));
  }
  return causes;
}

function addressCauses(spec: Spec, had: Spec, taken: Set<string | undefined>): StatusCause[] {
  if (had.clusterIP && spec.clusterIP !== had.clusterIP) {
    const asked = [spec.clusterIP];
    return [invalidValue('spec.clusterIPs[0]', asked, 'may not change once set')];
  }
  if (!spec.clusterIP) spec.clusterIP = freeAddress(taken);
  else if (spec.clusterIP !== 'None' && !had.clusterIP) {
    const why = `failed to allocate IP ${spec.clusterIP}: `;
    if (!isInRange(spec.clusterIP)) {
      const range = 'the provided network does not match the current range';
      return [invalidValue('spec.clusterIPs', [spec.clusterIP], `${why}${range}`)];
    }
    if (taken.has(spec.clusterIP)) {
      return [invalidValue('spec.clusterIPs', [spec.clusterIP], `${why}provided IP is already allocated`)];
    }
  }
  spec.clusterIPs = [spec.clusterIP];
  return [];
}

function allocatePorts(ports: Port[], had: Port[], used: Set<number>): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const [index, port] of ports.entries()) {
    const before = had.find((one) => one.port === port.port && one.protocol === port.protocol);
    if (!port.nodePort) port.nodePort = before?.nodePort ?? freePort(used);
    else if (used.has(port.nodePort)) {
      causes.push(
        invalidValue(`spec.ports[${index}].nodePort`, port.nodePort, 'provided port is already allocated'),
      );
    } else if (port.nodePort < NODE_PORTS.from || port.nodePort > NODE_PORTS.to) {
      const why = `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.from}-${NODE_PORTS.to}`;
      causes.push(invalidValue(`spec.ports[${index}].nodePort`, port.nodePort, why));
    }
    used.add(port.nodePort);
  }
  return causes;
}

function isInRange(address: string): boolean {
  const parts = address.split('.').map(Number);
  const number = parts.reduce((sum, part) => sum * 256 + part, 0);
  return parts.length === 4 && number >= NETWORK && number < NETWORK + SIZE;
}

function freeAddress(taken: Set<string | undefined>): string {
  for (;;) {
    const number = NETWORK + randomInt(KEPT_FOR_ASKING, SIZE - 1);
    const address = [24, 16, 8, 0].map((bits) => (number >>> bits) & 255).join('.');
    if (!taken.has(address)) return address;
  }
}

function freePort(used: Set<number>): number {
  for (;;) {
    const port = randomInt(NODE_PORTS.from, NODE_PORTS.to + 1);
    if (!used.has(port)) return port;
  }
}
