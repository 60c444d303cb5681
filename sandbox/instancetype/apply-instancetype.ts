import { formatQuantity, parseQuantity, quantityValue } from '../api/admission/quantity';
import type { TemplateMeta, VmiSpec } from '../api/admission/types';
import { guestTopology, spreadConflict } from './topology';
import { type Conflict, conflictOver, type InstancetypeSpec, type PreferenceSpec } from './types';

/**
 * Writes what an instance type decides into a VMI spec and its metadata, in place, and returns the fields that the VM
 * decides as well (then the edit is partial and to be thrown away). Mirrors the VMIApplier of KubeVirt; `at` is where
 * the spec stands, as conflicts name it.
 */
export function applyInstancetype(
  at: string,
  instancetype: InstancetypeSpec,
  preference: PreferenceSpec | undefined,
  spec: VmiSpec,
  metadata: TemplateMeta,
): Conflict[] {
  return [
    ...applyField(at, 'nodeSelector', instancetype.nodeSelector, spec),
    ...applyField(at, 'schedulerName', instancetype.schedulerName || undefined, spec),
    ...applyCpu(at, instancetype, preference, spec),
    ...applyMemory(at, instancetype, spec),
    ...applyField(`${at}.domain`, 'ioThreadsPolicy', instancetype.ioThreadsPolicy, spec.domain),
    ...applyIoThreads(at, instancetype, spec),
    ...applyField(`${at}.domain`, 'launchSecurity', instancetype.launchSecurity, spec.domain),
    ...applyList(`${at}.domain.devices`, 'gpus', instancetype.gpus, spec.domain.devices),
    ...applyList(`${at}.domain.devices`, 'hostDevices', instancetype.hostDevices, spec.domain.devices),
    ...applyAnnotations(instancetype.annotations, metadata),
  ];
}

function applyField<Target extends object, Field extends keyof Target & string>(
  at: string,
  field: Field,
  value: Target[Field] | undefined,
  target: Target,
): Conflict[] {
  if (value === undefined || value === null) return [];
  const mine = target[field];
  if (mine !== undefined && mine !== null && mine !== '') return [conflictOver(`${at}.${field}`)];
  target[field] = structuredClone(value);
  return [];
}

function applyList<Target extends object, Field extends keyof Target & string>(
  at: string,
  field: Field,
  value: Target[Field] | undefined,
  target: Target,
): Conflict[] {
  if (!Array.isArray(value) || value.length === 0) return [];
  const mine = target[field];
  if (Array.isArray(mine) && mine.length > 0) return [conflictOver(`${at}.${field}`)];
  target[field] = structuredClone(value);
  return [];
}

/** Fields of an instance type's CPU and what a VMI calls them. */
const CPU_FIELDS = [
  ['model', 'model'],
  ['dedicatedCPUPlacement', 'dedicatedCpuPlacement'],
  ['isolateEmulatorThread', 'isolateEmulatorThread'],
  ['numa', 'numa'],
  ['realtime', 'realtime'],
] as const;

function applyCpu(
  at: string,
  { cpu: wanted }: InstancetypeSpec,
  preference: PreferenceSpec | undefined,
  { domain }: VmiSpec,
): Conflict[] {
  domain.cpu ??= {};
  const { cpu, resources } = domain;
  const taken: string[] = [];
  if (resources?.requests && 'cpu' in resources.requests) taken.push('resources.requests.cpu');
  if (resources?.limits && 'cpu' in resources.limits) taken.push('resources.limits.cpu');
  for (const part of ['sockets', 'cores', 'threads'] as const) if (cpu[part]) taken.push(`cpu.${part}`);
  for (const [theirs, ours] of CPU_FIELDS) {
    if (cpu[ours] && wanted[theirs] !== undefined) taken.push(`cpu.${theirs}`);
  }
  if (taken.length > 0) return taken.map((field) => conflictOver(`${at}.domain.${field}`));
  for (const [theirs, ours] of CPU_FIELDS) {
    if (wanted[theirs] !== undefined) Object.assign(cpu, { [ours]: structuredClone(wanted[theirs]) });
  }
  if (wanted.maxSockets !== undefined) cpu.maxSockets = wanted.maxSockets;
  const unspreadable = spreadConflict({ cpu: wanted, memory: { guest: '0' } }, preference);
  if (unspreadable) return [unspreadable];
  Object.assign(cpu, guestTopology(wanted.guest, preference));
  return [];
}

function applyMemory(at: string, { memory: wanted }: InstancetypeSpec, { domain }: VmiSpec): Conflict[] {
  domain.memory ??= {};
  const { memory } = domain;
  const { requests, limits } = domain.resources ?? {};
  const taken =
    (memory.guest !== undefined && 'memory.guest') ||
    (memory.hugepages && wanted.hugepages && 'memory.hugepages') ||
    (memory.maxGuest !== undefined && wanted.maxGuest !== undefined && 'memory.maxGuest') ||
    (requests && 'memory' in requests && 'resources.requests.memory') ||
    (limits && 'memory' in limits && 'resources.limits.memory');
  if (taken) return [conflictOver(`${at}.domain.${taken}`)];
  memory.guest = wanted.guest;
  if (wanted.overcommitPercent) {
    domain.resources ??= {};
    const request = overcommitted(wanted.guest, wanted.overcommitPercent);
    domain.resources.requests = { ...domain.resources.requests, memory: request };
  }
  if (wanted.hugepages) memory.hugepages = structuredClone(wanted.hugepages);
  if (wanted.maxGuest !== undefined) memory.maxGuest = wanted.maxGuest;
  return [];
}

/** The guest's memory less the percentage, as the quantity was written (binary or decimal). */
function overcommitted(guest: string, percent: number): string {
  const parsed = parseQuantity(guest);
  const format = 'error' in parsed ? 'binary' : parsed.format;
  const bytes = Math.floor(quantityValue(guest) * (1 - percent / 100));
  return formatQuantity({ nanos: BigInt(bytes) * 1_000_000_000n, format });
}

function applyIoThreads(at: string, { ioThreads }: InstancetypeSpec, { domain }: VmiSpec): Conflict[] {
  const count = ioThreads?.supplementalPoolThreadCount;
  if (count === undefined) return [];
  if (domain.ioThreads?.supplementalPoolThreadCount !== undefined) {
    return [conflictOver(`${at}.domain.ioThreads.supplementalPoolThreadCount`)];
  }
  domain.ioThreads = { ...domain.ioThreads, supplementalPoolThreadCount: count };
  return [];
}

function applyAnnotations(wanted: Record<string, string> = {}, metadata: TemplateMeta): Conflict[] {
  const mine = { ...metadata.annotations };
  const taken = Object.keys(wanted).filter((key) => key in mine && mine[key] !== wanted[key]);
  metadata.annotations = { ...mine, ...wanted, ...mine };
  return taken.map((key) => conflictOver(`annotations.${key}`));
}
