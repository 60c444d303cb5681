import { type JsonObject, mappingsAt, valueAt, wordAt } from '@/lib/k8s/json';
import { parseQuantity } from '@/lib/units';

/*
 * What KubeVirt writes into a running instance by itself (pkg/defaults, the mutating webhook of instances, presets of
 * probes): that a VM doesn't have it is no difference. Paths are those of a VMI's spec, entries of lists as `[]`.
 */

const DEFAULTED = new Set([
  'architecture',
  'evictionStrategy',
  'startStrategy',
  'terminationGracePeriodSeconds',
  'domain.machine.type',
  'domain.machine',
  'domain.firmware.uuid',
  'domain.firmware.serial',
  'domain.cpu.model',
  'domain.cpu.maxSockets',
  'domain.memory.maxGuest',
  'domain.features.acpi',
  'domain.resources.requests',
  'domain.devices.disks[].disk',
  'domain.devices.disks[].disk.bus',
  'domain.devices.disks[].cdrom.bus',
  'domain.devices.disks[].lun.bus',
  'domain.devices.interfaces[].model',
  'domain.devices.interfaces[].macAddress',
  'domain.devices.interfaces[].binding',
  'domain.devices.interfaces[].masquerade',
  'domain.devices.interfaces[].bridge',
  'domain.devices.watchdog.i6300esb',
  'domain.devices.watchdog.i6300esb.action',
  'domain.ioThreads.supplementalPoolThreadCount',
  'volumes[].containerDisk.imagePullPolicy',
]);

/** Below these whatever a VM doesn't say is filled in. */
const FILLED_IN = [
  'domain.features.',
  'domain.clock.timer.',
  'domain.devices.inputs',
  'domain.resources.requests.',
  'livenessProbe.',
  'readinessProbe.',
];

/** Empty or missing, they say the same. */
const CONTAINERS = new Set([
  '',
  'domain',
  'domain.cpu',
  'domain.clock.timer',
  'domain.devices',
  'domain.features',
  'domain.firmware',
  'domain.machine',
  'domain.memory',
  'domain.resources',
  'domain.resources.limits',
  'domain.resources.requests',
  'nodeSelector',
  'affinity',
]);

const QUANTITIES =
  /^domain\.(memory\.(guest|maxGuest)|resources\.(requests|limits)\.[a-z]+)$|\.emptyDisk\.capacity$/;
const TOPOLOGY = /^domain\.cpu\.(sockets|cores|threads)$/;

/** What both specs are asked about. */
export interface Specs {
  /** The VM's template. */
  stored: JsonObject;
  /** The running instance's. */
  running: JsonObject;
}

/** Whether a value that only the running instance has is KubeVirt's own. */
export function isDefault(path: string, value: unknown, { stored, running }: Specs): boolean {
  if (DEFAULTED.has(path) || FILLED_IN.some((each) => path.startsWith(each))) return true;
  if (TOPOLOGY.test(path)) return value === 1 || sizesByResources(stored);
  if (path === 'domain.memory.guest') return true;
  if (path === 'networks[]' || path === 'domain.devices.interfaces[]') return !hasNetworks(stored);
  if (path === 'domain.devices.disks[]') {
    const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
    return mappingsAt(stored, ['volumes']).some((volume) => volume.name === name);
  }
  // The agent's features that Hyper-V's nested mode takes.
  if (path === 'domain.cpu.features')
    return valueAt(running, ['domain', 'features', 'hyperv', 'evmcs']) !== undefined;
  return isContainer(path, value);
}

/** Whether a value that only the VM has says nothing. */
export function isNothing(path: string, value: unknown): boolean {
  if (Array.isArray(value) && value.length === 0) return true;
  return isContainer(path, value) || (path.endsWith('interfaces[].state') && value === 'up');
}

function isContainer(path: string, value: unknown): boolean {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return isEmpty && (CONTAINERS.has(path) || Array.isArray(value));
}

/** Whether two values that aren't equal say the same. */
export function isSameAmount(path: string, stored: unknown, running: unknown, specs: Specs): boolean {
  if (!QUANTITIES.test(path)) return false;
  const [wanted, has] = [quantity(stored), quantity(running)];
  if (wanted === undefined || has === undefined) return false;
  return wanted === has || (path === 'domain.resources.requests.memory' && grewAlong(wanted, has, specs));
}

/** Whether KubeVirt has only filled in the entries of a list whose entries may have no names. */
export function isFilledIn(path: string, stored: unknown, running: unknown): boolean {
  if (path !== 'domain.devices.inputs' || !Array.isArray(stored) || !Array.isArray(running)) return false;
  return (
    stored.length === running.length &&
    stored.every((entry: JsonObject, index) =>
      Object.entries(entry).every(([key, value]) => valueAt(running, [index, key]) === value),
    )
  );
}

/** The request grows with the memory that is plugged in. */
function grewAlong(wanted: number, has: number, { running }: Specs): boolean {
  return has > wanted && has <= (quantity(wordAt(running, ['domain', 'memory', 'guest'])) ?? 0);
}

function quantity(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
}

function sizesByResources(stored: JsonObject): boolean {
  const { resources } = (valueAt(stored, ['domain']) ?? {}) as JsonObject;
  return ['limits', 'requests'].some((kind) => valueAt(resources, [kind, 'cpu']) !== undefined);
}

function hasNetworks(stored: JsonObject): boolean {
  return (
    mappingsAt(stored, ['networks']).length > 0 ||
    mappingsAt(stored, ['domain', 'devices', 'interfaces']).length > 0
  );
}
