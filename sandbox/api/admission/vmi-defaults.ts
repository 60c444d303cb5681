import { randomUUID } from 'node:crypto';
import { clock } from '../../clock';
import { timestamp } from '../metadata';
import type { NewObject } from '../objects';
import { DEFAULT_CONFIG, type KubeVirtConfig } from './config';
import { quantityValue } from './quantity';
import type { Domain, VirtualMachineInstance, VmiSpec } from './types';

const MAX_VCPUS = 512;
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

export const VMI_FINALIZER = 'kubevirt.io/foregroundDeleteVirtualMachine';
export const TOPOLOGY_ANNOTATION = 'kubevirt.io/pci-topology-version';

/**
 * Fills in, in place, what KubeVirt's virtualmachineinstances-mutator fills in on create (pkg/defaults and the VMI
 * mutating webhook): architecture, machine, CPU topology and hotplug ceilings, guest memory, eviction strategy,
 * network, disks for volumes that have none, buses, ACPI, firmware ids, finalizer, and the first status (Pending).
 * The VM controller, which creates VMIs in-process, calls it too.
 */
export function defaultVirtualMachineInstance(
  draft: NewObject,
  config: KubeVirtConfig = DEFAULT_CONFIG,
): void {
  // The draft has passed the schema of VirtualMachineInstance, or was built by our own controller.
  const vmi = draft as unknown as VirtualMachineInstance;
  defaultVmiSpec(vmi.spec, config);
  defaultFeatures(vmi.spec.domain);
  defaultFirmware(vmi.spec.domain);
  defaultDiskBuses(vmi.spec);
  defaultWatchdog(vmi.spec.domain);
  defaultInputs(vmi.spec.domain);
  vmi.spec.domain.cpu ??= {};
  vmi.spec.domain.cpu.model ||= config.cpuModel;
  if (config.liveUpdate && vmi.spec.architecture !== 'arm64') defaultHotplug(vmi.spec, config);
  defaultMeta(vmi);
  defaultStatus(vmi);
}

/** The part that also applies to a VM's template before it is validated. */
export function defaultVmiSpec(spec: VmiSpec, config: KubeVirtConfig): void {
  defaultTemplateSpec(spec, config);
  defaultMemoryRequest(spec.domain);
}

/** The part that shows in a VM expanded for its reader, which leaves the sizing of pods to the VMI. */
export function defaultTemplateSpec(spec: VmiSpec, config: KubeVirtConfig): void {
  spec.architecture ||= config.defaultArchitecture;
  spec.domain.devices ??= {};
  spec.domain.machine ??= {};
  spec.domain.machine.type ||= config.machineTypes[spec.architecture] ?? 'q35';
  defaultRequests(spec.domain);
  defaultGuestMemory(spec.domain);
  defaultCpuTopology(spec.domain);
  defaultPullPolicies(spec);
  spec.evictionStrategy ??= config.evictionStrategy;
  defaultDisksAndNetwork(spec);
}

/** A disk for each volume that has none, and the pod's network where no other is asked for. */
export function defaultDisksAndNetwork(spec: VmiSpec): void {
  defaultNetwork(spec);
  defaultDisks(spec);
}

function defaultRequests(domain: Domain): void {
  domain.resources ??= {};
  const { limits } = domain.resources;
  for (const resource of ['cpu', 'memory']) {
    const limit = limits?.[resource];
    if (limit === undefined || quantityValue(limit) === 0) continue;
    if (quantityValue(domain.resources.requests?.[resource]) > 0) continue;
    domain.resources.requests = { ...domain.resources.requests, [resource]: limit };
  }
}

/** An instance type brings only guest memory: pods are sized by the request that follows from it. */
function defaultMemoryRequest(domain: Domain): void {
  domain.resources ??= {};
  const guest = domain.memory?.guest ?? domain.memory?.hugepages?.pageSize;
  if (guest !== undefined && quantityValue(guest) > 0 && domain.resources.requests?.memory === undefined) {
    domain.resources.requests = { ...domain.resources.requests, memory: guest };
  }
}

function defaultGuestMemory(domain: Domain): void {
  domain.memory ??= {};
  if (domain.memory.guest !== undefined) return;
  const { requests, limits } = domain.resources ?? {};
  const source = [requests?.memory, limits?.memory, domain.memory.hugepages?.pageSize].find(
    (memory) => quantityValue(memory) > 0,
  );
  if (source !== undefined) domain.memory.guest = source;
}

function defaultCpuTopology(domain: Domain): void {
  domain.cpu ??= {};
  const { cores, sockets, threads } = domain.cpu;
  if (cores || sockets || threads) return;
  const asked = domain.resources?.limits?.cpu ?? domain.resources?.requests?.cpu;
  domain.cpu.cores = 1;
  domain.cpu.sockets = asked === undefined ? 1 : quantityValue(asked);
  domain.cpu.threads = 1;
}

function defaultPullPolicies(spec: VmiSpec): void {
  for (const { containerDisk } of spec.volumes ?? []) {
    if (!containerDisk || containerDisk.imagePullPolicy) continue;
    const floats = containerDisk.image.endsWith(':latest') || !/[:@]/.test(containerDisk.image);
    // The published type is an enum, of which these two are members.
    Object.assign(containerDisk, { imagePullPolicy: floats ? 'Always' : 'IfNotPresent' });
  }
}

function defaultNetwork(spec: VmiSpec): void {
  const { devices } = spec.domain;
  if (devices.autoattachPodInterface === false) return;
  if (spec.networks?.length || devices.interfaces?.length) return;
  devices.interfaces = [{ name: 'default', masquerade: {} }];
  spec.networks = [{ name: 'default', pod: {} }];
}

function defaultDisks(spec: VmiSpec): void {
  const { devices } = spec.domain;
  const used = new Set([...(devices.disks ?? []), ...(devices.filesystems ?? [])].map(({ name }) => name));
  const missing = (spec.volumes ?? []).filter(({ name }) => !used.has(name));
  if (missing.length) devices.disks = [...(devices.disks ?? []), ...missing.map(({ name }) => ({ name }))];
}

function defaultFeatures(domain: Domain): void {
  domain.features ??= {};
  domain.features.acpi ??= {};
  domain.features.acpi.enabled ??= true;
  const { apic, smm, kvm, hyperv } = domain.features;
  if (apic) apic.enabled ??= true;
  if (smm) smm.enabled ??= true;
  if (kvm) kvm.hidden ??= false;
  for (const feature of Object.values(hyperv ?? {})) {
    if (typeof feature === 'object' && feature !== null && !('enabled' in feature)) {
      Object.assign(feature, { enabled: true });
    }
  }
}

function defaultFirmware(domain: Domain): void {
  domain.firmware ??= {};
  domain.firmware.uuid ||= randomUUID();
  domain.firmware.serial ||= randomUUID();
}

function defaultDiskBuses(spec: VmiSpec): void {
  const bus = spec.architecture === 'amd64' ? 'sata' : 'virtio';
  for (const disk of spec.domain.devices.disks ?? []) {
    if (!disk.disk && !disk.cdrom && !disk.lun) disk.disk = {};
    for (const target of [disk.disk, disk.cdrom, disk.lun]) if (target) target.bus ||= bus;
  }
}

function defaultWatchdog(domain: Domain): void {
  const { watchdog } = domain.devices;
  if (!watchdog) return;
  watchdog.i6300esb ??= {};
  watchdog.i6300esb.action ||= 'reset';
}

function defaultInputs({ devices }: Domain): void {
  for (const input of devices.inputs ?? []) {
    input.bus ||= 'usb';
    input.type ||= 'tablet';
  }
}

function defaultHotplug(spec: VmiSpec, config: KubeVirtConfig): void {
  const { cpu, memory } = spec.domain;
  if (cpu && !cpu.maxSockets) {
    const sockets = cpu.sockets || 1;
    const perSocket = (cpu.cores || 1) * (cpu.threads || 1);
    const ceiling = Math.max(Math.floor(MAX_VCPUS / perSocket), sockets);
    cpu.maxSockets = config.maxCpuSockets
      ? Math.max(config.maxCpuSockets, sockets)
      : Math.min(sockets * config.maxHotplugRatio, ceiling);
  }
  if (memory && memory.maxGuest === undefined && canHotplugMemory(spec)) {
    const bytes = quantityValue(memory.guest) * config.maxHotplugRatio;
    memory.maxGuest = config.maxGuest ?? (bytes % GIB === 0 ? `${bytes / GIB}Gi` : `${bytes / MIB}Mi`);
  }
}

/** KubeVirt's liveupdate/memory: what rules memory hotplug out, without being an error. */
function canHotplugMemory({ architecture, domain }: VmiSpec): boolean {
  const guest = quantityValue(domain.memory?.guest);
  const block = domain.memory?.hugepages?.pageSize === '1Gi' ? GIB : 2 * MIB;
  if (domain.cpu?.realtime || domain.cpu?.numa?.guestMappingPassthrough || domain.launchSecurity)
    return false;
  return architecture === 'amd64' && guest >= GIB && guest % block === 0;
}

function defaultMeta(vmi: VirtualMachineInstance): void {
  vmi.metadata.annotations = { [TOPOLOGY_ANNOTATION]: 'v3', ...vmi.metadata.annotations };
  const finalizers = vmi.metadata.finalizers ?? [];
  if (!finalizers.includes(VMI_FINALIZER)) vmi.metadata.finalizers = [...finalizers, VMI_FINALIZER];
}

function defaultStatus(vmi: VirtualMachineInstance): void {
  const { memory, cpu } = vmi.spec.domain;
  vmi.status ??= {};
  if (memory?.guest !== undefined) {
    const guest = memory.guest;
    vmi.status.memory = { guestAtBoot: guest, guestCurrent: guest, guestRequested: guest };
  }
  if (cpu) {
    const { cores, sockets, threads } = cpu;
    vmi.status.currentCPUTopology ??= {
      ...(cores ? { cores } : {}),
      ...(sockets ? { sockets } : {}),
      ...(threads ? { threads } : {}),
    };
  }
  vmi.status.phase = 'Pending';
  vmi.status.phaseTransitionTimestamps = [
    { phase: 'Pending', phaseTransitionTimestamp: timestamp(clock.now()) },
  ];
  vmi.status.runtimeUser = 107;
}
