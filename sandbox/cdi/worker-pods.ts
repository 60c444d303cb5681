import type { NewObject } from '../api/objects';
import type { PersistentVolumeClaim } from '../controllers/storage-types';
import { ownerReference } from '../controllers/vmi-factory';
import type { PodSettings } from './importer-pod';
import * as names from './names';

const RESOURCES = {
  limits: { cpu: '750m', memory: '600M' },
  requests: { cpu: '100m', memory: '60M' },
};
const CDI_USER = 107;

export type Worker = 'importer' | 'cdi-upload-server' | 'cdi-cloner';

/** Names the pod that works on a claim. */
export function workerName(worker: Worker, claim: string): string {
  return worker === 'importer'
    ? `importer-${claim}`
    : worker === 'cdi-upload-server'
      ? `cdi-upload-${claim}`
      : claim;
}

/** A pod of CDI that works on a claim: importer, upload server or the source side of a clone. */
export function workerPod(
  worker: Worker,
  name: string,
  claim: PersistentVolumeClaim,
  settings: PodSettings,
  {
    readOnly = false,
    scratch,
    owner = claim,
  }: { readOnly?: boolean; scratch?: string; owner?: PersistentVolumeClaim } = {},
): NewObject {
  const { metadata, spec } = claim;
  const isBlock = spec.volumeMode === 'Block';
  const container = worker === 'cdi-cloner' ? 'cdi-clone-source' : worker;
  const image =
    worker === 'importer'
      ? 'cdi-importer'
      : worker === 'cdi-upload-server'
        ? 'cdi-uploadserver'
        : 'cdi-cloner';
  const mounts = [
    ...(isBlock ? [] : [{ name: 'cdi-data-vol', mountPath: '/data' }]),
    ...(scratch ? [{ name: names.SCRATCH_VOLUME, mountPath: '/scratch' }] : []),
    ...settings.volumes.map((volume) => ({ name: volume.name, mountPath: volume.mountPath, readOnly: true })),
  ];
  const priority = metadata.annotations?.[names.PRIORITY_CLASS];
  const node = metadata.annotations?.['volume.kubernetes.io/selected-node'];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      annotations: { [names.CREATED_BY]: 'yes' },
      labels: {
        ...names.CDI_LABELS,
        [names.WORKER_LABEL]: worker,
        'prometheus.cdi.kubevirt.io': 'true',
        ...(worker === 'cdi-upload-server' ? { service: name } : {}),
      },
      ownerReferences: [ownerReference(owner)],
    },
    spec: {
      containers: [
        {
          name: container,
          image: `${names.CDI_REGISTRY}/${image}:${names.CDI_VERSION}`,
          imagePullPolicy: 'IfNotPresent',
          ...(worker === 'importer' ? { args: ['-v=1'] } : {}),
          env: [...settings.env, { name: 'OWNER_UID', value: metadata.uid }],
          ports: [{ name: 'metrics', containerPort: 8443, protocol: 'TCP' }],
          resources: RESOURCES,
          ...(isBlock
            ? { volumeDevices: [{ name: 'cdi-data-vol', devicePath: '/dev/cdi-block-volume' }] }
            : {}),
          ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            runAsNonRoot: true,
            runAsUser: CDI_USER,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      ...(node ? { nodeSelector: { 'kubernetes.io/hostname': node } } : {}),
      ...(priority ? { priorityClassName: priority } : {}),
      restartPolicy: 'OnFailure',
      securityContext: { fsGroup: CDI_USER, runAsNonRoot: true, runAsUser: CDI_USER },
      volumes: [
        {
          name: 'cdi-data-vol',
          persistentVolumeClaim: { claimName: metadata.name, ...(readOnly ? { readOnly: true } : {}) },
        },
        ...(scratch ? [{ name: names.SCRATCH_VOLUME, persistentVolumeClaim: { claimName: scratch } }] : []),
        ...settings.volumes.map((volume) => ({ name: volume.name, ...volume.source })),
      ],
    },
  };
}

/** The service through which the upload proxy reaches an upload server. */
export function uploadService(name: string, claim: PersistentVolumeClaim): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      ...(claim.metadata.namespace ? { namespace: claim.metadata.namespace } : {}),
      labels: { ...names.CDI_LABELS, [names.WORKER_LABEL]: 'cdi-upload-server' },
      ownerReferences: [ownerReference(claim)],
    },
    spec: {
      ports: [{ port: 443, protocol: 'TCP', targetPort: 8443 }],
      selector: { service: name },
    },
  };
}
