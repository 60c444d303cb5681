import type { ClusterApi, KubeObject } from '../objects';

/** The part of the KubeVirt resource that defaults and validation depend on. */
export interface KubeVirtConfig {
  defaultArchitecture: string;
  /** Machine type per architecture. */
  machineTypes: Record<string, string>;
  /** Globs of the machine types that a VM may ask for, per architecture. */
  emulatedMachines: Record<string, string[]>;
  cpuModel: string;
  evictionStrategy: string;
  liveUpdate: boolean;
  maxHotplugRatio: number;
  maxCpuSockets: number;
  maxGuest: string | undefined;
  bridgeOnPodNetwork: boolean;
  /** Feature gates switched on in the KubeVirt resource, those that are on unless switched off, and those always on. */
  gates: ReadonlySet<string>;
}

/** Gates that KubeVirt graduated to beta: on without being named. */
const BETA_GATES = ['DeclarativeHotplugVolumes', 'UtilityVolumes'];
/** Gates of what is generally available: on whatever the resource says. */
const GA_GATES = [
  'GPU',
  'HotplugNICs',
  'LiveUpdateNADRef',
  'NUMA',
  'PanicDevices',
  'PersistentReservation',
  'VideoConfig',
  'VMPersistentState',
];

/** What KubeVirt assumes when its resource says nothing. */
export const DEFAULT_CONFIG: KubeVirtConfig = {
  defaultArchitecture: 'amd64',
  machineTypes: { amd64: 'q35', arm64: 'virt', s390x: 's390-ccw-virtio' },
  emulatedMachines: { amd64: ['q35*', 'pc-q35*'], arm64: ['virt*'], s390x: ['s390-ccw-virtio*'] },
  cpuModel: 'host-model',
  evictionStrategy: 'None',
  liveUpdate: true,
  maxHotplugRatio: 4,
  maxCpuSockets: 0,
  maxGuest: undefined,
  bridgeOnPodNetwork: true,
  gates: new Set([...BETA_GATES, ...GA_GATES]),
};

interface Configuration {
  cpuModel?: string;
  evictionStrategy?: string;
  vmRolloutStrategy?: string;
  network?: { permitBridgeInterfaceOnPodNetwork?: boolean };
  liveUpdateConfiguration?: { maxHotplugRatio?: number; maxCpuSockets?: number; maxGuest?: string };
  developerConfiguration?: { featureGates?: string[]; disabledFeatureGates?: string[] };
}

/** Reads the cluster's KubeVirt resource; without one, KubeVirt's defaults. */
export function readConfig(cluster: ClusterApi): KubeVirtConfig {
  const kubevirt = cluster.list<KubeObject & { spec?: { configuration?: Configuration } }>(
    'kubevirts.kubevirt.io',
  )[0];
  const set = kubevirt?.spec?.configuration;
  if (!set) return DEFAULT_CONFIG;
  const gates = new Set([...BETA_GATES, ...(set.developerConfiguration?.featureGates ?? [])]);
  for (const gate of set.developerConfiguration?.disabledFeatureGates ?? []) gates.delete(gate);
  for (const gate of GA_GATES) gates.add(gate);
  return {
    ...DEFAULT_CONFIG,
    cpuModel: set.cpuModel || DEFAULT_CONFIG.cpuModel,
    evictionStrategy: set.evictionStrategy || DEFAULT_CONFIG.evictionStrategy,
    liveUpdate: set.vmRolloutStrategy !== 'Stage',
    maxHotplugRatio: set.liveUpdateConfiguration?.maxHotplugRatio ?? DEFAULT_CONFIG.maxHotplugRatio,
    maxCpuSockets: set.liveUpdateConfiguration?.maxCpuSockets ?? 0,
    maxGuest: set.liveUpdateConfiguration?.maxGuest,
    bridgeOnPodNetwork: set.network?.permitBridgeInterfaceOnPodNetwork ?? true,
    gates,
  };
}
