import type { Conflict, InstancetypeSpec, PreferenceSpec } from './types';

type Topology = 'sockets' | 'cores' | 'threads' | 'spread' | 'any';

const DEFAULT_RATIO = 2;
const THREADS_PER_CORE = 2;

/** Values of older releases, still taken, and what replaced them. */
export const DEPRECATED_TOPOLOGIES: Readonly<Record<string, Topology>> = {
  preferSockets: 'sockets',
  preferCores: 'cores',
  preferThreads: 'threads',
  preferSpread: 'spread',
  preferAny: 'any',
};

export const TOPOLOGIES = [
  'sockets',
  'cores',
  'threads',
  'spread',
  'any',
  ...Object.keys(DEPRECATED_TOPOLOGIES),
];

export const SPREADS = ['SocketsCoresThreads', 'SocketsCores', 'CoresThreads'];

/** How a preference wants its vCPUs arranged: as sockets unless it says otherwise. */
export function preferredTopology(preference: PreferenceSpec | undefined): string {
  const preferred = preference?.cpu?.preferredCPUTopology ?? 'sockets';
  return DEPRECATED_TOPOLOGIES[preferred] ?? preferred;
}

/** The ratio and the levels among which `spread` spreads. */
export function spreadOptions(preference: PreferenceSpec | undefined): { ratio: number; across: string } {
  const { spreadOptions: options } = preference?.cpu ?? {};
  return {
    ratio: options?.ratio ?? (preference?.preferSpreadSocketToCoreRatio || DEFAULT_RATIO),
    across: options?.across ?? 'SocketsCores',
  };
}

/** Why vCPUs cannot be spread as the preference wants. Mirrors CheckSpreadCPUTopology. */
export function spreadConflict(
  instancetype: InstancetypeSpec | undefined,
  preference: PreferenceSpec | undefined,
): Conflict | undefined {
  if (!instancetype || preferredTopology(preference) !== 'spread') return undefined;
  const vcpus = instancetype.cpu.guest;
  const { ratio, across } = spreadOptions(preference);
  const indivisible = (by: string): Conflict => ({
    field: 'instancetype.spec.cpu.guest',
    message: `${vcpus} vCPUs provided by the instance type are not divisible by the ${by}`,
  });
  const named = 'Spec.PreferSpreadSocketToCoreRatio or Spec.CPU.PreferSpreadOptions.Ratio of';
  if (across === 'SocketsCores' && vcpus % ratio > 0) {
    return indivisible(`${named} ${ratio} provided by the preference`);
  }
  if (across === 'CoresThreads' && vcpus % ratio > 0) {
    return indivisible(`number of threads per core ${ratio}`);
  }
  const cores = vcpus / THREADS_PER_CORE;
  if (across === 'SocketsCoresThreads' && (!Number.isInteger(cores) || cores % ratio > 0)) {
    return indivisible(`number of threads per core ${THREADS_PER_CORE} and ${named} ${ratio}`);
  }
  return undefined;
}

/** Sockets, cores and threads for a number of vCPUs. Mirrors applyGuestCPUTopology. */
export function guestTopology(
  vcpus: number,
  preference: PreferenceSpec | undefined,
): { sockets: number; cores: number; threads: number } {
  const single = { sockets: 1, cores: 1, threads: 1 };
  if (vcpus === 1) return single;
  const { ratio, across } = spreadOptions(preference);
  switch (preferredTopology(preference)) {
    case 'cores':
      return { ...single, cores: vcpus };
    case 'threads':
      return { ...single, threads: vcpus };
    case 'sockets':
    case 'any':
      return { ...single, sockets: vcpus };
    case 'spread':
      if (across === 'SocketsCores') return { ...single, cores: ratio, sockets: Math.floor(vcpus / ratio) };
      if (across === 'CoresThreads') return { ...single, threads: ratio, cores: Math.floor(vcpus / ratio) };
      return {
        threads: THREADS_PER_CORE,
        cores: ratio,
        sockets: Math.floor(vcpus / THREADS_PER_CORE / ratio),
      };
    default:
      return single;
  }
}
