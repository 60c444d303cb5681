import type { KubeObject } from '../api/objects';
import type { MemoryDumpRequest } from './memory-dump/types';
import type { MigrationState } from './migration/migration-state';
import type { Affinity, Taint, Toleration } from './placement-types';

/** The parts of the API's kinds that the controllers read and write; everything else passes through untouched. */

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastProbeTime?: string | null;
  lastTransitionTime?: string | null;
}

export type RunStrategy = 'Always' | 'Halted' | 'Manual' | 'RerunOnFailure' | 'Once' | 'WaitAsReceiver';

export interface StateChangeRequest {
  action: 'Start' | 'Stop';
  uid?: string;
  data?: Record<string, string>;
}

export interface CloudInitSource {
  userData?: string;
  userDataBase64?: string;
  networkData?: string;
  networkDataBase64?: string;
  secretRef?: { name: string };
  networkDataSecretRef?: { name: string };
}

export interface Volume {
  name: string;
  containerDisk?: { image: string; imagePullPolicy?: string; imagePullSecret?: string; path?: string };
  cloudInitNoCloud?: CloudInitSource;
  cloudInitConfigDrive?: CloudInitSource;
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean; hotpluggable?: boolean };
  dataVolume?: { name: string; hotpluggable?: boolean };
  memoryDump?: { claimName: string; hotpluggable?: boolean };
  emptyDisk?: { capacity: string };
  ephemeral?: { persistentVolumeClaim?: { claimName: string } };
  secret?: { secretName: string; volumeLabel?: string };
  configMap?: { name: string; volumeLabel?: string };
  [source: string]: unknown;
}

export interface Disk {
  name: string;
  disk?: { bus?: string; readonly?: boolean };
  cdrom?: { bus?: string; readonly?: boolean };
  lun?: { bus?: string; readonly?: boolean };
  serial?: string;
  bootOrder?: number;
  cache?: 'none' | 'writethrough' | 'writeback';
  shareable?: boolean;
  errorPolicy?: 'stop' | 'ignore' | 'report' | 'enospace';
}

export interface Interface {
  name: string;
  model?: string;
  bootOrder?: number;
  macAddress?: string;
  /** Without any, all ports lead to the guest. */
  ports?: { name?: string; port: number; protocol?: string }[];
  masquerade?: object;
  bridge?: object;
  sriov?: object;
  state?: string;
}

export interface Network {
  name: string;
  pod?: { vmNetworkCIDR?: string };
  multus?: { networkName: string };
}

export interface Resources {
  requests?: Record<string, string>;
  limits?: Record<string, string>;
}

interface Propagation {
  qemuGuestAgent?: { users?: string[] };
  noCloud?: object;
  configDrive?: object;
}

interface SecretSource {
  source?: { secret?: { secretName?: string } };
  propagationMethod?: Propagation;
}

export interface AccessCredential {
  sshPublicKey?: SecretSource;
  userPassword?: SecretSource;
}

export interface InstanceSpec {
  architecture?: string;
  hostname?: string;
  subdomain?: string;
  nodeSelector?: Record<string, string>;
  affinity?: Affinity;
  tolerations?: Toleration[];
  schedulerName?: string;
  priorityClassName?: string;
  evictionStrategy?: string;
  startStrategy?: 'Paused';
  terminationGracePeriodSeconds?: number;
  accessCredentials?: AccessCredential[];
  networks?: Network[];
  volumes?: Volume[];
  domain: {
    cpu?: { sockets?: number; cores?: number; threads?: number; [field: string]: unknown };
    memory?: { guest?: string; [field: string]: unknown };
    resources?: Resources;
    machine?: { type?: string };
    firmware?: {
      uuid?: string;
      serial?: string;
      bootloader?: { bios?: object; efi?: { secureBoot?: boolean; persistent?: boolean } };
    };
    features?: { acpi?: { enabled?: boolean }; [field: string]: unknown };
    devices: {
      disks?: Disk[];
      interfaces?: Interface[];
      autoattachGraphicsDevice?: boolean;
      autoattachSerialConsole?: boolean;
      clientPassthrough?: object;
      tpm?: { enabled?: boolean; persistent?: boolean };
      [field: string]: unknown;
    };
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export interface Matcher {
  name?: string;
  kind?: string;
  revisionName?: string;
}

/** What a VM's status says of its instance type or preference. */
interface MatcherRef {
  name?: string;
  kind?: string;
  controllerRevisionRef?: { name: string };
}

export interface VirtualMachine extends KubeObject {
  spec: {
    runStrategy?: RunStrategy;
    running?: boolean;
    instancetype?: Matcher;
    preference?: Matcher;
    updateVolumesStrategy?: 'Replacement' | 'Migration';
    dataVolumeTemplates?: { metadata: { name: string; [field: string]: unknown }; spec: object }[];
    template: {
      metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
      spec: InstanceSpec;
    };
  };
  status?: VirtualMachineStatus;
}

export interface VirtualMachineStatus {
  created?: boolean;
  ready?: boolean;
  printableStatus?: string;
  runStrategy?: RunStrategy;
  conditions?: Condition[];
  stateChangeRequests?: StateChangeRequest[];
  memoryDumpRequest?: MemoryDumpRequest;
  startFailure?: StartFailure;
  observedGeneration?: number;
  desiredGeneration?: number;
  volumeSnapshotStatuses?: { name: string; enabled: boolean; reason?: string }[];
  volumeUpdateState?: { volumeMigrationState?: { migratedVolumes: MigratedVolume[] } };
  instancetypeRef?: MatcherRef;
  preferenceRef?: MatcherRef;
  [field: string]: unknown;
}

export interface StartFailure {
  consecutiveFailCount?: number;
  lastFailedVMIUID?: string;
  retryAfterTimestamp?: string;
}

export type InstancePhase =
  | ''
  | 'Pending'
  | 'Scheduling'
  | 'Scheduled'
  | 'Running'
  | 'Succeeded'
  | 'Failed'
  | 'WaitingForSync'
  | 'Unknown';

export interface InterfaceStatus {
  name?: string;
  podInterfaceName?: string;
  infoSource?: string;
  interfaceName?: string;
  ipAddress?: string;
  ipAddresses?: string[];
  mac?: string;
  linkState?: string;
  queueCount?: number;
}

export interface VirtualMachineInstance extends KubeObject {
  spec: InstanceSpec;
  status?: VirtualMachineInstanceStatus;
}

export interface VolumeStatus {
  name: string;
  target: string;
  phase?:
    | 'Pending'
    | 'Bound'
    | 'AttachedToNode'
    | 'MountedToPod'
    | 'Ready'
    | 'Detaching'
    | 'UnMountedFromPod'
    | 'MemoryDumpInProgress'
    | 'MemoryDumpCompleted'
    | 'MemoryDumpFailed';
  reason?: string;
  message?: string;
  hotplugVolume?: { attachPodName?: string; attachPodUID?: string };
  memoryDumpVolume?: {
    claimName: string;
    targetFileName?: string;
    startTimestamp?: string;
    endTimestamp?: string;
  };
  persistentVolumeClaimInfo?: { claimName: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** A volume that moves from one claim to another. */
export interface MigratedVolume {
  volumeName: string;
  sourcePVCInfo: { claimName: string; volumeMode?: string };
  destinationPVCInfo: { claimName: string; volumeMode?: string };
}

export interface VirtualMachineInstanceStatus {
  phase?: InstancePhase;
  phaseTransitionTimestamps?: { phase: InstancePhase; phaseTransitionTimestamp: string }[];
  conditions?: Condition[];
  nodeName?: string;
  activePods?: Record<string, string>;
  interfaces?: InterfaceStatus[];
  guestOSInfo?: object;
  volumeStatus?: VolumeStatus[];
  migrationState?: MigrationState;
  /** The node that the instance has to leave. */
  evacuationNodeName?: string;
  fsFreezeStatus?: 'frozen';
  virtualMachineRevisionName?: string;
  /** The volumes that are moving to other claims. */
  migratedVolumes?: MigratedVolume[];
  currentCPUTopology?: { sockets?: number; cores?: number; threads?: number };
  memory?: { guestAtBoot?: string; guestCurrent?: string; guestRequested?: string; memoryOverhead?: string };
  [field: string]: unknown;
}

export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: {
    exitCode: number;
    reason: string;
    message?: string;
    startedAt: string;
    finishedAt: string;
    containerID?: string;
  };
}

export interface ContainerStatus {
  name: string;
  state: ContainerState;
  lastState?: ContainerState;
  restartCount?: number;
  ready: boolean;
  image: string;
  [field: string]: unknown;
}

export interface Container {
  name: string;
  image: string;
  ports?: { name?: string; containerPort: number; protocol?: string }[];
  resources?: Resources;
  restartPolicy?: string;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean; mountPropagation?: string }[];
  [field: string]: unknown;
}

export interface Pod extends KubeObject {
  spec: {
    nodeName?: string;
    hostname?: string;
    subdomain?: string;
    nodeSelector?: Record<string, string>;
    affinity?: Affinity;
    tolerations?: Toleration[];
    schedulerName?: string;
    restartPolicy?: string;
    terminationGracePeriodSeconds?: number;
    readinessGates?: { conditionType: string }[];
    containers: Container[];
    initContainers?: Container[];
    volumes?: PodVolume[];
    [field: string]: unknown;
  };
  status?: PodStatus;
}

export interface PodVolume {
  name: string;
  secret?: { secretName: string; optional?: boolean };
  configMap?: { name: string; optional?: boolean };
  persistentVolumeClaim?: { claimName: string };
  [source: string]: unknown;
}

export interface PodStatus {
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  conditions?: Condition[];
  podIP?: string;
  qosClass?: string;
  startTime?: string;
  initContainerStatuses?: ContainerStatus[];
  containerStatuses?: ContainerStatus[];
  [field: string]: unknown;
}

export interface Node extends KubeObject {
  spec: { podCIDR?: string; unschedulable?: boolean; taints?: Taint[] };
  status?: {
    allocatable?: Record<string, string>;
    capacity?: Record<string, string>;
    conditions?: (Condition & { lastHeartbeatTime?: string })[];
    addresses?: { type: string; address: string }[];
    [field: string]: unknown;
  };
}

/** `resource.group` names of what the controllers touch. */
export const VMS = 'virtualmachines.kubevirt.io';
export const VMIS = 'virtualmachineinstances.kubevirt.io';
export const REVISIONS = 'controllerrevisions.apps';

export const VM_FINALIZER = 'kubevirt.io/virtualMachineControllerFinalize';
export const VMI_FINALIZER = 'kubevirt.io/foregroundDeleteVirtualMachine';
export const VM_GENERATION = 'kubevirt.io/vm-generation';
export const UNPAUSED_GATE = 'kubevirt.io/virtual-machine-unpaused';
