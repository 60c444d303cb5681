import { mappingsAt, valueAt, wordAt } from '@/lib/k8s/json';
import type { K8sObject } from '@/lib/k8s/object';
import { type Text, text } from '@/lib/text';
import { formatBytes, parseQuantity } from '@/lib/units';
import { quantityAt } from './amount';
import { DOMAIN, GUEST, type VmManifest } from './field';
import type { SizeOffer } from './instance-type';
import { numberAt } from './make-field';

export const CLUSTER_PREFERENCE = 'VirtualMachineClusterPreference';
export const PREFERENCE_KIND = 'VirtualMachinePreference';

/** A preference as one chooses it. */
export interface PreferenceOffer {
  name: string;
  kind: string;
  isOfCluster: boolean;
  /** For people: `Fedora (amd64)`. */
  title: string;
  /** `linux`, `windows` or empty. */
  os: string;
  /** What a guest needs at least; 0 where nothing is said. */
  vcpus: number;
  memory: string;
  architecture: string;
  topology: string;
  across: string;
  /** Names of what it prefers, e.g. `firmware`, for a line about it. */
  spec: unknown;
}

export function preferenceOffer(object: K8sObject): PreferenceOffer {
  const { name, annotations = {}, labels = {} } = object.metadata;
  const spec = valueAt(object, ['spec']);
  const vcpus = valueAt(spec, ['requirements', 'cpu', 'guest']);
  return {
    name,
    kind: object.kind,
    isOfCluster: object.kind === CLUSTER_PREFERENCE,
    title: annotations['openshift.io/display-name'] ?? name,
    os: labels['instancetype.kubevirt.io/os-type'] ?? '',
    vcpus: typeof vcpus === 'number' ? vcpus : 0,
    memory: quantityAt(spec, ['requirements', 'memory', 'guest']),
    architecture: wordAt(spec, ['requirements', 'architecture']),
    topology: wordAt(spec, ['cpu', 'preferredCPUTopology']),
    across: wordAt(spec, ['cpu', 'spreadOptions', 'across']),
    spec,
  };
}

/** How much a VM falls short of what its preference requires (KubeVirt refuses it with 422), or undefined. */
export function unmetRequirement(
  vm: VmManifest,
  preference: PreferenceOffer,
  size: SizeOffer | undefined,
): Text | undefined {
  const { vcpus: needed, memory, title, architecture } = preference;
  const has = size ? size.vcpus : ownVcpus(vm, preference);
  if (needed > 0 && has < needed) return text('compute.preference.shortOfCpu', { title, needed, has });
  const bytes = parseQuantity(memory) ?? 0;
  const guest = size?.memory ?? quantityAt(vm, [...DOMAIN, 'memory', 'guest']);
  const given = parseQuantity(guest);
  if (bytes > 0 && given !== undefined && given < bytes)
    return text('compute.preference.shortOfMemory', {
      title,
      needed: formatBytes(bytes),
      has: formatBytes(given),
    });
  const runs = wordAt(vm, [...GUEST, 'architecture']);
  if (architecture && runs && runs !== architecture)
    return text('compute.preference.otherArchitecture', { title, needed: architecture, has: runs });
  return undefined;
}

/** The vCPUs that count for a preference: those at the levels of the topology that it prefers. */
function ownVcpus(vm: VmManifest, { topology, across }: PreferenceOffer): number {
  const levels = LEVELS[topology || 'sockets'] ?? SPREAD[across] ?? ['sockets', 'cores'];
  return levels.reduce((product, level) => product * (numberAt(vm, [...DOMAIN, 'cpu', level]) ?? 1), 1);
}

const LEVELS: Readonly<Record<string, readonly string[]>> = {
  sockets: ['sockets'],
  preferSockets: ['sockets'],
  cores: ['cores'],
  preferCores: ['cores'],
  threads: ['threads'],
  preferThreads: ['threads'],
  any: ['sockets', 'cores', 'threads'],
  preferAny: ['sockets', 'cores', 'threads'],
};
const SPREAD: Readonly<Record<string, readonly string[]>> = {
  SocketsCoresThreads: ['sockets', 'cores', 'threads'],
  CoresThreads: ['cores', 'threads'],
};

/** The volumes of a VM whose labels may say instance type and preference. */
export function volumeNames(vm: VmManifest): string[] {
  return mappingsAt(vm, [...GUEST, 'volumes'])
    .map((volume) => wordAt(volume, ['name']))
    .filter(Boolean);
}
