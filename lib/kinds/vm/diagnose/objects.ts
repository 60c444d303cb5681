import { valueAt } from '@/lib/k8s/json';
import type { Condition, K8sObject } from '@/lib/k8s/object';

/** What a container of a pod waits for, runs as, or ended with. */
export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: { exitCode?: number; reason?: string; message?: string; finishedAt?: string };
}

export interface ContainerStatus {
  name: string;
  image?: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

interface PodContainer {
  name: string;
  image?: string;
  restartPolicy?: string;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
}

export interface Expression {
  key: string;
  operator: string;
  values?: string[];
}

export interface SelectorTerm {
  matchExpressions?: Expression[];
  matchFields?: Expression[];
}

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

/** A launcher or a worker of CDI, as far as it tells why it does not run. */
export interface LauncherPod extends K8sObject {
  spec?: {
    nodeName?: string;
    nodeSelector?: Record<string, string>;
    affinity?: {
      nodeAffinity?: {
        requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: SelectorTerm[] };
      };
    };
    tolerations?: Toleration[];
    containers?: PodContainer[];
    initContainers?: PodContainer[];
  };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    startTime?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

export interface ClusterNode extends K8sObject {
  spec?: { unschedulable?: boolean; taints?: Taint[] };
  status?: { conditions?: Condition[]; allocatable?: Record<string, string> };
}

export interface Claim extends K8sObject {
  spec?: {
    accessModes?: string[];
    storageClassName?: string;
    volumeName?: string;
    resources?: { requests?: { storage?: string } };
  };
  status?: { phase?: string; capacity?: { storage?: string }; conditions?: Condition[] };
}

export interface DataVolume extends K8sObject {
  spec?: {
    source?: Record<
      string,
      { url?: string; name?: string; namespace?: string; secretRef?: string } | undefined
    >;
    sourceRef?: { kind?: string; name?: string; namespace?: string };
    storage?: { storageClassName?: string; resources?: { requests?: { storage?: string } } };
    pvc?: { storageClassName?: string; resources?: { requests?: { storage?: string } } };
  };
  status?: {
    phase?: string;
    progress?: string;
    restartCount?: number;
    claimName?: string;
    conditions?: Condition[];
  };
}

export interface StorageClass extends K8sObject {
  provisioner?: string;
  volumeBindingMode?: string;
}

/** A volume of a guest, by what it is made of. */
export interface GuestVolume {
  name: string;
  /** The key beside `name`: `containerDisk`, `persistentVolumeClaim`, … */
  source: string;
  /** The claim that it stands for, if it does. */
  claim?: string;
  dataVolume?: boolean;
  image?: string;
  secrets: string[];
  configMaps: string[];
}

const SECRET_FIELDS = [
  ['cloudInitNoCloud', 'secretRef', 'name'],
  ['cloudInitNoCloud', 'networkDataSecretRef', 'name'],
  ['cloudInitConfigDrive', 'secretRef', 'name'],
  ['cloudInitConfigDrive', 'networkDataSecretRef', 'name'],
  ['sysprep', 'secret', 'name'],
  ['containerDisk', 'imagePullSecret'],
] as const;

/** The volumes of a VM's template or of an instance. */
export function guestVolumes(spec: unknown): GuestVolume[] {
  const list = valueAt(spec, ['volumes']);
  if (!Array.isArray(list)) return [];
  return list.flatMap((volume): GuestVolume[] => {
    const name = word(volume, ['name']);
    const source = Object.keys(volume ?? {}).find((key) => key !== 'name') ?? '';
    if (!name) return [];
    const secrets = SECRET_FIELDS.flatMap((path) => word(volume, path) || []);
    const secret = optional(volume, 'secret') ? '' : word(volume, ['secret', 'secretName']);
    const configMap = optional(volume, 'configMap') ? '' : word(volume, ['configMap', 'name']);
    const sysprep = word(volume, ['sysprep', 'configMap', 'name']);
    const claim =
      word(volume, ['persistentVolumeClaim', 'claimName']) ||
      word(volume, ['dataVolume', 'name']) ||
      word(volume, ['ephemeral', 'persistentVolumeClaim', 'claimName']);
    const image = word(volume, ['containerDisk', 'image']);
    return [
      {
        name,
        source,
        ...(claim ? { claim } : {}),
        ...(source === 'dataVolume' ? { dataVolume: true } : {}),
        ...(image ? { image } : {}),
        secrets: [...secrets, ...(secret ? [secret] : [])],
        configMaps: [configMap, sysprep].filter(Boolean),
      },
    ];
  });
}

/** The Secrets that a guest's keys and passwords are propagated from. */
export function credentialSecrets(spec: unknown): string[] {
  const list = valueAt(spec, ['accessCredentials']);
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry) =>
    ['sshPublicKey', 'userPassword'].flatMap(
      (kind) => word(entry, [kind, 'source', 'secret', 'secretName']) || [],
    ),
  );
}

/** The network attachments that a guest names, by namespace. */
export function attachments(
  spec: unknown,
  home: string,
): { namespace: string; name: string; network: string }[] {
  const list = valueAt(spec, ['networks']);
  if (!Array.isArray(list)) return [];
  return list.flatMap((network) => {
    const named = word(network, ['multus', 'networkName']);
    if (!named) return [];
    const [first = '', second] = named.split('/');
    const place =
      second === undefined ? { namespace: home, name: first } : { namespace: first, name: second };
    return [{ ...place, network: word(network, ['name']) }];
  });
}

function optional(volume: unknown, source: string): boolean {
  return valueAt(volume, [source, 'optional']) === true;
}

function word(root: unknown, path: readonly (string | number)[]): string {
  const value = valueAt(root, path);
  return typeof value === 'string' ? value : '';
}
