import type { ClusterApi } from '../api/objects';
import { claimName } from '../controllers/claims';
import { parseQuantity } from '../controllers/quantity';
import type { PersistentVolumeClaim } from '../controllers/storage-types';
import type { InstanceSpec, Interface, VirtualMachine } from '../controllers/types';
import type { Labels } from './exposition';
import type { FamilyName, MetricSink } from './families';

const INSTANCETYPES = {
  VirtualMachineInstancetype: 'virtualmachineinstancetypes.instancetype.kubevirt.io',
  VirtualMachineClusterInstancetype: 'virtualmachineclusterinstancetypes.instancetype.kubevirt.io',
  VirtualMachinePreference: 'virtualmachinepreferences.instancetype.kubevirt.io',
  VirtualMachineClusterPreference: 'virtualmachineclusterpreferences.instancetype.kubevirt.io',
} as const;
/** Names of others' types are nobody's business: they may say anything. */
const KNOWN_VENDORS = ['kubevirt.io', 'redhat.com'];
const OTHER = '<other>';
const NONE = '<none>';

type StatusGroup = 'starting' | 'running' | 'migrating' | 'non_running' | 'error';

const TIMESTAMPS = {
  starting: 'kubevirt_vm_starting_status_last_transition_timestamp_seconds',
  running: 'kubevirt_vm_running_status_last_transition_timestamp_seconds',
  migrating: 'kubevirt_vm_migrating_status_last_transition_timestamp_seconds',
  non_running: 'kubevirt_vm_non_running_status_last_transition_timestamp_seconds',
  error: 'kubevirt_vm_error_status_last_transition_timestamp_seconds',
} as const satisfies Record<StatusGroup, FamilyName>;

const GROUPS: Readonly<Record<string, StatusGroup>> = {
  Provisioning: 'starting',
  Starting: 'starting',
  WaitingForVolumeBinding: 'starting',
  WaitingForReceiver: 'starting',
  Running: 'running',
  Migrating: 'migrating',
  Stopped: 'non_running',
  Paused: 'non_running',
  Stopping: 'non_running',
  Terminating: 'non_running',
};

/** The groups that KubeVirt's metrics put a VM's status in; whatever else there is counts as trouble. */
export function statusGroup(status: string | undefined): StatusGroup {
  return GROUPS[status ?? ''] ?? 'error';
}

/** What virt-controller tells of one virtual machine. `claims` are those of its namespace, by name. */
export function addMachine(
  sink: MetricSink,
  cluster: ClusterApi,
  vm: VirtualMachine,
  claims: ReadonlyMap<string, PersistentVolumeClaim>,
): void {
  const { metadata, spec, status } = vm;
  const base = { namespace: metadata.namespace, name: metadata.name };
  const group = statusGroup(status?.printableStatus);
  sink.add(
    'kubevirt_vm_info',
    {
      ...base,
      ...systemLabels(spec.template.metadata?.annotations),
      machine_type: spec.template.spec.domain.machine?.type,
      instance_type: typeName(
        cluster,
        metadata.namespace,
        spec.instancetype,
        'VirtualMachineClusterInstancetype',
      ),
      preference: typeName(cluster, metadata.namespace, spec.preference, 'VirtualMachineClusterPreference'),
      status: status?.printableStatus?.toLowerCase(),
      status_group: group,
    },
    1,
  );
  sink.add('kubevirt_vm_create_date_timestamp_seconds', base, secondsOf(metadata.creationTimestamp));
  const since = lastTransition(vm);
  for (const [name, family] of Object.entries(TIMESTAMPS)) sink.add(family, base, name === group ? since : 0);
  addResources(sink, base, spec.template.spec);
  for (const { name, ...labels } of vnics(spec.template.spec)) {
    sink.add('kubevirt_vm_vnic_info', { ...base, vnic_name: name, ...labels }, 1);
  }
  for (const volume of spec.template.spec.volumes ?? []) {
    const claim = claims.get(claimName(volume) ?? '');
    const size = claim?.spec.resources?.requests?.storage;
    if (!claim || size === undefined) continue;
    const labels = {
      ...base,
      persistentvolumeclaim: claim.metadata.name,
      volume_mode: claim.spec.volumeMode,
      device: volume.name,
    };
    sink.add('kubevirt_vm_disk_allocated_size_bytes', labels, parseQuantity(size));
  }
}

/** The system, workload and flavour that templates note in annotations. */
export function systemLabels(annotations: Record<string, string> | undefined): Labels {
  const of = (name: string) => annotations?.[`vm.kubevirt.io/${name}`];
  return { os: of('os'), workload: of('workload'), flavor: of('flavor') };
}

/** The name of an instance type or preference of a known vendor; `<other>` for those that people made. */
export function typeName(
  cluster: ClusterApi,
  namespace: string | undefined,
  matcher: { name?: string; kind?: string } | undefined,
  usually: keyof typeof INSTANCETYPES,
): string | undefined {
  if (!matcher?.name) return undefined;
  const kind = Object.keys(INSTANCETYPES).find(
    (known) => known.toLowerCase() === matcher.kind?.toLowerCase(),
  );
  // The name of a key is one of them.
  const resource = INSTANCETYPES[(kind as keyof typeof INSTANCETYPES | undefined) ?? usually];
  const where = resource.includes('cluster') ? undefined : namespace;
  const vendor = cluster.get(resource, where, matcher.name)?.metadata.labels?.[
    'instancetype.kubevirt.io/vendor'
  ];
  return vendor !== undefined && KNOWN_VENDORS.includes(vendor) ? matcher.name : OTHER;
}

/** The interfaces of a specification that have a network. */
export function vnics({ domain, networks = [] }: InstanceSpec) {
  return (domain.devices.interfaces ?? []).flatMap((nic) => {
    const network = networks.find(({ name }) => name === nic.name);
    if (!network) return [];
    const { type, name: bindingName } = binding(nic);
    return [
      {
        name: nic.name,
        binding_type: type,
        network: network.multus?.networkName ?? 'pod networking',
        binding_name: bindingName,
        model: modelOf(nic) ?? NONE,
      },
    ];
  });
}

/** Since when a VM is in its state: the latest change of the conditions that make it. Seconds; -1 without any. */
function lastTransition({ status }: VirtualMachine): number {
  const times = (status?.conditions ?? [])
    .filter(({ type }) => ['Ready', 'Failure', 'Paused'].includes(type))
    .map(({ lastTransitionTime }) => secondsOf(lastTransitionTime ?? undefined))
    .filter(Number.isFinite);
  return times.length > 0 ? Math.max(...times) : -1;
}

export function secondsOf(time: string | undefined): number {
  return time === undefined ? Number.NaN : Math.floor(Date.parse(time) / 1000);
}

function addResources(sink: MetricSink, base: Labels, { domain }: InstanceSpec): void {
  const request = (resource: string, unit: string, source: string, value: number) =>
    sink.add('kubevirt_vm_resource_requests', { ...base, resource, unit, source }, value);
  const { requests, limits } = domain.resources ?? {};
  if (requests?.memory) request('memory', 'bytes', 'domain', parseQuantity(requests.memory));
  if (domain.memory?.guest) request('memory', 'bytes', 'guest', parseQuantity(domain.memory.guest));
  if (requests?.cpu) request('cpu', 'cores', 'requests', parseQuantity(requests.cpu));
  const { cores, sockets, threads } = domain.cpu ?? {};
  const given = [cores, sockets, threads].some((count) => count !== undefined);
  const source = given ? 'domain' : 'default';
  for (const [unit, count = 1] of Object.entries({ cores, sockets, threads }))
    request('cpu', unit, source, count);
  const limit = (resource: string, unit: string, value: string | undefined) => {
    if (value) sink.add('kubevirt_vm_resource_limits', { ...base, resource, unit }, parseQuantity(value));
  };
  limit('memory', 'bytes', limits?.memory);
  limit('cpu', 'cores', limits?.cpu);
}

function binding(nic: Interface): { type: string; name: string } {
  for (const type of ['masquerade', 'bridge', 'sriov'] as const)
    if (nic[type]) return { type: 'core', name: type };
  const plugin: unknown = 'binding' in nic ? nic.binding : undefined;
  const named =
    typeof plugin === 'object' && plugin !== null && 'name' in plugin ? String(plugin.name) : undefined;
  return named === undefined ? { type: NONE, name: NONE } : { type: 'plugin', name: named };
}

function modelOf(nic: Interface): string | undefined {
  return 'model' in nic && typeof nic.model === 'string' ? nic.model : undefined;
}
