import { ageColumn, selectorText } from './print-columns';
import { at, list, text } from './print-values';
import { column, type ResourceType, resourceType } from './resource-type';

const networking = { group: 'networking.k8s.io', version: 'v1' };
const storage = { group: 'storage.k8s.io', version: 'v1', namespaced: false };
const joined = (values: unknown[]) => values.map(String).join(',');
const containers = (object: unknown) => list(at(object, 'template', 'spec', 'containers'));

function ingressHosts(ingress: unknown): string {
  const hosts = list(at(ingress, 'spec', 'rules')).map((rule) => text(at(rule, 'host'), '*'));
  const shown = joined(hosts.slice(0, 3)) || '*';
  return hosts.length > 3 ? `${shown} + ${hosts.length - 3} more...` : shown;
}

function ingressAddresses(ingress: unknown): string {
  return joined(
    list(at(ingress, 'status', 'loadBalancer', 'ingress')).map(
      (one) => at(one, 'ip') ?? at(one, 'hostname') ?? '',
    ),
  );
}

/** The first three, as kubectl shows them. */
function addresses(endpoints: unknown[]): string {
  const all = endpoints.flatMap((endpoint) => list(at(endpoint, 'addresses')));
  if (all.length <= 3) return joined(all) || '<unset>';
  return `${joined(all.slice(0, 3))} + ${all.length - 3} more...`;
}

function parametersOf(ingressClass: unknown): string {
  const parameters = at(ingressClass, 'spec', 'parameters');
  if (!parameters) return '<none>';
  const group = at(parameters, 'apiGroup');
  return `${at(parameters, 'kind')}${group ? `.${group}` : ''}/${at(parameters, 'name')}`;
}

/**
 * Kinds that kube-apiserver keeps for others to read: network plugins, ingress controllers, storage drivers and
 * container runtimes act on them, where there are any. Columns are those of its printers.
 */
export const RECORD_RESOURCES: ResourceType[] = [
  resourceType({
    group: '',
    version: 'v1',
    plural: 'podtemplates',
    kind: 'PodTemplate',
    generation: 'any',
    columns: [
      column('Containers', (template) => joined(containers(template).map((one) => at(one, 'name')))),
      column('Images', (template) => joined(containers(template).map((one) => at(one, 'image')))),
      column('Pod Labels', (template) => selectorText(at(template, 'template', 'metadata', 'labels'))),
    ],
  }),
  resourceType({
    group: 'discovery.k8s.io',
    version: 'v1',
    plural: 'endpointslices',
    kind: 'EndpointSlice',
    generation: 'any',
    columns: [
      column('AddressType', ({ addressType }) => text(addressType, '')),
      column('Ports', ({ ports }) => joined(list(ports).map((port) => at(port, 'port') ?? '*')) || '<unset>'),
      column('Endpoints', ({ endpoints }) => addresses(list(endpoints))),
      ageColumn,
    ],
  }),
  resourceType({
    ...networking,
    plural: 'networkpolicies',
    kind: 'NetworkPolicy',
    shortNames: ['netpol'],
    generation: 'spec',
    columns: [
      column('Pod-Selector', (policy) => selectorText(at(policy, 'spec', 'podSelector', 'matchLabels'))),
      ageColumn,
    ],
  }),
  resourceType({
    ...networking,
    plural: 'ingresses',
    kind: 'Ingress',
    shortNames: ['ing'],
    status: true,
    generation: 'spec',
    columns: [
      column('Class', (ingress) => text(at(ingress, 'spec', 'ingressClassName'), '<none>')),
      column('Hosts', ingressHosts),
      column('Address', ingressAddresses),
      column('Ports', (ingress) => (list(at(ingress, 'spec', 'tls')).length > 0 ? '80, 443' : '80')),
      ageColumn,
    ],
  }),
  resourceType({
    ...networking,
    plural: 'ingressclasses',
    kind: 'IngressClass',
    namespaced: false,
    generation: 'spec',
    columns: [
      column('Controller', (ingressClass) => text(at(ingressClass, 'spec', 'controller'), '')),
      column('Parameters', parametersOf),
      ageColumn,
    ],
  }),
  resourceType({
    group: 'node.k8s.io',
    version: 'v1',
    plural: 'runtimeclasses',
    kind: 'RuntimeClass',
    namespaced: false,
    columns: [column('Handler', ({ handler }) => text(handler, '')), ageColumn],
  }),
  resourceType({
    ...storage,
    plural: 'csinodes',
    kind: 'CSINode',
    columns: [
      column('Drivers', (node) => list(at(node, 'spec', 'drivers')).length, { type: 'integer' }),
      ageColumn,
    ],
  }),
  resourceType({
    ...storage,
    namespaced: true,
    plural: 'csistoragecapacities',
    kind: 'CSIStorageCapacity',
    columns: [
      column('StorageClassName', ({ storageClassName }) => text(storageClassName, '')),
      column('Capacity', ({ capacity }) => text(capacity, '<unset>')),
    ],
  }),
  resourceType({
    ...storage,
    plural: 'volumeattachments',
    kind: 'VolumeAttachment',
    status: true,
    columns: [
      column('Attacher', (attachment) => text(at(attachment, 'spec', 'attacher'), '')),
      column('PV', (attachment) => text(at(attachment, 'spec', 'source', 'persistentVolumeName'), '')),
      column('Node', (attachment) => text(at(attachment, 'spec', 'nodeName'), '')),
      column('Attached', (attachment) => at(attachment, 'status', 'attached') === true, { type: 'boolean' }),
      ageColumn,
    ],
  }),
  resourceType({
    ...storage,
    plural: 'volumeattributesclasses',
    kind: 'VolumeAttributesClass',
    shortNames: ['vac'],
    columns: [column('DriverName', ({ driverName }) => text(driverName, '')), ageColumn],
  }),
];
