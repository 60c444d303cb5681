import type { K8sObject } from '@/lib/k8s/object';

/** The part of a KubeVirt object that says what its VMs can do. */
export interface KubeVirt extends K8sObject {
  spec?: {
    workloadUpdateStrategy?: { workloadUpdateMethods?: string[] };
    configuration?: {
      cpuModel?: string;
      evictionStrategy?: string;
      machineType?: string;
      emulatedMachines?: string[];
      architectureConfiguration?: Record<string, { machineType?: string; emulatedMachines?: string[] }>;
      vmRolloutStrategy?: string;
      liveUpdateConfiguration?: { maxHotplugRatio?: number; maxCpuSockets?: number; maxGuest?: string };
      permittedHostDevices?: {
        pciHostDevices?: { resourceName?: string; pciVendorSelector?: string }[];
        mediatedDevices?: { resourceName?: string; mdevNameSelector?: string }[];
        usb?: { resourceName?: string }[];
      };
      instancetype?: { referencePolicy?: string };
      developerConfiguration?: { featureGates?: string[]; disabledFeatureGates?: string[] };
    };
  };
  status?: { observedKubeVirtVersion?: string; operatorVersion?: string; defaultArchitecture?: string };
}

export interface PermittedDevice {
  /** What a VM names (`deviceName`). */
  resourceName: string;
  kind: 'pci' | 'mediated' | 'usb';
  /** Vendor and product, or the type of a mediated device; empty where the cluster doesn't say. */
  selector: string;
}

/** What a cluster's KubeVirt can do, and what it assumes. */
export interface ClusterFeatures {
  /** False when its resource may not be read: what is here is then what is safe to assume. */
  known: boolean;
  /** `v1.9.0`; empty when unknown. */
  version: string;
  /** Whether a feature gate counts, by the version's own defaults and by what is listed. */
  hasGate(gate: string): boolean;
  vmRolloutStrategy: 'LiveUpdate' | 'Stage';
  /** Volumes in a VM's template come and go with it. */
  declarativeHotplug: boolean;
  /** Volumes come and go by the calls addvolume and removevolume. */
  imperativeHotplug: boolean;
  /** Network cards come and go with a VM's template. */
  nicHotplug: boolean;
  /** Another network under the same card is reached by a live migration. */
  networkSwap: boolean;
  liveUpdate: { maxHotplugRatio: number; maxCpuSockets: number | undefined; maxGuest: string | undefined };
  /** How guests follow a change by themselves: `LiveMigrate`, `Evict`. */
  workloadUpdateMethods: readonly string[];
  permittedDevices: readonly PermittedDevice[];
  defaults: {
    architecture: string;
    /** By architecture. */
    machineTypes: Readonly<Record<string, string>>;
    cpuModel: string;
    evictionStrategy: string;
  };
  /** Globs of the machine types that a VM may name, by architecture. */
  emulatedMachines: Readonly<Record<string, readonly string[]>>;
  /** `reference`, `expand` or `expandAll`. */
  instancetypePolicy: string;
}

type Minor = number;

/**
 * Since which minor release of KubeVirt 1 a gate is on without being named (beta: unless switched off), and since
 * which always (GA). From pkg/virt-config/featuregate; what isn't here is alpha: on only where it is listed.
 */
const GATES: Readonly<Record<string, { beta?: Minor; ga?: Minor }>> = {
  LiveMigration: { ga: 0 },
  NUMA: { ga: 0 },
  GPU: { ga: 0 },
  Snapshot: { beta: 3 },
  KubevirtSeccompProfile: { beta: 3 },
  HotplugNICs: { beta: 3, ga: 4 },
  CommonInstancetypesDeploymentGate: { beta: 2, ga: 4 },
  BochsDisplayForEFIGuests: { ga: 4 },
  VMLiveUpdateFeatures: { ga: 5 },
  NetworkBindingPlugins: { beta: 4, ga: 5 },
  AutoResourceLimitsGate: { ga: 5 },
  VolumesUpdateStrategy: { ga: 5 },
  VolumeMigration: { ga: 5 },
  VMPersistentState: { ga: 6 },
  InstancetypeReferencePolicy: { beta: 5, ga: 6 },
  NodeRestriction: { beta: 6 },
  ImageVolume: { beta: 7 },
  EnableVirtioFsConfigVolumes: { beta: 6, ga: 8 },
  ExpandDisks: { ga: 8 },
  VMExport: { beta: 3, ga: 9 },
  VideoConfig: { beta: 7, ga: 9 },
  PanicDevices: { beta: 7, ga: 9 },
  SecureExecution: { beta: 7, ga: 9 },
  LiveUpdateNADRef: { beta: 8, ga: 9 },
  MigrationPriorityQueue: { beta: 8, ga: 9 },
  PersistentReservation: { ga: 9 },
  PasstBinding: { beta: 8 },
  DeclarativeHotplugVolumes: { beta: 9 },
  DecentralizedLiveMigration: { beta: 9 },
  WorkloadEncryptionSEV: { beta: 9 },
  GPUsWithDRA: { beta: 9 },
  HostDevicesWithDRA: { beta: 9 },
  PodSecondaryInterfaceNamingUpgrade: { beta: 9 },
  ExternalNetResourceInjection: { beta: 9 },
  RebootPolicy: { beta: 10 },
  Template: { beta: 10 },
  OptOutRoleAggregation: { beta: 10 },
};

/** `disabledFeatureGates` came with KubeVirt 1.8; before, the API server drops it. */
const DISABLING: Minor = 8;
/** Without a strategy, 1.5 and later carry changes over; before, that took a gate and the strategy. */
const LIVE_BY_DEFAULT: Minor = 5;
const MACHINES: Record<string, string[]> = {
  amd64: ['q35*', 'pc-q35*'],
  arm64: ['virt*'],
  s390x: ['s390-ccw-virtio*'],
};
const DEFAULT_MACHINES: Record<string, string> = { amd64: 'q35', arm64: 'virt', s390x: 's390-ccw-virtio' };
const DEFAULT_RATIO = 4;

/**
 * What the cluster's KubeVirt resource says. Undefined when it may not be read: then nothing is taken for on that
 * could be off, so that a form never promises what the cluster may not do.
 */
export function clusterFeatures(kubevirt: KubeVirt | undefined): ClusterFeatures {
  const configuration = kubevirt?.spec?.configuration ?? {};
  const version = kubevirt?.status?.observedKubeVirtVersion ?? kubevirt?.status?.operatorVersion ?? '';
  const minor = minorOf(version);
  const listed = new Set(configuration.developerConfiguration?.featureGates);
  const disabled = new Set(
    minor >= DISABLING ? configuration.developerConfiguration?.disabledFeatureGates : [],
  );
  const hasGate = (gate: string): boolean => {
    if (!kubevirt) return false;
    const { beta, ga } = (Object.hasOwn(GATES, gate) ? GATES[gate] : undefined) ?? {};
    if (ga !== undefined && minor >= ga) return true;
    if (disabled.has(gate)) return false;
    return listed.has(gate) || (beta !== undefined && minor >= beta);
  };
  const declarativeHotplug = hasGate('DeclarativeHotplugVolumes');
  const { liveUpdateConfiguration: live = {} } = configuration;
  return {
    known: kubevirt !== undefined,
    version,
    hasGate,
    vmRolloutStrategy: rollout(kubevirt, minor, hasGate),
    declarativeHotplug,
    // With either gate; what they come to differs (`declarativeHotplug`).
    imperativeHotplug: declarativeHotplug || hasGate('HotplugVolumes'),
    nicHotplug: hasGate('HotplugNICs'),
    networkSwap: hasGate('LiveUpdateNADRef'),
    liveUpdate: {
      maxHotplugRatio: live.maxHotplugRatio || DEFAULT_RATIO,
      maxCpuSockets: live.maxCpuSockets || undefined,
      maxGuest: live.maxGuest,
    },
    workloadUpdateMethods: kubevirt?.spec?.workloadUpdateStrategy?.workloadUpdateMethods ?? [],
    permittedDevices: permittedDevices(configuration.permittedHostDevices),
    defaults: {
      architecture: kubevirt?.status?.defaultArchitecture ?? 'amd64',
      machineTypes: machineTypes(configuration),
      cpuModel: configuration.cpuModel || 'host-model',
      evictionStrategy: configuration.evictionStrategy || 'None',
    },
    emulatedMachines: emulatedMachines(configuration),
    instancetypePolicy: configuration.instancetype?.referencePolicy ?? 'reference',
  };
}

function rollout(
  kubevirt: KubeVirt | undefined,
  minor: Minor,
  hasGate: (gate: string) => boolean,
): ClusterFeatures['vmRolloutStrategy'] {
  if (!kubevirt) return 'Stage';
  const strategy = kubevirt.spec?.configuration?.vmRolloutStrategy;
  if (minor >= LIVE_BY_DEFAULT) return strategy === 'Stage' ? 'Stage' : 'LiveUpdate';
  return hasGate('VMLiveUpdateFeatures') && strategy === 'LiveUpdate' ? 'LiveUpdate' : 'Stage';
}

/** The minor number of KubeVirt 1.x; a build without a number is taken for a recent one. */
function minorOf(version: string): Minor {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return Number.POSITIVE_INFINITY;
  return Number(major) > 1 ? Number.POSITIVE_INFINITY : Number(major) === 1 ? Number(minor) : -1;
}

type Configuration = NonNullable<NonNullable<KubeVirt['spec']>['configuration']>;

function machineTypes({ machineType, architectureConfiguration = {} }: Configuration) {
  const types: Record<string, string> = {
    ...DEFAULT_MACHINES,
    ...(machineType ? { amd64: machineType } : {}),
  };
  for (const [architecture, own] of Object.entries(architectureConfiguration)) {
    if (own?.machineType) types[architecture] = own.machineType;
  }
  return types;
}

function emulatedMachines({ emulatedMachines: common, architectureConfiguration = {} }: Configuration) {
  const machines: Record<string, string[]> = { ...MACHINES, ...(common?.length ? { amd64: common } : {}) };
  for (const [architecture, own] of Object.entries(architectureConfiguration)) {
    if (own?.emulatedMachines?.length) machines[architecture] = own.emulatedMachines;
  }
  return machines;
}

function permittedDevices(permitted: Configuration['permittedHostDevices']): PermittedDevice[] {
  const { pciHostDevices = [], mediatedDevices = [], usb = [] } = permitted ?? {};
  const named = (kind: PermittedDevice['kind'], resourceName: string | undefined, selector = '') =>
    resourceName ? [{ kind, resourceName, selector }] : [];
  return [
    ...pciHostDevices.flatMap((each) => named('pci', each.resourceName, each.pciVendorSelector)),
    ...mediatedDevices.flatMap((each) => named('mediated', each.resourceName, each.mdevNameSelector)),
    ...usb.flatMap((each) => named('usb', each.resourceName)),
  ];
}
