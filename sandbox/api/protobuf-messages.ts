type FieldType =
  | 'boolean'
  | 'bytes'
  // A message of its own here, whose fields JSON has beside the others.
  | 'inline'
  | 'intOrString'
  | 'map'
  | 'message'
  | 'messages'
  | 'number'
  | 'quantity'
  | 'string'
  | 'strings'
  | 'time';

/** Fields by number; the third part describes a nested message, or field 2 of a map whose values are no strings. */
export interface Message {
  [number: number]: [name: string, type: FieldType, inner?: Message];
}

const ownerReference: Message = {
  1: ['kind', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['controller', 'boolean'],
  7: ['blockOwnerDeletion', 'boolean'],
};
const objectMeta: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  8: ['creationTimestamp', 'time'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
  13: ['ownerReferences', 'messages', ownerReference],
  14: ['finalizers', 'strings'],
};
const named: Message = { 1: ['name', 'string'] };
const bytesValue: Message = { 2: ['value', 'bytes'] };
const quantityValue: Message = { 2: ['value', 'quantity'] };
const ingressBackend: Message = {
  4: [
    'service',
    'message',
    { 1: ['name', 'string'], 2: ['port', 'message', { 1: ['name', 'string'], 2: ['number', 'number'] }] },
  ],
};
const ingressPath: Message = {
  1: ['path', 'string'],
  2: ['backend', 'message', ingressBackend],
  3: ['pathType', 'string'],
};
const ingressSpec: Message = {
  1: ['defaultBackend', 'message', ingressBackend],
  2: ['tls', 'messages', { 1: ['hosts', 'strings'], 2: ['secretName', 'string'] }],
  3: [
    'rules',
    'messages',
    {
      1: ['host', 'string'],
      2: [
        'ingressRuleValue',
        'inline',
        { 1: ['http', 'message', { 1: ['paths', 'messages', ingressPath] }] },
      ],
    },
  ],
  4: ['ingressClassName', 'string'],
};
const labelSelector: Message = {
  1: ['matchLabels', 'map'],
  2: [
    'matchExpressions',
    'messages',
    { 1: ['key', 'string'], 2: ['operator', 'string'], 3: ['values', 'strings'] },
  ],
};
const policyRule: Message = {
  1: ['verbs', 'strings'],
  2: ['apiGroups', 'strings'],
  3: ['resources', 'strings'],
  4: ['resourceNames', 'strings'],
  5: ['nonResourceURLs', 'strings'],
};
const role: Message = { 1: ['metadata', 'message', objectMeta], 2: ['rules', 'messages', policyRule] };
const roleBinding: Message = {
  1: ['metadata', 'message', objectMeta],
  2: [
    'subjects',
    'messages',
    { 1: ['kind', 'string'], 2: ['apiGroup', 'string'], 3: ['name', 'string'], 4: ['namespace', 'string'] },
  ],
  3: ['roleRef', 'message', { 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] }],
};
const resourceAttributes: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
};
const nonResourceAttributes: Message = { 1: ['path', 'string'], 2: ['verb', 'string'] };
const selfAccess: Message = {
  1: ['resourceAttributes', 'message', resourceAttributes],
  2: ['nonResourceAttributes', 'message', nonResourceAttributes],
};
const subjectAccess: Message = {
  ...selfAccess,
  3: ['user', 'string'],
  4: ['groups', 'strings'],
  6: ['uid', 'string'],
};
const tokenRequest: Message = {
  1: ['audiences', 'strings'],
  3: [
    'boundObjectRef',
    'message',
    { 1: ['kind', 'string'], 2: ['apiVersion', 'string'], 3: ['name', 'string'], 4: ['uid', 'string'] },
  ],
  4: ['expirationSeconds', 'number'],
};
const servicePort: Message = {
  1: ['name', 'string'],
  2: ['protocol', 'string'],
  3: ['port', 'number'],
  4: ['targetPort', 'intOrString'],
  5: ['nodePort', 'number'],
};
const serviceSpec: Message = {
  1: ['ports', 'messages', servicePort],
  2: ['selector', 'map'],
  3: ['clusterIP', 'string'],
  4: ['type', 'string'],
  5: ['externalIPs', 'strings'],
  7: ['sessionAffinity', 'string'],
  8: ['loadBalancerIP', 'string'],
  10: ['externalName', 'string'],
};
const resources: Message = { 1: ['limits', 'map', quantityValue], 2: ['requests', 'map', quantityValue] };
const containerPort: Message = {
  1: ['name', 'string'],
  2: ['hostPort', 'number'],
  3: ['containerPort', 'number'],
  4: ['protocol', 'string'],
};
/** What kubectl's own commands fill in; whoever writes more sends JSON or YAML. */
const podTemplate: Message = {
  1: ['metadata', 'message', objectMeta],
  2: [
    'spec',
    'message',
    {
      2: [
        'containers',
        'messages',
        {
          1: ['name', 'string'],
          2: ['image', 'string'],
          3: ['command', 'strings'],
          4: ['args', 'strings'],
          6: ['ports', 'messages', containerPort],
          7: ['env', 'messages', { 1: ['name', 'string'], 2: ['value', 'string'] }],
          8: ['resources', 'message', resources],
          14: ['imagePullPolicy', 'string'],
        },
      ],
      3: ['restartPolicy', 'string'],
      4: ['terminationGracePeriodSeconds', 'number'],
      7: ['nodeSelector', 'map'],
      8: ['serviceAccountName', 'string'],
    },
  ],
};
const jobSpec: Message = {
  1: ['parallelism', 'number'],
  2: ['completions', 'number'],
  3: ['activeDeadlineSeconds', 'number'],
  6: ['template', 'message', podTemplate],
  7: ['backoffLimit', 'number'],
};
const deploymentSpec: Message = {
  1: ['replicas', 'number'],
  2: ['selector', 'message', labelSelector],
  3: ['template', 'message', podTemplate],
  4: ['strategy', 'message', { 1: ['type', 'string'] }],
  6: ['revisionHistoryLimit', 'number'],
};
const deleteOptions: Message = {
  1: ['gracePeriodSeconds', 'number'],
  2: ['preconditions', 'message', { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] }],
  3: ['orphanDependents', 'boolean'],
  4: ['propagationPolicy', 'string'],
  5: ['dryRun', 'strings'],
};

/** A stored or answered object: metadata, then the fields given. */
function object(fields: Message = {}): Message {
  return { 1: ['metadata', 'message', objectMeta], ...fields };
}

/** Kinds by apiVersion and name, with the field numbers of k8s.io/api's generated.proto files. */
export const MESSAGES: Record<string, Message> = {
  'v1/DeleteOptions': deleteOptions,
  'meta.k8s.io/v1/DeleteOptions': deleteOptions,
  'v1/Namespace': object({ 2: ['spec', 'message', { 1: ['finalizers', 'strings'] }] }),
  'v1/Secret': object({
    2: ['data', 'map', bytesValue],
    3: ['type', 'string'],
    4: ['stringData', 'map'],
    5: ['immutable', 'boolean'],
  }),
  'v1/ConfigMap': object({
    2: ['data', 'map'],
    3: ['binaryData', 'map', bytesValue],
    4: ['immutable', 'boolean'],
  }),
  'v1/ServiceAccount': object({
    2: ['secrets', 'messages', { 3: ['name', 'string'] }],
    3: ['imagePullSecrets', 'messages', named],
  }),
  'v1/ResourceQuota': object({
    2: ['spec', 'message', { 1: ['hard', 'map', quantityValue], 2: ['scopes', 'strings'] }],
  }),
  'apps/v1/Deployment': object({ 2: ['spec', 'message', deploymentSpec] }),
  'batch/v1/Job': object({ 2: ['spec', 'message', jobSpec] }),
  'batch/v1/CronJob': object({
    2: [
      'spec',
      'message',
      {
        1: ['schedule', 'string'],
        3: ['concurrencyPolicy', 'string'],
        4: ['suspend', 'boolean'],
        5: ['jobTemplate', 'message', object({ 2: ['spec', 'message', jobSpec] })],
      },
    ],
  }),
  'networking.k8s.io/v1/Ingress': object({ 2: ['spec', 'message', ingressSpec] }),
  'policy/v1/PodDisruptionBudget': object({
    2: [
      'spec',
      'message',
      {
        1: ['minAvailable', 'intOrString'],
        2: ['selector', 'message', labelSelector],
        3: ['maxUnavailable', 'intOrString'],
      },
    ],
  }),
  'scheduling.k8s.io/v1/PriorityClass': object({
    2: ['value', 'number'],
    3: ['globalDefault', 'boolean'],
    4: ['description', 'string'],
    5: ['preemptionPolicy', 'string'],
  }),
  'policy/v1/Eviction': object({ 2: ['deleteOptions', 'message', deleteOptions] }),
  'v1/Service': object({ 2: ['spec', 'message', serviceSpec] }),
  'rbac.authorization.k8s.io/v1/Role': role,
  'rbac.authorization.k8s.io/v1/ClusterRole': {
    ...role,
    3: ['aggregationRule', 'message', { 1: ['clusterRoleSelectors', 'messages', labelSelector] }],
  },
  'rbac.authorization.k8s.io/v1/RoleBinding': roleBinding,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': roleBinding,
  'authorization.k8s.io/v1/SelfSubjectAccessReview': object({ 2: ['spec', 'message', selfAccess] }),
  'authorization.k8s.io/v1/SubjectAccessReview': object({ 2: ['spec', 'message', subjectAccess] }),
  'authorization.k8s.io/v1/LocalSubjectAccessReview': object({ 2: ['spec', 'message', subjectAccess] }),
  'authorization.k8s.io/v1/SelfSubjectRulesReview': object({
    2: ['spec', 'message', { 1: ['namespace', 'string'] }],
  }),
  'authentication.k8s.io/v1/SelfSubjectReview': object(),
  'authentication.k8s.io/v1/TokenReview': object({
    2: ['spec', 'message', { 1: ['token', 'string'], 2: ['audiences', 'strings'] }],
  }),
  'authentication.k8s.io/v1/TokenRequest': object({ 2: ['spec', 'message', tokenRequest] }),
};
