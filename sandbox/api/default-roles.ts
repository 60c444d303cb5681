import type { PolicyRule } from './authorization';
import type { NewObject } from './objects';

const READ = ['get', 'list', 'watch'];
const CHANGE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const ALL_BUT_DELETECOLLECTION = ['get', 'delete', 'create', 'update', 'patch', 'list', 'watch'];
const SUBRESOURCES = ['subresources.kubevirt.io'];
const BOOTSTRAP = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const OPERATOR = {
  'kubevirt.io': '',
  'app.kubernetes.io/component': 'kubevirt',
  'app.kubernetes.io/managed-by': 'virt-operator',
};

const rule = (groups: string[], resources: string[], verbs: string[]): PolicyRule => ({
  apiGroups: groups,
  resources,
  verbs,
});
const aggregateTo = (role: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' });

const VIEWABLE: [group: string, resources: string[]][] = [
  [
    '',
    [
      'bindings',
      'configmaps',
      'endpoints',
      'limitranges',
      'namespaces',
      'namespaces/status',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'pods/log',
      'pods/status',
      'resourcequotas',
      'resourcequotas/status',
      'serviceaccounts',
      'services',
      'services/status',
    ],
  ],
  [
    'apps',
    [
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
    ],
  ],
  ['networking.k8s.io', ['ingresses', 'networkpolicies']],
  ['policy', ['poddisruptionbudgets']],
];
const EDITABLE: [group: string, resources: string[]][] = [
  [
    '',
    [
      'configmaps',
      'persistentvolumeclaims',
      'pods',
      'pods/attach',
      'pods/exec',
      'pods/portforward',
      'pods/proxy',
      'secrets',
      'serviceaccounts',
      'services',
      'services/proxy',
    ],
  ],
  ['apps', ['daemonsets', 'deployments', 'deployments/rollback', 'deployments/scale']],
  ['networking.k8s.io', ['ingresses', 'networkpolicies']],
  ['policy', ['poddisruptionbudgets']],
];

const aggregateToView = [
  ...VIEWABLE.map(([group, resources]) => rule([group], resources, READ)),
  rule(['', 'events.k8s.io'], ['events'], READ),
];
const aggregateToEdit = [
  rule(
    [''],
    ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'],
    READ,
  ),
  rule([''], ['serviceaccounts'], ['impersonate']),
  ...EDITABLE.map(([group, resources]) => rule([group], resources, CHANGE)),
  rule([''], ['pods/eviction'], ['create']),
  rule([''], ['serviceaccounts/token'], ['create']),
  rule(['', 'events.k8s.io'], ['events'], CHANGE),
  rule(['coordination.k8s.io'], ['leases'], [...CHANGE, ...READ]),
];
const aggregateToAdmin = [
  rule(['authorization.k8s.io'], ['localsubjectaccessreviews'], ['create']),
  rule(['rbac.authorization.k8s.io'], ['rolebindings', 'roles'], [...CHANGE, ...READ]),
];

const vmi = (...actions: string[]) => actions.map((action) => `virtualmachineinstances/${action}`);
const vm = (...actions: string[]) => actions.map((action) => `virtualmachines/${action}`);

const OWN_KINDS: [group: string, resources: string[]][] = [
  [
    'snapshot.kubevirt.io',
    ['virtualmachinesnapshots', 'virtualmachinesnapshotcontents', 'virtualmachinerestores'],
  ],
  ['backup.kubevirt.io', ['virtualmachinebackups', 'virtualmachinebackuptrackers']],
  ['export.kubevirt.io', ['virtualmachineexports']],
  ['clone.kubevirt.io', ['virtualmachineclones']],
  [
    'instancetype.kubevirt.io',
    [
      'virtualmachineinstancetypes',
      'virtualmachineclusterinstancetypes',
      'virtualmachinepreferences',
      'virtualmachineclusterpreferences',
    ],
  ],
  ['pool.kubevirt.io', ['virtualmachinepools']],
];
const VM_KINDS = [
  'virtualmachines',
  'virtualmachineinstances',
  'virtualmachineinstancepresets',
  'virtualmachineinstancereplicasets',
];
const GUEST_READS = vmi(
  'guestosinfo',
  'filesystemlist',
  'userlist',
  'sev/fetchcertchain',
  'sev/querylaunchmeasurement',
);
const GRAPHS = [...vm('objectgraph'), ...vmi('objectgraph')];

const kubevirtView = [
  rule(['kubevirt.io'], ['kubevirts'], ['get', 'list']),
  rule(SUBRESOURCES, [...vm('expand-spec'), ...GUEST_READS, ...GRAPHS], ['get']),
  rule(SUBRESOURCES, ['expand-vm-spec'], ['update']),
  rule(['kubevirt.io'], [...VM_KINDS, 'virtualmachineinstancemigrations'], READ),
  ...OWN_KINDS.map(([group, resources]) => rule([group], resources, READ)),
  rule(['migrations.kubevirt.io'], ['migrationpolicies'], READ),
  rule(['plugin.kubevirt.io'], ['plugins'], READ),
];

/** edit and admin differ in deletecollection, screenshots and plugins. */
function kubevirtWrite(verbs: string[], consoles: string[]): PolicyRule[] {
  return [
    rule(SUBRESOURCES, [...vmi(...consoles, 'portforward', 'usbredir'), ...GUEST_READS, ...GRAPHS], ['get']),
    rule(
      SUBRESOURCES,
      vmi(
        'pause',
        'unpause',
        'addvolume',
        'removevolume',
        'freeze',
        'unfreeze',
        'softreboot',
        'reset',
        'sev/setupsession',
        'sev/injectlaunchsecret',
        'evacuate/cancel',
      ),
      ['update'],
    ),
    rule(SUBRESOURCES, vm('expand-spec', 'portforward'), ['get']),
    rule(
      SUBRESOURCES,
      vm(
        'start',
        'stop',
        'restart',
        'addvolume',
        'removevolume',
        'memorydump',
        'removememorydump',
        'evacuate/cancel',
      ),
      ['update'],
    ),
    rule(SUBRESOURCES, ['expand-vm-spec'], ['update']),
    rule(['kubevirt.io'], VM_KINDS, verbs),
    rule(['kubevirt.io'], ['virtualmachineinstancemigrations'], READ),
    ...OWN_KINDS.map(([group, resources]) => rule([group], resources, verbs)),
    rule(['migrations.kubevirt.io'], ['migrationpolicies'], READ),
  ];
}

const ALL = [...ALL_BUT_DELETECOLLECTION, 'deletecollection'];
const kubevirtEdit = [
  ...kubevirtWrite(ALL_BUT_DELETECOLLECTION, ['console', 'vnc']),
  rule(['kubevirt.io'], ['kubevirts'], ['get', 'list']),
];
const kubevirtAdmin = [
  ...kubevirtWrite(ALL, ['console', 'vnc', 'vnc/screenshot']),
  rule(['plugin.kubevirt.io'], ['plugins'], ALL),
];
const kubevirtMigrate = [
  rule(SUBRESOURCES, vm('migrate'), ['update']),
  rule(['kubevirt.io'], ['virtualmachineinstancemigrations'], ALL),
];
const kubevirtDefault = [
  rule(['kubevirt.io'], ['kubevirts'], ['get', 'list']),
  rule(SUBRESOURCES, ['version', 'guestfs'], ['get', 'list']),
];

const PUBLIC_PATHS = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY_PATHS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];

function clusterRole(
  name: string,
  labels: Record<string, string>,
  rules: PolicyRule[],
  aggregates?: string,
): NewObject {
  const selector = aggregates && { clusterRoleSelectors: [{ matchLabels: aggregateTo(aggregates) }] };
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels },
    ...(selector ? { aggregationRule: selector } : {}),
    rules,
  };
}

/** The roles that a cluster with KubeVirt starts with: bootstrappolicy's user-facing ones and virt-operator's. */
export const DEFAULT_CLUSTER_ROLES: NewObject[] = [
  clusterRole('cluster-admin', BOOTSTRAP, [
    rule(['*'], ['*'], ['*']),
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ]),
  clusterRole('system:aggregate-to-view', { ...BOOTSTRAP, ...aggregateTo('view') }, aggregateToView),
  clusterRole('system:aggregate-to-edit', { ...BOOTSTRAP, ...aggregateTo('edit') }, aggregateToEdit),
  clusterRole('system:aggregate-to-admin', { ...BOOTSTRAP, ...aggregateTo('admin') }, aggregateToAdmin),
  clusterRole('kubevirt.io:view', { ...OPERATOR, ...aggregateTo('view') }, kubevirtView),
  clusterRole('kubevirt.io:edit', { ...OPERATOR, ...aggregateTo('edit') }, kubevirtEdit),
  clusterRole('kubevirt.io:admin', { ...OPERATOR, ...aggregateTo('admin') }, kubevirtAdmin),
  clusterRole('kubevirt.io:migrate', OPERATOR, kubevirtMigrate),
  clusterRole('kubevirt.io:default', { ...OPERATOR, ...BOOTSTRAP }, kubevirtDefault),
  clusterRole('instancetype.kubevirt.io:view', OPERATOR, [
    rule(
      ['instancetype.kubevirt.io'],
      ['virtualmachineclusterinstancetypes', 'virtualmachineclusterpreferences'],
      READ,
    ),
  ]),
  clusterRole('system:basic-user', BOOTSTRAP, [
    rule(['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
    rule(['authentication.k8s.io'], ['selfsubjectreviews'], ['create']),
  ]),
  clusterRole('system:discovery', BOOTSTRAP, [{ nonResourceURLs: DISCOVERY_PATHS, verbs: ['get'] }]),
  clusterRole('system:public-info-viewer', BOOTSTRAP, [{ nonResourceURLs: PUBLIC_PATHS, verbs: ['get'] }]),
  clusterRole('view', { ...BOOTSTRAP, ...aggregateTo('edit') }, [], 'view'),
  clusterRole('edit', { ...BOOTSTRAP, ...aggregateTo('admin') }, [], 'edit'),
  clusterRole('admin', BOOTSTRAP, [], 'admin'),
];

function binding(role: string, groups: string[]): NewObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: role, labels: BOOTSTRAP },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: groups.map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name })),
  };
}

export const DEFAULT_CLUSTER_ROLE_BINDINGS: NewObject[] = [
  binding('cluster-admin', ['system:masters']),
  binding('system:basic-user', ['system:authenticated']),
  binding('system:discovery', ['system:authenticated']),
  binding('system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']),
  binding('kubevirt.io:default', ['system:authenticated']),
  binding('instancetype.kubevirt.io:view', ['system:authenticated']),
];

/** Binds one user to a ClusterRole within a namespace. */
export function roleBinding(namespace: string, role: string, user: string): NewObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: `${user}-${role}`, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  };
}
