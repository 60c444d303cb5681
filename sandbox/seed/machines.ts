import type { NewObject } from '../api/objects';

/** The machines of the first look. Few sizes on purpose: each size is a template that has to be built once. */

interface MachineFacts {
  name: string;
  namespace: string;
  description: string;
  labels: Record<string, string>;
  image: string;
  memory: string;
  /** RFC 1123 user that cloud-init makes, with the same word as password. */
  user?: string;
  runStrategy: string;
  /** A claim of that many GiB, attached as second disk. */
  dataGi?: number;
  /** How long ago it was made. */
  ageHours: number;
}

const SMALL = '256Mi';
const MEDIUM = '512Mi';
const DEMO = 'quay.io/containerdisks';

export const MACHINES: readonly MachineFacts[] = [
  {
    ...{
      name: 'web-frontend',
      namespace: 'production',
      image: `${DEMO}/fedora:42`,
      memory: MEDIUM,
      user: 'fedora',
    },
    description: 'Serves the storefront behind the ingress',
    labels: { app: 'storefront', tier: 'frontend', os: 'fedora' },
    ...{ runStrategy: 'Always', ageHours: 31 * 24 },
  },
  {
    ...{
      name: 'orders-db',
      namespace: 'production',
      image: `${DEMO}/debian:12`,
      memory: MEDIUM,
      user: 'debian',
    },
    description: 'PostgreSQL for orders; its data disk is a claim of its own',
    labels: { app: 'storefront', tier: 'database', os: 'debian' },
    ...{ runStrategy: 'Always', dataGi: 10, ageHours: 31 * 24 },
  },
  {
    ...{
      name: 'metrics',
      namespace: 'production',
      image: `${DEMO}/opensuse-leap:15.6`,
      memory: SMALL,
      user: 'opensuse',
    },
    description: 'Collects metrics of both racks',
    labels: { app: 'monitoring', tier: 'backend', os: 'opensuse' },
    ...{ runStrategy: 'RerunOnFailure', ageHours: 9 * 24 },
  },
  {
    ...{
      name: 'build-runner',
      namespace: 'dev',
      image: `${DEMO}/ubuntu:24.04`,
      memory: SMALL,
      user: 'ubuntu',
    },
    description: 'Runs the nightly builds',
    labels: { app: 'ci', tier: 'backend', os: 'ubuntu' },
    ...{ runStrategy: 'Manual', ageHours: 52 },
  },
  {
    ...{ name: 'alice-lab', namespace: 'dev', image: `${DEMO}/alpine:3.22`, memory: SMALL, user: 'alpine' },
    description: "Alice's test machine, paused over the holidays",
    labels: { app: 'lab', tier: 'sandbox', os: 'alpine' },
    ...{ runStrategy: 'Always', ageHours: 5 * 24 },
  },
  {
    ...{
      name: 'mail-relay',
      namespace: 'staging',
      image: `${DEMO}/centos-stream:10`,
      memory: SMALL,
      user: 'cloud-user',
    },
    description: 'Switched off until the new MX records are live',
    labels: { app: 'mail', tier: 'backend', os: 'centos' },
    ...{ runStrategy: 'Halted', ageHours: 12 * 24 },
  },
  {
    ...{
      name: 'analytics',
      namespace: 'staging',
      image: `${DEMO}/fedora:42`,
      memory: '256Gi',
      user: 'fedora',
    },
    description: 'Waits for a node that is large enough',
    labels: { app: 'analytics', tier: 'batch', os: 'fedora' },
    ...{ runStrategy: 'Always', ageHours: 3 },
  },
  {
    ...{ name: 'legacy-billing', namespace: 'staging', memory: SMALL },
    image: 'registry.example.invalid/appliances/billing:2.1',
    description: 'Vendor appliance; its registry no longer answers',
    labels: { app: 'billing', tier: 'backend', os: 'linux' },
    ...{ runStrategy: 'Always', ageHours: 20 },
  },
];

/** The machine that is to be found paused. */
export const PAUSED_MACHINE = { namespace: 'dev', name: 'alice-lab' };
/** Manual machines run only on request: this one was started. */
export const STARTED_MACHINE = { namespace: 'dev', name: 'build-runner' };

export function machine(facts: MachineFacts): NewObject {
  const { name, namespace, image, memory, labels, runStrategy, user, dataGi } = facts;
  const disk = (volume: string) => ({ name: volume, disk: { bus: 'virtio' } });
  const volumes = [
    { name: 'rootdisk', containerDisk: { image } },
    ...(dataGi ? [{ name: 'datadisk', persistentVolumeClaim: { claimName: `${name}-data` } }] : []),
    ...(user ? [{ name: 'cloudinitdisk', cloudInitNoCloud: { userData: cloudConfig(name, user) } }] : []),
  ];
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace, labels, annotations: { description: facts.description } },
    spec: {
      runStrategy,
      template: {
        metadata: { labels: { ...labels, 'kubevirt.io/domain': name } },
        spec: {
          domain: {
            cpu: { cores: 1, sockets: 1, threads: 1 },
            memory: { guest: memory },
            devices: {
              disks: volumes.map((volume) => disk(volume.name)),
              interfaces: [{ name: 'default', masquerade: {} }],
              rng: {},
            },
          },
          networks: [{ name: 'default', pod: {} }],
          terminationGracePeriodSeconds: 30,
          volumes,
        },
      },
    },
  };
}

export function dataClaim({ name, namespace, dataGi, labels }: MachineFacts): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `${name}-data`, namespace, labels },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: `${dataGi}Gi` } },
      storageClassName: 'standard',
      volumeMode: 'Filesystem',
    },
  };
}

function cloudConfig(hostname: string, user: string): string {
  return [
    '#cloud-config',
    `hostname: ${hostname}`,
    `user: ${user}`,
    `password: ${user}`,
    'chpasswd: { expire: false }',
    'ssh_pwauth: true',
    '',
  ].join('\n');
}
