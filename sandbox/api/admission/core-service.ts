import type { StatusCause } from '../errors';
import type { KubeObject } from '../objects';
import { duplicateValue, invalidValue, requiredValue, unsupportedValue } from './field-error';
import { dnsLabelErrors } from './names';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

interface ServicePort {
  name?: string;
  port?: number;
  protocol?: string;
  targetPort?: number | string;
}

interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  externalName?: string;
  ports?: ServicePort[];
}

/** The part of ValidateService that hand-written services run into. */
export function serviceCauses(service: KubeObject): StatusCause[] {
  // The schema check has seen to the types.
  const { type = 'ClusterIP', clusterIP, externalName, ports = [] } = (service.spec ?? {}) as ServiceSpec;
  const causes: StatusCause[] = [];
  if (ports.length === 0 && clusterIP !== 'None' && type !== 'ExternalName') {
    causes.push(requiredValue('spec.ports'));
  }
  const names = new Set<string>();
  const taken = new Set<string>();
  for (const [index, port] of ports.entries()) {
    causes.push(...portCauses(`spec.ports[${index}]`, port, ports.length > 1, names));
    const place = `${port.protocol ?? 'TCP'}/${port.port}`;
    if (taken.has(place)) {
      const { port: number, protocol = 'TCP' } = port;
      causes.push(duplicateValue(`spec.ports[${index}]`, { protocol, port: number }));
    }
    taken.add(place);
  }
  if (!TYPES.includes(type)) causes.push(unsupportedValue('spec.type', type, TYPES));
  if (type === 'ExternalName' && !externalName) causes.push(requiredValue('spec.externalName'));
  return causes;
}

function portCauses(path: string, port: ServicePort, nameNeeded: boolean, names: Set<string>): StatusCause[] {
  const causes: StatusCause[] = [];
  const { name, protocol = 'TCP', targetPort } = port;
  if (!name) {
    if (nameNeeded) causes.push(requiredValue(`${path}.name`));
  } else {
    causes.push(...dnsLabelErrors(name).map((why) => invalidValue(`${path}.name`, name, why)));
    if (names.has(name)) causes.push(duplicateValue(`${path}.name`, name));
    names.add(name);
  }
  causes.push(...rangeCauses(`${path}.port`, port.port ?? 0));
  if (!PROTOCOLS.includes(protocol)) causes.push(unsupportedValue(`${path}.protocol`, protocol, PROTOCOLS));
  if (typeof targetPort === 'number') causes.push(...rangeCauses(`${path}.targetPort`, targetPort));
  return causes;
}

function rangeCauses(field: string, port: number): StatusCause[] {
  return port >= 1 && port <= 65535
    ? []
    : [invalidValue(field, port, 'must be between 1 and 65535, inclusive')];
}
