import type { Random } from './random';

export const NAMESPACES = ['soak-a', 'soak-b', 'soak-c'];
const RUN_STRATEGIES = ['Always', 'Halted', 'Halted', 'Manual', 'RerunOnFailure', 'Once'];
const IMAGES = [
  'quay.io/containerdisks/fedora:42',
  'quay.io/containerdisks/debian:12',
  'registry.invalid/nothing:1',
];
const LABELS = ['web', 'db', 'cache'];

type Json = Record<string, unknown>;

/** Few names, so that creates collide and actions find something. */
export function machineName(random: Random): string {
  return `vm-${random.below(8)}`;
}

export function machine(random: Random, name: string): Json {
  const volumes: Json[] = [{ name: 'root', containerDisk: { image: random.pick(IMAGES) } }];
  const disks: Json[] = [{ name: 'root', disk: { bus: random.pick(['virtio', 'sata', 'scsi']) } }];
  const extra = (volume: Json) => {
    volumes.push(volume);
    disks.push({ name: volume.name, disk: {} });
  };
  if (random.chance(0.2)) extra({ name: 'data', persistentVolumeClaim: { claimName: claimName(random) } });
  if (random.chance(0.2)) {
    extra({ name: 'init', cloudInitNoCloud: { userData: '#cloud-config\nhostname: soak' } });
  }
  if (random.chance(0.1)) extra({ name: 'scratch', emptyDisk: { capacity: '1Gi' } });
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, labels: { app: random.pick(LABELS) } },
    spec: {
      ...(random.chance(0.1)
        ? { running: random.chance(0.5) }
        : { runStrategy: random.pick(RUN_STRATEGIES) }),
      template: {
        metadata: { labels: { app: random.pick(LABELS) } },
        spec: {
          terminationGracePeriodSeconds: random.below(2),
          ...(random.chance(0.05) ? { nodeSelector: { zone: 'nowhere' } } : {}),
          domain: {
            devices: { disks, interfaces: [{ name: 'default', masquerade: {} }] },
            resources: { requests: { memory: random.pick(['64Mi', '128Mi', '900Gi']) } },
          },
          networks: [{ name: 'default', pod: {} }],
          volumes,
        },
      },
    },
  };
}

function claimName(random: Random): string {
  return `claim-${random.below(4)}`;
}

export interface OtherKind {
  path: string;
  make: (random: Random, name: string) => Json;
}

/** Kinds beside VMs, each with its collection below the namespace. */
export const OTHER_KINDS: readonly OtherKind[] = [
  {
    path: 'api/v1/NAMESPACE/configmaps',
    make: (random, name) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { app: random.pick(LABELS) } },
      data: { text: 'x'.repeat(random.below(2000)) },
    }),
  },
  {
    path: 'api/v1/NAMESPACE/secrets',
    make: (random, name) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, labels: { app: random.pick(LABELS) } },
      stringData: { key: String(random.below(1000)) },
    }),
  },
  {
    path: 'api/v1/NAMESPACE/persistentvolumeclaims',
    make: (random) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claimName(random), labels: { app: random.pick(LABELS) } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  },
  {
    path: 'apis/kubevirt.io/v1/NAMESPACE/virtualmachineinstancemigrations',
    make: (random, name) => ({
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstanceMigration',
      metadata: { name },
      spec: { vmiName: machineName(random) },
    }),
  },
  {
    path: 'apis/snapshot.kubevirt.io/v1beta1/NAMESPACE/virtualmachinesnapshots',
    make: (random, name) => ({
      apiVersion: 'snapshot.kubevirt.io/v1beta1',
      kind: 'VirtualMachineSnapshot',
      metadata: { name },
      spec: { source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: machineName(random) } },
    }),
  },
  {
    path: 'apis/cdi.kubevirt.io/v1beta1/NAMESPACE/datavolumes',
    make: (random, name) => ({
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: { name },
      spec: {
        source: random.pick<Json>([{ blank: {} }, { upload: {} }, { pvc: { name: claimName(random) } }]),
        storage: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    }),
  },
  {
    path: 'apis/apps/v1/NAMESPACE/deployments',
    make: (random, name) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: random.below(3),
        selector: { matchLabels: { deployment: name } },
        template: {
          metadata: { labels: { deployment: name } },
          spec: { containers: [{ name: 'main', image: 'registry.example/app:1' }] },
        },
      },
    }),
  },
];

const ODD_VALUES: readonly unknown[] = [
  null,
  '',
  'Not_A_Name',
  'x'.repeat(300),
  -1,
  0,
  3.7,
  1e21,
  true,
  [],
  {},
  [[1], 'a', null],
  { '': { '': '' } },
  { constructor: { prototype: {} } },
  '\u0000\ud83d\ude00',
  '2026-02-30T25:61:61Z',
];

/** Whether it is `spoiled` that put this there. */
export function isOdd(value: unknown): boolean {
  return ODD_VALUES.includes(value);
}

/** The object with a few of its parts replaced by what does not belong there, removed, or doubled. */
export function spoiled(random: Random, object: Json): Json {
  const copy = structuredClone(object);
  for (let count = 1 + random.below(3); count > 0; count -= 1) spoilOnce(random, copy);
  return copy;
}

function spoilOnce(random: Random, object: Json): void {
  let at: Json = object;
  for (;;) {
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = random.pick(keys);
    const inner = at[key];
    if (typeof inner === 'object' && inner !== null && random.chance(0.8)) {
      // An array is a record of its indexes here.
      at = inner as Json;
      continue;
    }
    if (random.chance(0.2)) delete at[key];
    else if (random.chance(0.1)) at[`${key}Extra`] = inner;
    else at[key] = structuredClone(random.pick(ODD_VALUES));
    return;
  }
}
