import { createHash } from 'node:crypto';
import type { NewObject } from '../api/objects';
import { KUBERNETES_VERSION } from '../controllers/release';
import { timestamp } from '../controllers/time';
import { preloadedImages } from './preloaded-images';

export interface NodeFacts {
  name: string;
  address: string;
  podCIDR: string;
  cpus: number;
  memoryGi: number;
  zone: string;
  /** How many pods it takes; a kubelet's usual number without. */
  pods?: number;
  controlPlane?: boolean;
}

export const NODES: readonly NodeFacts[] = [
  {
    ...{ name: 'node-1', address: '192.168.50.11', podCIDR: '10.244.0.0/24' },
    ...{ cpus: 8, memoryGi: 32, zone: 'rack-a', controlPlane: true },
  },
  {
    name: 'node-2',
    address: '192.168.50.12',
    podCIDR: '10.244.1.0/24',
    cpus: 16,
    memoryGi: 64,
    zone: 'rack-a',
  },
  {
    name: 'node-3',
    address: '192.168.50.13',
    podCIDR: '10.244.2.0/24',
    cpus: 16,
    memoryGi: 64,
    zone: 'rack-b',
  },
];

const CPU_MODELS = [
  'Nehalem',
  'Westmere',
  'SandyBridge',
  'IvyBridge',
  'Haswell',
  'Broadwell',
  'Skylake-Server',
  'EPYC',
];
const HOST_MODEL = 'EPYC-Rome';
const MACHINES = ['q35', 'pc-q35-rhel8.6.0', 'pc-q35-rhel9.2.0', 'pc-q35-rhel9.4.0', 'pc-q35-rhel9.6.0'];
const DEVICES = ['kvm', 'tun', 'vhost-net'];
/** virt-handler offers it everywhere; without the hardware none of it is healthy. */
const SEV = 'devices.kubevirt.io/sev';
const HANDLER_FEATURES = { recursiveReadOnlyMounts: true, userNamespaces: true };
const RESERVED_KI = 102_400;
const RESERVED_MILLICORES = 100;
const USUAL_PODS = 110;

/** A node as kubelet, node labeller and virt-handler leave it; `born` in milliseconds. */
export function node(facts: NodeFacts, born: number): NewObject {
  const { name, address, podCIDR, cpus, memoryGi, controlPlane, pods = USUAL_PODS } = facts;
  const memoryKi = memoryGi * 2 ** 20;
  const since = timestamp(born);
  const devices = Object.fromEntries(DEVICES.map((device) => [`devices.kubevirt.io/${device}`, '1k']));
  const shared = {
    'ephemeral-storage': '264212084Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    pods: String(pods),
    ...devices,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: labels(facts),
      annotations: {
        'kubevirt.io/heartbeat': since,
        'kubevirt.io/ksm-handler-managed': 'false',
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: { podCIDR, podCIDRs: [podCIDR] },
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      capacity: { cpu: String(cpus), memory: `${memoryKi}Ki`, ...shared, [SEV]: '1k' },
      allocatable: {
        cpu: `${cpus * 1000 - RESERVED_MILLICORES}m`,
        memory: `${memoryKi - RESERVED_KI}Ki`,
        ...shared,
        [SEV]: '0',
      },
      conditions: [
        healthy(
          'MemoryPressure',
          'KubeletHasSufficientMemory',
          'kubelet has sufficient memory available',
          since,
        ),
        healthy('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure', since),
        healthy('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available', since),
        { ...healthy('Ready', 'KubeletReady', 'kubelet is posting ready status', since), status: 'True' },
      ],
      images: preloadedImages().map((image) => ({ names: [image] })),
      runtimeHandlers: ['', 'runc'].map((handler) => ({ name: handler, features: HANDLER_FEATURES })),
      features: { supplementalGroupsPolicy: true },
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: 'amd64',
        bootID: machineId(name, 'b'),
        containerRuntimeVersion: 'containerd://2.1.4',
        kernelVersion: controlPlane ? '6.1.0-38-amd64' : '6.1.0-40-amd64',
        kubeProxyVersion: '',
        kubeletVersion: KUBERNETES_VERSION,
        machineID: machineId(name, 'a').replaceAll('-', ''),
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        systemUUID: machineId(name, 'c'),
      },
    },
  };
}

function labels({ name, zone, controlPlane }: NodeFacts): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'topology.kubernetes.io/zone': zone,
    ...(controlPlane
      ? { 'node-role.kubernetes.io/control-plane': '' }
      : { 'node-role.kubernetes.io/worker': '' }),
    cpumanager: 'false',
    'kubevirt.io/schedulable': 'true',
    'kubevirt.io/ksm-enabled': 'false',
    'cpu-vendor.node.kubevirt.io/AMD': 'true',
    [`host-model-cpu.node.kubevirt.io/${HOST_MODEL}`]: 'true',
    ...Object.fromEntries(
      [...CPU_MODELS, HOST_MODEL].map((model) => [`cpu-model-migration.node.kubevirt.io/${model}`, 'true']),
    ),
    ...Object.fromEntries(CPU_MODELS.map((model) => [`cpu-model.node.kubevirt.io/${model}`, 'true'])),
    ...Object.fromEntries(MACHINES.map((machine) => [`machine-type.node.kubevirt.io/${machine}`, 'true'])),
  };
}

function healthy(type: string, reason: string, message: string, since: string) {
  return { type, status: 'False', reason, message, lastHeartbeatTime: since, lastTransitionTime: since };
}

/** Looks like a machine's id, and is the same every time. */
function machineId(name: string, salt: string): string {
  const digits = createHash('sha256').update(`${salt} ${name}`).digest('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
