import { defaultLimits } from './admission/limit-range';
import { applyDefinitionDefaults, DEFINITIONS } from './custom/definition';
import type { NewObject } from './objects';
import { defaultPodSpec, qosClass, requestLimits } from './pod-defaults';

type Fields = Record<string, unknown>;

/**
 * What the apiserver itself fills in when a built-in object is created; anything declared by a schema's `default` is
 * not repeated here. Edits `draft`.
 */
export function applyBuiltInDefaults(resource: string, draft: NewObject): void {
  DEFAULTS[resource]?.(draft);
}

const DEFAULTS: Record<string, (draft: NewObject) => void> = {
  [DEFINITIONS]: applyDefinitionDefaults,
  namespaces(draft) {
    draft.metadata.labels = {
      ...draft.metadata.labels,
      'kubernetes.io/metadata.name': draft.metadata.name ?? '',
    };
    draft.spec = { finalizers: ['kubernetes'], ...fields(draft.spec) };
    draft.status = { phase: 'Active' };
  },
  pods(draft) {
    const spec: Fields = { enableServiceLinks: true, ...fields(draft.spec) };
    defaultPodSpec(spec);
    requestLimits(spec);
    draft.spec = spec;
    draft.status = { phase: 'Pending', qosClass: qosClass(spec), ...fields(draft.status) };
  },
  'deployments.apps'(draft) {
    const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } };
    const spec: Fields = {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: rolling,
      ...fields(draft.spec),
    };
    const strategy = fields(spec.strategy);
    if (strategy.type === undefined || strategy.type === 'RollingUpdate') {
      const { rollingUpdate } = strategy;
      spec.strategy = { ...rolling, rollingUpdate: { ...rolling.rollingUpdate, ...fields(rollingUpdate) } };
    }
    draft.spec = withTemplateDefaults(spec);
  },
  'replicasets.apps'(draft) {
    draft.spec = withTemplateDefaults({ replicas: 1, ...fields(draft.spec) });
  },
  'daemonsets.apps'(draft) {
    const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    draft.metadata.annotations = {
      ...draft.metadata.annotations,
      'deprecated.daemonset.template.generation': '1',
    };
    const spec: Fields = { revisionHistoryLimit: 10, updateStrategy: rolling, ...fields(draft.spec) };
    draft.spec = withTemplateDefaults(spec);
  },
  'statefulsets.apps'(draft) {
    const spec: Fields = {
      replicas: 1,
      revisionHistoryLimit: 10,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      ...fields(draft.spec),
    };
    draft.spec = withTemplateDefaults(spec);
  },
  'jobs.batch'(draft) {
    const spec: Fields = {
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      ...fields(draft.spec),
    };
    draft.spec = withTemplateDefaults(spec);
  },
  limitranges(draft) {
    const limits = fields(draft.spec).limits;
    if (Array.isArray(limits)) defaultLimits(limits);
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

/** A workload's spec with the defaults of its pod template. Edits the template. */
function withTemplateDefaults(spec: Fields): Fields {
  const template = fields(spec.template);
  if (template.spec) defaultPodSpec(fields(template.spec));
  return spec;
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
