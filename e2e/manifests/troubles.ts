import type { CauseId } from '@/lib/kinds/vm/diagnose/finding';
import type { TestSandbox } from '@/sandbox/testing';

interface Named {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [more: string]: unknown };
  [more: string]: unknown;
}

/** A VM that does not come up, why, and what mends it. */
export interface Trouble {
  name: string;
  what: string;
  cause: CauseId;
  /** Words of the cluster's that the sentence names: the image, the node, the claim. */
  names: readonly string[];
  /** What is made before the VM. */
  others?: readonly Named[];
  vm: Named;
  /** Does to it what a manifest cannot. */
  provoke?: (sandbox: TestSandbox, namespace: string) => Promise<unknown>;
  /** What can only be seen of a real guest. */
  guest?: true;
  /** Does what the sentence says. */
  mend: (sandbox: TestSandbox, namespace: string) => Promise<unknown>;
}

interface Guest {
  [field: string]: unknown;
  domain: { [field: string]: unknown; devices: { disks: object[]; interfaces: object[]; rng?: object } };
  networks: object[];
  volumes: object[];
}

const GOOD_IMAGE = 'quay.io/containerdisks/fedora:42';
const LOGIN = '#cloud-config\npassword: fedora\nchpasswd: { expire: false }\n';

/** A small VM that runs, until `change` breaks it. */
export function soundVm(
  name: string,
  change: (guest: Guest, spec: Record<string, unknown>) => void = () => {},
): Named {
  const guest: Guest = {
    terminationGracePeriodSeconds: 5,
    domain: {
      devices: {
        disks: [
          { name: 'root', disk: { bus: 'virtio' } },
          { name: 'seed', disk: { bus: 'virtio' } },
        ],
        interfaces: [{ name: 'default', masquerade: {} }],
        rng: {},
      },
      resources: { requests: { memory: '256Mi' } },
    },
    networks: [{ name: 'default', pod: {} }],
    volumes: [
      { name: 'root', containerDisk: { image: GOOD_IMAGE } },
      { name: 'seed', cloudInitNoCloud: { userData: LOGIN } },
    ],
  };
  const spec: Record<string, unknown> = { runStrategy: 'Always', template: { spec: guest } };
  change(guest, spec);
  return { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata: { name }, spec };
}

const root = (source: object) => (guest: Guest) => {
  guest.volumes[0] = { name: 'root', ...source };
};
const claim = (name: string, storage = '1Gi'): Named => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
});
const cpus = (cores: number) => (guest: Guest) => {
  guest.domain.resources = { requests: { memory: '256Mi', cpu: String(cores) } };
};
const vmPath = (namespace: string, name: string) =>
  `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines/${name}`;

/** Writes the VM's template anew and starts it again: what somebody does who changes the configuration. */
async function rewrite(sandbox: TestSandbox, namespace: string, vm: Named): Promise<void> {
  const { name } = vm.metadata;
  const now = await sandbox.vm(namespace, name);
  const body = { ...now.body, spec: vm.spec };
  const put = await sandbox.ask('PUT', vmPath(namespace, name), body);
  if (put.status !== 200) throw new Error(put.text);
  const vmi = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${name}`;
  await sandbox.ask('DELETE', vmi);
}

/** A web server that has no image until one is put there. */
interface Images {
  url: string;
  put: (name: string) => unknown;
}

/** Boots a volume that is imported from an address. */
export function importing(name: string, url: string): Named {
  const vm = soundVm(name, (guest, spec) => {
    guest.volumes[0] = { name: 'root', dataVolume: { name: `${name}-root` } };
    spec.dataVolumeTemplates = [
      {
        metadata: { name: `${name}-root` },
        spec: { source: { http: { url } }, storage: { resources: { requests: { storage: '64Mi' } } } },
      },
    ];
  });
  return vm;
}

/** Twelve machines that do not come up, each for another reason, and the way out of each. */
export const troubles = (images: Images): readonly Trouble[] => [
  {
    name: 'no-image',
    what: 'no such image',
    cause: 'imageUnreachable',
    names: ['registry.example.invalid/disks/fedora:1'],
    vm: soundVm('no-image', root({ containerDisk: { image: 'registry.example.invalid/disks/fedora:1' } })),
    mend: (sandbox, namespace) => rewrite(sandbox, namespace, soundVm('no-image')),
  },
  {
    name: 'no-volume',
    what: 'no such volume',
    cause: 'claimMissing',
    names: ['database-disk'],
    vm: soundVm('no-volume', root({ persistentVolumeClaim: { claimName: 'database-disk' } })),
    mend: (sandbox, namespace) =>
      sandbox.ask('POST', `/api/v1/namespaces/${namespace}/persistentvolumeclaims`, claim('database-disk')),
  },
  {
    name: 'too-many-cpus',
    what: 'unschedulable by CPU',
    cause: 'noCpu',
    names: ['64', '15.9'],
    vm: soundVm('too-many-cpus', cpus(64)),
    mend: (sandbox, namespace) => rewrite(sandbox, namespace, soundVm('too-many-cpus', cpus(1))),
  },
  {
    name: 'wrong-selector',
    what: 'unschedulable by node selector',
    cause: 'noNodeMatches',
    names: ['disktype=nvme'],
    vm: soundVm('wrong-selector', (guest) => Object.assign(guest, { nodeSelector: { disktype: 'nvme' } })),
    mend: (sandbox) =>
      sandbox.ask('PATCH', '/api/v1/nodes/node-2', { metadata: { labels: { disktype: 'nvme' } } }),
  },
  {
    name: 'tainted-node',
    what: 'unschedulable by taint',
    cause: 'taint',
    names: ['dedicated=database:NoSchedule', 'node-3'],
    vm: soundVm('tainted-node', (guest) =>
      Object.assign(guest, { nodeSelector: { 'kubernetes.io/hostname': 'node-3' } }),
    ),
    mend: (sandbox, namespace) =>
      rewrite(
        sandbox,
        namespace,
        soundVm('tainted-node', (guest) =>
          Object.assign(guest, {
            nodeSelector: { 'kubernetes.io/hostname': 'node-3' },
            tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'database', effect: 'NoSchedule' }],
          }),
        ),
      ),
  },
  {
    name: 'over-quota',
    what: 'quota',
    cause: 'quota',
    names: ['team-limits', 'requests.memory'],
    others: [
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'team-limits' },
        spec: { hard: { 'requests.memory': '256Mi' } },
      },
    ],
    vm: soundVm('over-quota'),
    mend: (sandbox, namespace) =>
      sandbox.ask('PATCH', `/api/v1/namespaces/${namespace}/resourcequotas/team-limits`, {
        spec: { hard: { 'requests.memory': '8Gi' } },
      }),
  },
  {
    name: 'bad-cloud-init',
    what: 'cloud-init that the guest cannot read',
    cause: 'cloudInitInvalid',
    names: ['seed', '#cloud-config'],
    vm: soundVm('bad-cloud-init', (guest) => {
      guest.volumes[1] = {
        name: 'seed',
        cloudInitNoCloud: { userData: LOGIN.replace('#cloud-config\n', '') },
      };
    }),
    mend: (sandbox, namespace) => rewrite(sandbox, namespace, soundVm('bad-cloud-init')),
  },
  {
    name: 'no-secret',
    what: 'missing Secret',
    cause: 'secretMissing',
    names: ['web-user-data'],
    vm: soundVm('no-secret', (guest) => {
      guest.volumes[1] = { name: 'seed', cloudInitNoCloud: { secretRef: { name: 'web-user-data' } } };
    }),
    mend: (sandbox, namespace) =>
      sandbox.ask('POST', `/api/v1/namespaces/${namespace}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'web-user-data' },
        stringData: { userdata: LOGIN },
      }),
  },
  {
    name: 'no-network',
    what: 'missing network',
    cause: 'networkMissing',
    names: ['storage-net'],
    vm: soundVm('no-network', (guest) => {
      guest.networks.push({ name: 'second', multus: { networkName: 'storage-net' } });
      guest.domain.devices.interfaces.push({ name: 'second', bridge: {} });
    }),
    mend: (sandbox, namespace) =>
      sandbox.ask('POST', `/apis/k8s.cni.cncf.io/v1/namespaces/${namespace}/network-attachment-definitions`, {
        apiVersion: 'k8s.cni.cncf.io/v1',
        kind: 'NetworkAttachmentDefinition',
        metadata: { name: 'storage-net' },
        spec: {
          config: JSON.stringify({ cniVersion: '0.3.1', name: 'storage-net', type: 'bridge', bridge: 'br7' }),
        },
      }),
  },
  {
    name: 'wrong-boot-disk',
    what: 'boots from an empty disk',
    cause: 'bootDiskEmpty',
    names: ['scratch', 'root'],
    vm: soundVm('wrong-boot-disk', (guest) => {
      guest.domain.devices.disks = [
        { name: 'root', disk: { bus: 'virtio' } },
        { name: 'scratch', disk: { bus: 'virtio' }, bootOrder: 1 },
        { name: 'seed', disk: { bus: 'virtio' } },
      ];
      guest.volumes.push({ name: 'scratch', emptyDisk: { capacity: '64Mi' } });
    }),
    mend: (sandbox, namespace) => rewrite(sandbox, namespace, soundVm('wrong-boot-disk')),
  },
  {
    name: 'crash-loop',
    what: 'crashes again and again',
    cause: 'crashLoop',
    names: [],
    vm: soundVm('crash-loop', (guest) => Object.assign(guest, { nodeSelector: { disktype: 'none' } })),
    // A launcher that goes before its guest ran is a start that failed.
    provoke: async (sandbox, namespace) => {
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      const { body } = await sandbox.until(
        () => sandbox.ask('GET', pods),
        (answer) => answer.body.items.length > 0,
        'there is a launcher pod',
      );
      await sandbox.ask('DELETE', `${pods}/${body.items[0].metadata.name}`);
    },
    mend: (sandbox, namespace) => rewrite(sandbox, namespace, soundVm('crash-loop')),
  },
  {
    name: 'import-404',
    what: 'DataVolume whose source is not there',
    cause: 'importNotFound',
    names: ['import-404-root', '404'],
    vm: importing('import-404', `${images.url}/nothing.img`),
    // The importer tries again, with growing pauses.
    mend: async () => images.put('nothing.img'),
  },
];
