import type { PolicyRule } from '../authorization';
import type { NewObject } from '../objects';
import { aggregateTo, clusterRole, clusterRoleBinding, READ, rule } from './role-parts';

const ALL_BUT_DELETECOLLECTION = ['get', 'delete', 'create', 'update', 'patch', 'list', 'watch'];
const SUBRESOURCES = ['subresources.kubevirt.io'];
const LABELS = {
  'kubevirt.io': '',
  'app.kubernetes.io/component': 'kubevirt',
  'app.kubernetes.io/managed-by': 'virt-operator',
};
const marks = (labels: Record<string, string> = {}) => ({ labels: { ...LABELS, ...labels } });

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
function kubevirtWrite(verbs: string[], consoles: string[], own: PolicyRule[]): PolicyRule[] {
  return [
    rule(
      SUBRESOURCES,
      [...vmi(...consoles, 'portforward'), ...GUEST_READS, ...vmi('usbredir'), ...GRAPHS],
      ['get'],
    ),
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
    ...own,
    rule(['migrations.kubevirt.io'], ['migrationpolicies'], READ),
  ];
}

const ALL = [...ALL_BUT_DELETECOLLECTION, 'deletecollection'];
const ownKinds = (verbs: string[]) => OWN_KINDS.map(([group, resources]) => rule([group], resources, verbs));
const kubevirtEdit = kubevirtWrite(
  ALL_BUT_DELETECOLLECTION,
  ['console', 'vnc'],
  [...ownKinds(ALL_BUT_DELETECOLLECTION), rule(['kubevirt.io'], ['kubevirts'], ['get', 'list'])],
);
const [snapshots, backups, ...otherKinds] = ownKinds(ALL) as [PolicyRule, PolicyRule, ...PolicyRule[]];
const kubevirtAdmin = kubevirtWrite(
  ALL,
  ['console', 'vnc', 'vnc/screenshot'],
  [snapshots, backups, rule(['plugin.kubevirt.io'], ['plugins'], ALL), ...otherKinds],
);
const kubevirtMigrate = [
  rule(SUBRESOURCES, vm('migrate'), ['update']),
  rule(['kubevirt.io'], ['virtualmachineinstancemigrations'], ALL),
];
const kubevirtDefault = [
  rule(['kubevirt.io'], ['kubevirts'], ['get', 'list']),
  rule(SUBRESOURCES, ['version', 'guestfs'], ['get', 'list']),
];

/** What virt-operator installs for people (pkg/virt-operator/resource/generate/rbac/cluster.go). */
export const KUBEVIRT_ROLES: NewObject[] = [
  clusterRole('kubevirt.io:view', marks(aggregateTo('view')), kubevirtView),
  clusterRole('kubevirt.io:edit', marks(aggregateTo('edit')), kubevirtEdit),
  clusterRole('kubevirt.io:admin', marks(aggregateTo('admin')), kubevirtAdmin),
  // Neither bound nor aggregated: whoever may migrate has been given this role by name.
  clusterRole('kubevirt.io:migrate', marks(), kubevirtMigrate),
  clusterRole(
    'kubevirt.io:default',
    {
      ...marks({ 'kubernetes.io/bootstrapping': 'rbac-defaults' }),
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    },
    kubevirtDefault,
  ),
  clusterRole('instancetype.kubevirt.io:view', marks(), [
    rule(
      ['instancetype.kubevirt.io'],
      ['virtualmachineclusterinstancetypes', 'virtualmachineclusterpreferences'],
      READ,
    ),
  ]),
];

export const KUBEVIRT_ROLE_BINDINGS: NewObject[] = [
  clusterRoleBinding('kubevirt.io:default', marks(), ['system:authenticated']),
  clusterRoleBinding('instancetype.kubevirt.io:view', marks(), ['system:authenticated']),
];
