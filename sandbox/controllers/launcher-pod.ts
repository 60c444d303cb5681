import type { NewObject } from '../api/objects';
import { secretOf } from './access-secrets';
import { claimName } from './claims';
import { isHotpluggable } from './hotplug/hotplug-volumes';
import { computeRequests, overheadBytes } from './instance-size';
import { NETWORKS, networkSelections } from './multus';
import type { Affinity, NodeSelectorTerm } from './placement-types';
import { LAUNCHER_IMAGE, QEMU_USER } from './release';
import type { Container, PodVolume, VirtualMachineInstance, Volume } from './types';
import { UNPAUSED_GATE } from './types';
import { ownerReference } from './vmi-factory';

export const CREATED_BY = 'kubevirt.io/created-by';
const DEFAULT_GRACE_S = 30;
/** The pod may take longer than the guest: QEMU and libvirt have to end as well. */
const POD_EXTRA_GRACE_S = 30;
const LAUNCHER_EXTRA_GRACE_S = 15;

const PLAIN_SECURITY = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: QEMU_USER,
};

const SCRATCH_MOUNTS = [
  { name: 'private', mountPath: '/var/run/kubevirt-private' },
  { name: 'public', mountPath: '/var/run/kubevirt' },
  { name: 'ephemeral-disks', mountPath: '/var/run/kubevirt-ephemeral-disks' },
  { name: 'libvirt-runtime', mountPath: '/var/run/libvirt' },
  { name: 'sockets', mountPath: '/var/run/kubevirt/sockets' },
];

/** The virt-launcher pod of an instance. Mirrors renderLaunchManifest of KubeVirt's template service. */
export function launcherPod(vmi: VirtualMachineInstance): NewObject {
  const { name, namespace, uid, labels, annotations } = vmi.metadata;
  const { spec } = vmi;
  const selections = networkSelections(vmi);
  const volumes = broughtAlong(spec.volumes);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `virt-launcher-${name}-`,
      ...(namespace ? { namespace } : {}),
      labels: {
        ...labels,
        'kubevirt.io': 'virt-launcher',
        [CREATED_BY]: uid,
        'vm.kubevirt.io/name': name,
        'vmi.kubevirt.io/id': name,
      },
      annotations: {
        ...annotations,
        'kubevirt.io/domain': name,
        'kubectl.kubernetes.io/default-container': 'compute',
        'kubevirt.io/migrationTransportUnix': 'true',
        'kubevirt.io/memory-overhead-bytes': String(overheadBytes(spec)),
        'descheduler.alpha.kubernetes.io/request-evict-only': '',
        ...(selections.length > 0 ? { [NETWORKS]: JSON.stringify(selections) } : {}),
      },
      ownerReferences: [ownerReference(vmi)],
    },
    spec: {
      volumes: [...podVolumes(volumes), ...credentialVolumes(vmi)],
      initContainers: [
        consoleLog(uid),
        ...volumes.filter(({ containerDisk }) => containerDisk).map(diskContainer),
      ],
      containers: [compute(vmi)],
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: graceSeconds(vmi) + POD_EXTRA_GRACE_S,
      dnsPolicy: 'ClusterFirst',
      nodeSelector: {
        ...spec.nodeSelector,
        'kubernetes.io/arch': spec.architecture ?? 'amd64',
        'kubevirt.io/schedulable': 'true',
        [`machine-type.node.kubevirt.io/${spec.domain.machine?.type ?? 'q35'}`]: 'true',
      },
      affinity: withModernHost(spec.affinity),
      ...pullSecrets(volumes),
      serviceAccountName: 'default',
      serviceAccount: 'default',
      automountServiceAccountToken: false,
      securityContext: {
        runAsUser: QEMU_USER,
        runAsGroup: QEMU_USER,
        runAsNonRoot: true,
        fsGroup: QEMU_USER,
      },
      hostname: (spec.hostname ?? name).slice(0, 63).replace(/[^a-z0-9]+$/, ''),
      ...(spec.subdomain ? { subdomain: spec.subdomain } : {}),
      schedulerName: spec.schedulerName ?? 'default-scheduler',
      tolerations: [...(spec.tolerations ?? []), patience('not-ready'), patience('unreachable')],
      ...(spec.priorityClassName ? { priorityClassName: spec.priorityClassName } : {}),
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      readinessGates: [{ conditionType: UNPAUSED_GATE }],
      enableServiceLinks: false,
    },
    status: { phase: 'Pending', qosClass: 'Burstable' },
  };
}

/** Hot-pluggable volumes come later, by pods of their own. */
function broughtAlong(volumes: readonly Volume[] = []): Volume[] {
  return volumes.filter((volume) => !isHotpluggable(volume));
}

/** Seconds between the power button and the plug. */
export function graceSeconds({ spec }: VirtualMachineInstance): number {
  return Math.max(0, spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S);
}

/** The secrets of a cloud-init volume, with the suffix that their pod volumes carry. */
function cloudInitSecrets({ name, cloudInitNoCloud, cloudInitConfigDrive }: Volume): PodVolume[] {
  const source = cloudInitNoCloud ?? cloudInitConfigDrive;
  const found: PodVolume[] = [];
  if (source?.secretRef) found.push({ name: `${name}-udata`, secret: { secretName: source.secretRef.name } });
  const network = source?.networkDataSecretRef;
  if (network) found.push({ name: `${name}-ndata`, secret: { secretName: network.name } });
  return found;
}

/** The secrets of a guest's keys and passwords, which virt-launcher follows. */
function credentialVolumes({ spec }: VirtualMachineInstance): PodVolume[] {
  const names = new Set((spec.accessCredentials ?? []).flatMap((credential) => secretOf(credential) ?? []));
  return [...names].map((secretName) => ({ name: `${secretName}-access-cred`, secret: { secretName } }));
}

function podVolumes(volumes: readonly Volume[]): PodVolume[] {
  const scratch = [
    'private',
    'public',
    'sockets',
    'virt-bin-share-dir',
    'libvirt-runtime',
    'ephemeral-disks',
  ];
  const own = volumes.flatMap((volume): PodVolume[] => {
    const { name, containerDisk, secret, configMap } = volume;
    const claim = claimName(volume);
    if (claim) return [{ name, persistentVolumeClaim: { claimName: claim } }];
    if (containerDisk) {
      return [{ name, image: { reference: containerDisk.image, pullPolicy: containerDisk.imagePullPolicy } }];
    }
    if (secret) return [{ name, secret: { secretName: secret.secretName } }];
    if (configMap) return [{ name, configMap: { name: configMap.name } }];
    return cloudInitSecrets(volume);
  });
  return [
    ...scratch.map((name) => ({ name, emptyDir: {} })),
    ...own,
    { name: 'launcher-volume', image: { reference: LAUNCHER_IMAGE, pullPolicy: 'IfNotPresent' } },
    { name: 'hotplug-disks', emptyDir: {} },
  ];
}

function compute(vmi: VirtualMachineInstance): Container {
  const { name, namespace, uid } = vmi.metadata;
  const ports = containerPorts(vmi);
  const disks = broughtAlong(vmi.spec.volumes).flatMap((volume) => {
    if (volume.containerDisk) {
      return [
        { name: volume.name, mountPath: `/var/run/kubevirt-image-volume/${volume.name}`, readOnly: true },
      ];
    }
    if (!claimName(volume)) return [];
    return [{ name: volume.name, mountPath: `/var/run/kubevirt-private/vmi-disks/${volume.name}` }];
  });
  return {
    name: 'compute',
    image: LAUNCHER_IMAGE,
    command: ['/usr/bin/virt-launcher-monitor'],
    args: [
      ...['--name', name, '--uid', uid, '--namespace', namespace ?? ''],
      ...['--kubevirt-share-dir', '/var/run/kubevirt'],
      ...['--grace-period-seconds', String(graceSeconds(vmi) + LAUNCHER_EXTRA_GRACE_S)],
      ...['--run-as-nonroot', '--image-volume', '--allow-emulation'],
    ],
    ...(ports.length > 0 ? { ports } : {}),
    env: [
      { name: 'XDG_RUNTIME_DIR', value: '/var/run' },
      { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    ],
    resources: {
      limits: { ...vmi.spec.domain.resources?.limits, 'devices.kubevirt.io/tun': '1' },
      requests: { ...computeRequests(vmi.spec), 'devices.kubevirt.io/tun': '1', 'ephemeral-storage': '50M' },
    },
    volumeMounts: [
      ...SCRATCH_MOUNTS,
      ...disks,
      {
        name: 'hotplug-disks',
        mountPath: '/var/run/kubevirt/hotplug-disks',
        mountPropagation: 'HostToContainer',
      },
    ],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'FallbackToLogsOnError',
    imagePullPolicy: 'IfNotPresent',
    securityContext: {
      ...PLAIN_SECURITY,
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
      runAsGroup: QEMU_USER,
    },
  };
}

/** The ports that the instance's cards name, by which services find them. */
function containerPorts({ spec }: VirtualMachineInstance): NonNullable<Container['ports']> {
  const named = (spec.domain.devices.interfaces ?? []).flatMap(({ ports = [] }) => ports);
  return named.map(({ name, port, protocol = 'TCP' }) => ({
    ...(name ? { name } : {}),
    containerPort: port,
    protocol,
  }));
}

/** Follows the serial log of the guest; a sidecar, so it runs before and beside compute. */
function consoleLog(uid: string): Container {
  return {
    name: 'guest-console-log',
    image: LAUNCHER_IMAGE,
    command: ['/usr/bin/virt-tail'],
    args: ['--logfile', `/var/run/kubevirt-private/${uid}/virt-serial0-log`],
    env: [{ name: 'VIRT_LAUNCHER_LOG_VERBOSITY', value: '2' }],
    resources: { limits: { cpu: '15m', memory: '60M' }, requests: { cpu: '5m', memory: '35M' } },
    restartPolicy: 'Always',
    volumeMounts: [{ name: 'private', mountPath: '/var/run/kubevirt-private', readOnly: true }],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: PLAIN_SECURITY,
  };
}

/** The secrets that the container disks name. */
function pullSecrets(volumes: readonly Volume[]): { imagePullSecrets?: { name: string }[] } {
  const names = new Set(volumes.flatMap(({ containerDisk }) => containerDisk?.imagePullSecret ?? []));
  return names.size > 0 ? { imagePullSecrets: [...names].map((name) => ({ name })) } : {};
}

/** Makes the kubelet pull the image; the disk itself is mounted as an image volume. */
function diskContainer({ name, containerDisk }: Volume): Container {
  return {
    name: `volume${name}`,
    image: containerDisk?.image ?? '',
    command: ['/container-disk-binary/usr/bin/container-disk'],
    args: ['--no-op'],
    resources: {
      limits: { cpu: '10m', memory: '40M' },
      requests: { cpu: '1m', 'ephemeral-storage': '50M', memory: '1M' },
    },
    volumeMounts: [{ name: 'launcher-volume', mountPath: '/container-disk-binary', readOnly: true }],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...(containerDisk?.imagePullPolicy ? { imagePullPolicy: containerDisk.imagePullPolicy } : {}),
    securityContext: PLAIN_SECURITY,
  };
}

/** Nodes whose CPU model libvirt has dropped take no new guests. */
function withModernHost(affinity: Affinity = {}): Affinity {
  const modern = { key: 'node-labeller.kubevirt.io/obsolete-host-model', operator: 'DoesNotExist' };
  const required = affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms: NodeSelectorTerm[] = required?.nodeSelectorTerms ?? [{}];
  const nodeSelectorTerms = terms.map((term) => ({
    ...term,
    matchExpressions: [...(term.matchExpressions ?? []), modern],
  }));
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms };
  return {
    ...affinity,
    nodeAffinity: { ...affinity.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution },
  };
}

/** The five minutes that the apiserver grants every pod on a node that stops answering. */
function patience(trouble: 'not-ready' | 'unreachable') {
  return {
    key: `node.kubernetes.io/${trouble}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  };
}
