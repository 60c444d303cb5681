/** The aggregated API of virt-api. */
export const SUBRESOURCE_GROUP = 'subresources.kubevirt.io';
export const SUBRESOURCE_VERSIONS = ['v1', 'v1alpha3'] as const;

/** What virt-api lists in discovery; it serves more than it lists (usbredir, vsock, and for VMs addvolume, portforward …). */
export const SUBRESOURCE_NAMES = [
  'expand-vm-spec',
  ...[
    'vnc',
    'vnc/screenshot',
    'console',
    'portforward',
    'backup',
    'redefine-checkpoint',
    'pause',
    'unpause',
    'freeze',
    'unfreeze',
    'reset',
    'softreboot',
    'guestosinfo',
    'userlist',
    'filesystemlist',
    'addvolume',
    'removevolume',
    'objectgraph',
    'sev/fetchcertchain',
    'sev/querylaunchmeasurement',
    'sev/setupsession',
    'sev/injectlaunchsecret',
    'evacuate/cancel',
  ].map((part) => `virtualmachineinstances/${part}`),
  ...['start', 'stop', 'restart', 'migrate', 'expand-spec', 'objectgraph', 'evacuate/cancel'].map(
    (part) => `virtualmachines/${part}`,
  ),
] as const;

/** Routes that produce JSON (or an image), and so answer clients that accept nothing else; the rest only serve any type. */
export const PRODUCING_ACTIONS: ReadonlySet<string> = new Set([
  'expand-spec',
  'expand-vm-spec',
  'filesystemlist',
  'guestfs',
  'guestosinfo',
  'healthz',
  'objectgraph',
  'sev/fetchcertchain',
  'sev/querylaunchmeasurement',
  'userlist',
  'version',
  'vnc/screenshot',
]);
