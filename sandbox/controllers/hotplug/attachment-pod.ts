import type { NewObject } from '../../api/objects';
import { claimName } from '../claims';
import { LAUNCHER_IMAGE, QEMU_USER } from '../release';
import type { Pod, Volume } from '../types';
import { ownerReference } from '../vmi-factory';

export const ATTACHMENT_LABEL = 'hotplug-disk';

/**
 * The pod that brings claims to the node of a launcher, all hot-plugged ones together. Mirrors
 * RenderHotplugAttachmentPodTemplate of KubeVirt's template service.
 */
export function attachmentPod(launcher: Pod, volumes: readonly Volume[]): NewObject {
  const { namespace } = launcher.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'hp-volume-',
      ...(namespace ? { namespace } : {}),
      labels: { 'kubevirt.io': ATTACHMENT_LABEL },
      ownerReferences: [ownerReference(launcher)],
    },
    spec: {
      containers: [
        {
          name: ATTACHMENT_LABEL,
          image: LAUNCHER_IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['/bin/sh', '-c', '/usr/bin/container-disk --copy-path /path/hp'],
          resources: { limits: { cpu: '100m', memory: '80M' }, requests: { cpu: '10m', memory: '2M' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            runAsNonRoot: true,
            runAsUser: QEMU_USER,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          volumeMounts: [
            { name: 'hotplug-disks', mountPath: '/path', mountPropagation: 'HostToContainer' },
            ...volumes.map(({ name }) => ({ name, mountPath: `/${name}` })),
          ],
        },
      ],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: 'kubernetes.io/hostname', operator: 'In', values: [launcher.spec.nodeName ?? ''] },
                ],
              },
            ],
          },
        },
      },
      tolerations: launcher.spec.tolerations ?? [],
      terminationGracePeriodSeconds: 0,
      restartPolicy: 'Always',
      volumes: [
        ...volumes.map((volume) => ({
          name: volume.name,
          persistentVolumeClaim: { claimName: claimName(volume) ?? '' },
        })),
        { name: 'hotplug-disks', emptyDir: {} },
      ],
    },
  };
}

/** Whether an attachment pod carries exactly these volumes. */
export function carries(pod: Pod, volumes: readonly Volume[]): boolean {
  const carried = carriedBy(pod);
  return carried.length === volumes.length && volumes.every(({ name }) => carried.includes(name));
}

/** The names of the volumes that an attachment pod carries. */
export function carriedBy({ spec }: Pod): string[] {
  return (spec.volumes ?? [])
    .filter(({ persistentVolumeClaim }) => persistentVolumeClaim)
    .map(({ name }) => name);
}
