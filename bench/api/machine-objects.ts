import { Random } from './random';

/** The clock of everything that was made before the measurement began. */
export const EPOCH_MS = Date.UTC(2026, 10, 1);

/** Everything that distinguishes one machine; never changed in place. The rest of its objects follows from the seed. */
export interface Machine {
  index: number;
  seed: number;
  namespace: string;
  name: string;
  vmUid: string;
  vmiUid: string;
  running: boolean;
  node: string;
  ip: string;
  tier: string;
  /** The last event that marked it: its number, and when it was due in ms since the epoch. `shown` ones say it in the status. */
  mark?: { number: number; sent: number; shown?: boolean };
  bornMs: number;
}

const SYSTEMS = ['Fedora Linux 41', 'Ubuntu 24.04.1 LTS', 'Windows Server 2022', 'Debian GNU/Linux 12'];
const MEMORY = ['1Gi', '2Gi', '4Gi', '8Gi', '16Gi'];

/** A VM as an API serves it: 5 to 7 kB of JSON, a third of it managedFields. */
export function machineVm(machine: Machine, version: number): object {
  const random = new Random(machine.seed, machine.index);
  const { namespace, name, running, mark, tier } = machine;
  const application = `${random.pick(['shop', 'erp', 'mail', 'ci', 'bi'])}-${random.word(3)}`;
  const system = random.pick(SYSTEMS);
  const domain = domainOf(random);
  const volumes = volumesOf(random, name);
  const since = timestamp(machine.bornMs + 4_000);
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name,
      namespace,
      uid: machine.vmUid,
      resourceVersion: String(version),
      generation: 2,
      creationTimestamp: timestamp(machine.bornMs),
      finalizers: ['kubevirt.io/virtualMachineControllerFinalize'],
      labels: {
        app: application,
        tier,
        'cost-center': random.word(8),
        'portlight.io/folder': `${random.pick(['prod', 'test', 'lab'])}.${random.pick(['east', 'west'])}`,
        [`tag.portlight.io/${random.pick(['backup', 'critical', 'legacy'])}`]: '',
      },
      annotations: {
        description: mark
          ? `sent ${mark.sent.toFixed(3)} ${mark.number}`
          : `${random.word(9)} ${random.word(7)} ${random.word(12)}`,
        'kubevirt.io/latest-observed-api-version': 'v1',
        'kubevirt.io/storage-observed-api-version': 'v1',
        'vm.kubevirt.io/os': system,
        'example.com/ticket': `CHG-${random.word(10)}`,
        'example.com/owner': `${random.word(8)}@example.com`,
        'example.com/checksum': random.hex(64),
        'example.com/notes': Array.from({ length: 40 }, () => random.word(3 + random.below(9))).join(' '),
      },
      managedFields: managedFields(random, since, application),
    },
    spec: {
      runStrategy: running ? 'Always' : 'Halted',
      dataVolumeTemplates: [
        {
          metadata: { name: `${name}-root`, annotations: { 'cdi.kubevirt.io/storage.usePopulator': 'true' } },
          spec: {
            source: {
              registry: { url: `docker://registry.example.com/${random.word(6)}@sha256:${random.hex(64)}` },
            },
            storage: {
              resources: { requests: { storage: `${10 + random.below(90)}Gi` } },
              storageClassName: 'fast',
            },
          },
        },
      ],
      template: {
        metadata: { creationTimestamp: null, labels: { 'kubevirt.io/domain': name, app: application } },
        spec: {
          architecture: 'amd64',
          domain,
          ...networksOf(random),
          volumes,
          terminationGracePeriodSeconds: 180,
        },
      },
    },
    status: {
      created: running,
      ready: running,
      desiredGeneration: 2,
      observedGeneration: 2,
      printableStatus: running ? 'Running' : 'Stopped',
      runStrategy: running ? 'Always' : 'Halted',
      conditions: [...conditionsOf(running, since), ...markOf(machine, since)],
      volumeSnapshotStatuses: volumes.map((volume) => ({
        name: volume.name,
        enabled: false,
        reason: `No VolumeSnapshotClass: Volume snapshots are not configured for this StorageClass [${random.word(6)}] [${volume.name}]`,
      })),
    },
  };
}

/** The VMI of a running machine: 6 to 10 kB. */
export function machineVmi(machine: Machine, version: number): object {
  const random = new Random(machine.seed, machine.index, 7);
  const { namespace, name, node, ip } = machine;
  const domain = domainOf(new Random(machine.seed, machine.index, 3));
  const since = timestamp(machine.bornMs + 24_000);
  const volumes = volumesOf(random, name);
  const pod = random.uuid();
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      name,
      namespace,
      uid: machine.vmiUid,
      resourceVersion: String(version),
      generation: 9,
      creationTimestamp: timestamp(machine.bornMs + 2_000),
      finalizers: ['kubevirt.io/virtualMachineControllerFinalize', 'foregroundDeleteVirtualMachine'],
      labels: { 'kubevirt.io/nodeName': node, 'kubevirt.io/domain': name, app: random.word(9) },
      annotations: {
        'kubevirt.io/latest-observed-api-version': 'v1',
        'kubevirt.io/storage-observed-api-version': 'v1',
        'kubevirt.io/vm-generation': '2',
        'example.com/checksum': random.hex(64),
      },
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachine',
          name,
          uid: machine.vmUid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: [...managedFields(random, since, pod), ...managedFields(random, since, machine.vmiUid)],
    },
    spec: { architecture: 'amd64', domain, ...networksOf(random), volumes, evictionStrategy: 'LiveMigrate' },
    status: {
      phase: 'Running',
      nodeName: node,
      activePods: { [pod]: node },
      conditions: [
        ...conditionsOf(true, since),
        { type: 'LiveMigratable', status: 'True', lastProbeTime: null, lastTransitionTime: null },
        {
          type: 'DataVolumesReady',
          status: 'True',
          reason: 'AllDVsReady',
          message: "All of the VMI's DVs are bound and ready",
          lastProbeTime: null,
          lastTransitionTime: since,
        },
      ],
      interfaces: [
        {
          interfaceName: 'eth0',
          ipAddress: ip,
          ipAddresses: [ip, `fe80::${random.hex(4)}`],
          mac: random.mac(),
          name: 'default',
          infoSource: 'domain, guest-agent',
          queueCount: 1,
          linkState: 'up',
        },
      ],
      launcherContainerImageVersion: `quay.io/kubevirt/virt-launcher@sha256:${random.hex(64)}`,
      machine: { type: 'pc-q35-rhel9.4.0' },
      migrationMethod: 'BlockMigration',
      migrationTransport: 'Unix',
      memory: { guestAtBoot: '2Gi', guestCurrent: '2Gi', guestRequested: '2Gi' },
      phaseTransitionTimestamps: ['Pending', 'Scheduling', 'Scheduled', 'Running'].map((phase) => ({
        phase,
        phaseTransitionTimestamp: since,
      })),
      qosClass: 'Burstable',
      selinuxContext: `system_u:object_r:container_file_t:s0:c${random.below(1000)},c${random.below(1000)}`,
      virtualMachineRevisionName: `revision-start-vm-${machine.vmUid}-2`,
      volumeStatus: volumes.map(({ name: volume }) => ({
        name: volume,
        target: 'vda',
        persistentVolumeClaimInfo: {
          claimName: `${name}-root`,
          accessModes: ['ReadWriteMany'],
          capacity: { storage: '30Gi' },
          filesystemOverhead: '0.06',
          requests: { storage: '32212254720' },
          volumeMode: 'Block',
        },
      })),
    },
  };
}

function domainOf(random: Random): object {
  return {
    cpu: { cores: 1 + random.below(8), sockets: 1, threads: 1 },
    devices: {
      disks: ['root', 'cloudinit'].map((name) => ({ name, disk: { bus: 'virtio' } })),
      interfaces: [{ name: 'default', masquerade: {}, macAddress: random.mac(), model: 'virtio' }],
      rng: {},
    },
    features: { acpi: { enabled: true }, smm: { enabled: true } },
    firmware: { bootloader: { efi: {} }, uuid: random.uuid(), serial: random.uuid() },
    machine: { type: 'q35' },
    memory: { guest: random.pick(MEMORY) },
    resources: { requests: { memory: '512Mi' } },
  };
}

function networksOf(random: Random): object {
  const [key, value] = [random.word(7), random.word(11)];
  return {
    networks: [{ name: 'default', pod: {} }],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              topologyKey: 'kubernetes.io/hostname',
              labelSelector: { matchLabels: { [key]: value } },
            },
          },
        ],
      },
    },
  };
}

function volumesOf(random: Random, name: string) {
  const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${random.word(43)} ${random.word(6)}@example.com`;
  const userData = `#cloud-config\nhostname: ${name}\nssh_authorized_keys:\n  - ${key}\nchpasswd:\n  expire: false\n`;
  return [
    { name: 'root', dataVolume: { name: `${name}-root` } },
    { name: 'cloudinit', cloudInitNoCloud: { userData } },
  ];
}

function conditionsOf(running: boolean, since: string) {
  const times = { lastProbeTime: null, lastTransitionTime: since };
  return running
    ? [
        { type: 'Ready', status: 'True', ...times },
        { type: 'StorageLiveMigratable', status: 'True', ...times },
      ]
    : [{ type: 'Ready', status: 'False', reason: 'VMINotExists', message: 'VMI does not exist', ...times }];
}

/** A complaint of virt-controller's, which every list of VMs shows as the reason of the status. */
function markOf({ mark }: Machine, since: string) {
  if (!mark?.shown) return [];
  const message = `mark ${mark.number}`;
  return [{ type: 'Failure', status: 'True', reason: 'Marked', message, lastTransitionTime: since }];
}

/** Who wrote which fields: names of fields repeat, what keys lists do not. */
function managedFields(random: Random, time: string, unique: string): object[] {
  const some = { '.': {} };
  const metadata = {
    'f:annotations': {
      ...some,
      'f:example.com/checksum': {},
      'f:example.com/owner': {},
      'f:example.com/ticket': {},
    },
    'f:labels': { ...some, 'f:app': {}, 'f:tier': {}, [`f:${unique}`]: {} },
    'f:finalizers': { ...some, 'v:"kubevirt.io/virtualMachineControllerFinalize"': {} },
  };
  const devices = {
    ...some,
    'f:disks': {
      ...some,
      [`k:{"name":"${random.word(6)}"}`]: { ...some, 'f:disk': { ...some, 'f:bus': {} }, 'f:name': {} },
    },
    'f:interfaces': {
      ...some,
      'k:{"name":"default"}': {
        ...some,
        'f:macAddress': {},
        'f:masquerade': {},
        'f:model': {},
        'f:name': {},
      },
    },
  };
  const spec = {
    'f:runStrategy': {},
    'f:template': {
      ...some,
      'f:spec': {
        ...some,
        'f:domain': {
          ...some,
          'f:cpu': { ...some, 'f:cores': {}, 'f:sockets': {}, 'f:threads': {} },
          'f:devices': devices,
          'f:firmware': { ...some, 'f:serial': {}, 'f:uuid': {} },
          'f:memory': { ...some, 'f:guest': {} },
        },
        'f:networks': {},
        'f:volumes': {},
      },
    },
  };
  const status = {
    ...some,
    'f:conditions': {},
    'f:created': {},
    'f:printableStatus': {},
    'f:ready': {},
    'f:volumeSnapshotStatuses': {},
  };
  const entry = { apiVersion: 'kubevirt.io/v1', fieldsType: 'FieldsV1', operation: 'Update', time };
  return [
    { ...entry, manager: `kubectl-${random.word(5)}`, fieldsV1: { 'f:metadata': metadata, 'f:spec': spec } },
    { ...entry, manager: `backup-${random.word(5)}`, fieldsV1: { 'f:metadata': metadata } },
    { ...entry, manager: 'virt-controller', subresource: 'status', fieldsV1: { 'f:status': status } },
  ];
}

export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
