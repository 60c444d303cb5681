import type { NewObject } from './objects';

type Fields = Record<string, unknown>;

/**
 * What the apiserver itself fills in when a built-in object is created; anything declared by a schema's `default` is
 * not repeated here. Edits `draft`.
 */
export function applyBuiltInDefaults(resource: string, draft: NewObject): void {
  DEFAULTS[resource]?.(draft);
}

const DEFAULTS: Record<string, (draft: NewObject) => void> = {
  namespaces(draft) {
    draft.metadata.labels = {
      ...draft.metadata.labels,
      'kubernetes.io/metadata.name': draft.metadata.name ?? '',
    };
    draft.spec = { finalizers: ['kubernetes'], ...fields(draft.spec) };
    draft.status = { phase: 'Active' };
  },
  pods(draft) {
    draft.spec = {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: {},
      enableServiceLinks: true,
      ...fields(draft.spec),
    };
    draft.status = { phase: 'Pending', qosClass: 'BestEffort', ...fields(draft.status) };
  },
  persistentvolumeclaims(draft) {
    // The StorageObjectInUseProtection plugin; the volume controller takes it off when no pod uses the claim.
    draft.metadata.finalizers = [
      ...new Set([...(draft.metadata.finalizers ?? []), 'kubernetes.io/pvc-protection']),
    ];
    draft.spec = { volumeMode: 'Filesystem', ...fields(draft.spec) };
    draft.status = { phase: 'Pending', ...fields(draft.status) };
  },
  persistentvolumes(draft) {
    draft.spec = { volumeMode: 'Filesystem', persistentVolumeReclaimPolicy: 'Retain', ...fields(draft.spec) };
    draft.status = { phase: 'Available', ...fields(draft.status) };
  },
  services(draft) {
    draft.spec = {
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ...fields(draft.spec),
    };
    draft.status = { loadBalancer: {}, ...fields(draft.status) };
  },
  secrets(draft) {
    const { stringData, ...rest } = draft;
    draft.type = rest.type ?? 'Opaque';
    mergeStringData(draft, stringData);
  },
  'csidrivers.storage.k8s.io'(draft) {
    draft.spec = {
      attachRequired: true,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      podInfoOnMount: false,
      requiresRepublish: false,
      seLinuxMount: false,
      storageCapacity: false,
      volumeLifecycleModes: ['Persistent'],
      ...fields(draft.spec),
    };
  },
  'storageclasses.storage.k8s.io'(draft) {
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },
};

/** `stringData` of a Secret is write-only: it ends up in `data`. Edits `secret`. */
export function mergeStringData(secret: Fields, stringData: unknown): void {
  delete secret.stringData;
  if (typeof stringData !== 'object' || stringData === null) return;
  const encoded = Object.entries(stringData).map(([key, text]) => [
    key,
    Buffer.from(String(text)).toString('base64'),
  ]);
  secret.data = { ...fields(secret.data), ...Object.fromEntries(encoded) };
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
