import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@/lib/k8s/json';
import { withValueAt } from '@/lib/k8s/json';
import { clusterFeatures, type KubeVirt } from '@/lib/kinds/platform/features';
import type { VirtualMachineInstance } from '../types';
import { appliesWhen, verdictOf } from './applies';
import type { Applies, ApplyContext } from './apply-context';

type Configuration = NonNullable<NonNullable<KubeVirt['spec']>['configuration']>;

const META = { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: '' };
const features = (configuration: Configuration = {}, methods = ['LiveMigrate'], version = 'v1.9.0') =>
  clusterFeatures({
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: META,
    spec: { configuration, workloadUpdateStrategy: { workloadUpdateMethods: methods } },
    status: { observedKubeVirtVersion: version },
  });
const LIVE = features();
const STAGE = features({ vmRolloutStrategy: 'Stage' });
const IMPERATIVE = features({
  developerConfiguration: {
    featureGates: ['HotplugVolumes'],
    disabledFeatureGates: ['DeclarativeHotplugVolumes'],
  },
});
const NO_HOTPLUG = features({
  developerConfiguration: { disabledFeatureGates: ['DeclarativeHotplugVolumes'] },
});
const UNKNOWN = clusterFeatures(undefined);

const DOMAIN = {
  cpu: { sockets: 2, cores: 1, threads: 1 },
  memory: { guest: '2Gi' },
  devices: {
    disks: [
      { name: 'root', disk: { bus: 'virtio' } },
      { name: 'hot', disk: { bus: 'scsi' } },
      { name: 'drive', cdrom: { bus: 'sata' } },
    ],
    interfaces: [
      { name: 'default', masquerade: {} },
      { name: 'lab', bridge: {} },
    ],
  },
};
const SPEC = {
  domain: DOMAIN,
  volumes: [
    { name: 'root', dataVolume: { name: 'root' } },
    { name: 'hot', persistentVolumeClaim: { claimName: 'hot', hotpluggable: true } },
  ],
  networks: [
    { name: 'default', pod: {} },
    { name: 'lab', multus: { networkName: 'lab' } },
  ],
};
const VM: JsonObject = { spec: { runStrategy: 'Always', template: { spec: SPEC } } };
const running = (
  change: (spec: JsonObject) => JsonObject = (spec) => spec,
  migratable = true,
): VirtualMachineInstance =>
  ({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: META,
    spec: change({
      ...SPEC,
      architecture: 'amd64',
      domain: {
        ...DOMAIN,
        cpu: { ...DOMAIN.cpu, maxSockets: 8 },
        memory: { guest: '2Gi', maxGuest: '8Gi' },
      },
    }),
    status: {
      memory: { guestAtBoot: '2Gi' },
      conditions: [
        { type: 'LiveMigratable', status: migratable ? 'True' : 'False', message: 'PVC root is not shared' },
      ],
    },
  }) as unknown as VirtualMachineInstance; // only what the rules look at

const T = 'spec.template.spec';
const FIELDS = {
  labels: 'metadata.labels',
  description: 'metadata.annotations.description',
  strategy: 'spec.runStrategy',
  running: 'spec.running',
  images: 'spec.dataVolumeTemplates',
  instancetype: 'spec.instancetype.name',
  preference: 'spec.preference.name',
  guestLabels: 'spec.template.metadata.labels',
  selector: `${T}.nodeSelector`,
  affinity: `${T}.affinity`,
  tolerations: `${T}.tolerations`,
  eviction: `${T}.evictionStrategy`,
  hostname: `${T}.hostname`,
  grace: `${T}.terminationGracePeriodSeconds`,
  keys: `${T}.accessCredentials`,
  sockets: `${T}.domain.cpu.sockets`,
  cores: `${T}.domain.cpu.cores`,
  model: `${T}.domain.cpu.model`,
  memory: `${T}.domain.memory.guest`,
  hugepages: `${T}.domain.memory.hugepages`,
  requests: `${T}.domain.resources`,
  firmware: `${T}.domain.firmware.bootloader`,
  tpm: `${T}.domain.devices.tpm`,
  gpus: `${T}.domain.devices.gpus`,
  volumes: `${T}.volumes`,
  disks: `${T}.domain.devices.disks`,
  networks: `${T}.networks`,
  interfaces: `${T}.domain.devices.interfaces`,
  linkState: `${T}.domain.devices.interfaces[lab].state`,
} as const;

const AT_ONCE: (keyof typeof FIELDS)[] = ['labels', 'description', 'strategy', 'running', 'images'];
const PLUGGED: (keyof typeof FIELDS)[] = ['volumes', 'disks'];
const PLACED: (keyof typeof FIELDS)[] = ['selector', 'affinity', 'tolerations', 'linkState'];
const MOVED: (keyof typeof FIELDS)[] = ['sockets', 'memory', 'networks', 'interfaces', 'instancetype'];

describe('when a change of a field takes effect', () => {
  const states: Record<string, [Omit<ApplyContext, 'after'>, now: string[], moved: string[]]> = {
    'live update': [{ features: LIVE, vm: VM, vmi: running() }, [...AT_ONCE, ...PLUGGED, ...PLACED], MOVED],
    'no migration by itself': [
      { features: features({}, []), vm: VM, vmi: running() },
      [...AT_ONCE, ...PLUGGED, ...PLACED],
      MOVED,
    ],
    'not migratable': [
      { features: LIVE, vm: VM, vmi: running(undefined, false) },
      [...AT_ONCE, ...PLUGGED, ...PLACED],
      [],
    ],
    stage: [{ features: STAGE, vm: VM, vmi: running() }, [...AT_ONCE, ...PLUGGED], []],
    'volumes by call': [
      { features: IMPERATIVE, vm: VM, vmi: running() },
      [...AT_ONCE, ...PLUGGED, ...PLACED],
      MOVED,
    ],
    'no hot-plug of volumes': [
      { features: NO_HOTPLUG, vm: VM, vmi: running() },
      [...AT_ONCE, ...PLACED],
      MOVED,
    ],
    'may not be read': [{ features: UNKNOWN, vm: VM, vmi: running() }, AT_ONCE, []],
    'before network cards could be plugged': [
      {
        features: features({ vmRolloutStrategy: 'LiveUpdate' }, ['LiveMigrate'], 'v1.2.0'),
        vm: VM,
        vmi: running(),
      },
      AT_ONCE,
      [],
    ],
    'an Arm guest': [
      { features: LIVE, vm: VM, vmi: running((spec) => ({ ...spec, architecture: 'arm64' })) },
      [...AT_ONCE, ...PLUGGED, ...PLACED],
      ['networks', 'interfaces', 'instancetype'],
    ],
    'started without hot-plugging': [
      {
        features: LIVE,
        vm: VM,
        vmi: running((spec) => withValueAt(spec, ['domain', 'devices', 'disableHotplug'], true)),
      },
      [...AT_ONCE, ...PLACED],
      MOVED,
    ],
    'a queue for each CPU': [
      {
        features: LIVE,
        vm: VM,
        vmi: running((spec) => withValueAt(spec, ['domain', 'devices', 'networkInterfaceMultiqueue'], true)),
      },
      [...AT_ONCE, ...PLUGGED, ...PLACED],
      MOVED.filter((each) => each !== 'sockets'),
    ],
    'memory without room': [
      {
        features: LIVE,
        vm: VM,
        vmi: running((spec) => withValueAt(spec, ['domain', 'memory', 'maxGuest'], undefined)),
      },
      [...AT_ONCE, ...PLUGGED, ...PLACED],
      MOVED.filter((each) => each !== 'memory'),
    ],
  };
  for (const [state, [context, now, moved]] of Object.entries(states)) {
    it.each(Object.entries(FIELDS))(`${state}: %s`, (field, path) => {
      const expected: Applies = now.includes(field) ? 'now' : moved.includes(field) ? 'migration' : 'restart';
      expect(appliesWhen([path], context)).toBe(expected);
    });
  }

  it('is the latest of several', () => {
    const context = { features: LIVE, vm: VM, vmi: running() };
    expect(appliesWhen([], context)).toBe('now');
    expect(appliesWhen([FIELDS.labels, FIELDS.sockets], context)).toBe('migration');
    expect(appliesWhen([FIELDS.labels, FIELDS.sockets, FIELDS.cores], context)).toBe('restart');
  });
});

describe('when one change takes effect', () => {
  const verdict = (path: string, after: JsonObject, own: Partial<ApplyContext> = {}) => {
    const { applies, why } = verdictOf([path], { features: LIVE, vm: VM, vmi: running(), after, ...own });
    return [applies, why?.key.replace('configure.why.', '')];
  };
  const guest = (path: (string | number)[], value: unknown, vm = VM) =>
    withValueAt(vm, ['spec', 'template', 'spec', ...path], value);

  it.each([
    [3, 'migration', undefined],
    [8, 'migration', undefined],
    [9, 'restart', 'maxSockets'],
    [1, 'restart', 'fewerSockets'],
  ])('%i sockets', (sockets, ...expected) => {
    expect(verdict(FIELDS.sockets, guest(['domain', 'cpu', 'sockets'], sockets))).toEqual(expected);
  });

  it.each([
    ['4Gi', 'migration', undefined],
    ['8Gi', 'migration', undefined],
    ['9Gi', 'restart', 'maxGuest'],
    ['1Gi', 'restart', 'lessMemory'],
    ['3000000000', 'restart', 'notAligned'],
  ])('%s of memory', (memory, ...expected) => {
    expect(verdict(FIELDS.memory, guest(['domain', 'memory', 'guest'], memory))).toEqual(expected);
  });

  it('less memory that the guest got meanwhile goes again', () => {
    const vmi = running((spec) => withValueAt(spec, ['domain', 'memory', 'guest'], '4Gi'));
    const vm = guest(['domain', 'memory', 'guest'], '4Gi');
    expect(verdict(FIELDS.memory, VM, { vm, vmi })).toEqual(['migration', undefined]);
  });

  it('what the VM said nothing about takes a restart', () => {
    const vm = guest(['domain', 'cpu'], undefined, guest(['domain', 'memory'], undefined));
    expect(verdict(FIELDS.sockets, VM, { vm })).toEqual(['restart', 'noTopology']);
    expect(verdict(FIELDS.memory, VM, { vm })).toEqual(['restart', 'noMemory']);
  });

  const addDisk = (volume: object, disk: object, vm = VM) =>
    guest(
      ['volumes'],
      [...SPEC.volumes, { name: 'new', ...volume }],
      guest(['domain', 'devices', 'disks'], [...DOMAIN.devices.disks, { name: 'new', ...disk }], vm),
    );
  const hot = { dataVolume: { name: 'new', hotpluggable: true } };
  const scsi = { disk: { bus: 'scsi' } };
  it.each([
    ['hot-pluggable', addDisk(hot, scsi), LIVE, 'now', undefined],
    ['hot-pluggable where changes wait', addDisk(hot, scsi), STAGE, 'now', undefined],
    ['hot-pluggable by call', addDisk(hot, scsi), IMPERATIVE, 'now', undefined],
    ['hot-pluggable where it is off', addDisk(hot, scsi), NO_HOTPLUG, 'restart', 'noHotplug'],
    ['hot-pluggable where nobody knows', addDisk(hot, scsi), UNKNOWN, 'restart', 'unknown'],
    ['lasting', addDisk({ dataVolume: { name: 'new' } }, scsi), LIVE, 'restart', 'notHotpluggable'],
    ['container disk', addDisk({ containerDisk: { image: 'x' } }, scsi), LIVE, 'restart', 'notHotpluggable'],
  ])('a new disk: %s', (_, after, has, ...expected) => {
    for (const path of [FIELDS.volumes, FIELDS.disks, `${FIELDS.volumes}[new]`]) {
      expect(verdict(path, after, { features: has })).toEqual(expected);
    }
    expect(verdict(`${FIELDS.volumes}[root]`, after)).toEqual(['restart', 'notHotpluggable']);
  });

  it('disks and cards that stay as they are: what a change of them would come to', () => {
    expect(verdict(`${FIELDS.volumes}[hot]`, VM)).toEqual(['now', undefined]);
    expect(verdict(`${FIELDS.volumes}[root]`, VM)).toEqual(['restart', 'notHotpluggable']);
    expect(verdict(`${FIELDS.interfaces}[lab].model`, VM)).toEqual(['restart', undefined]);
    expect(verdict(`${FIELDS.interfaces}[lab].state`, VM)).toEqual(['now', undefined]);
    expect(verdict(`${FIELDS.networks}[lab]`, VM)).toEqual(['migration', undefined]);
  });

  it('disks that go', () => {
    const without = (name: string) => {
      const left = <T extends { name: string }>(list: T[]) => list.filter((each) => each.name !== name);
      return guest(
        ['volumes'],
        left(SPEC.volumes),
        guest(['domain', 'devices', 'disks'], left(DOMAIN.devices.disks)),
      );
    };
    expect(verdict(FIELDS.volumes, without('hot'))).toEqual(['now', undefined]);
    expect(verdict(FIELDS.volumes, without('root'))).toEqual(['restart', 'notHotpluggable']);
  });

  it('disks that become another', () => {
    const bus = (at: number, name: string) =>
      guest(['domain', 'devices', 'disks', at], { name, disk: { bus: 'sata' } });
    expect(verdict(FIELDS.disks, bus(0, 'root'))).toEqual(['restart', undefined]);
    expect(verdict(FIELDS.disks, bus(1, 'hot'))).toEqual(['restart', undefined]);
  });

  it('what is in a drive', () => {
    const put = guest(
      ['volumes'],
      [...SPEC.volumes, { name: 'drive', persistentVolumeClaim: { claimName: 'iso', hotpluggable: true } }],
    );
    expect(verdict(FIELDS.volumes, put)).toEqual(['now', undefined]);
    expect(verdict(FIELDS.volumes, VM, { vm: put })).toEqual(['now', undefined]);
    expect(verdict(FIELDS.volumes, put, { features: IMPERATIVE })).toEqual(['restart', 'noDrives']);
    const drive = guest(
      ['domain', 'devices', 'disks'],
      [...DOMAIN.devices.disks, { name: 'second', cdrom: { bus: 'sata' } }],
    );
    expect(verdict(FIELDS.disks, drive)).toEqual(['restart', undefined]);
  });

  it('volumes that move', () => {
    const moved = guest(['volumes', 0], { name: 'root', dataVolume: { name: 'elsewhere' } });
    expect(verdict(FIELDS.volumes, moved)).toEqual(['restart', 'notHotpluggable']);
    const strategy = withValueAt(moved, ['spec', 'updateVolumesStrategy'], 'Migration');
    expect(verdict(FIELDS.volumes, strategy)).toEqual(['migration', undefined]);
  });

  const card = (nic: object, network: object) =>
    guest(
      ['networks'],
      [...SPEC.networks, { name: 'new', ...network }],
      guest(['domain', 'devices', 'interfaces'], [...DOMAIN.devices.interfaces, { name: 'new', ...nic }]),
    );
  const multus = { multus: { networkName: 'new' } };
  it.each([
    ['bridge', card({ bridge: {} }, multus), 'migration', undefined],
    ['SR-IOV', card({ sriov: {} }, multus), 'migration', undefined],
    ['masquerade', card({ masquerade: {} }, { pod: {} }), 'restart', 'nicBinding'],
    ['binding plugin', card({ binding: { name: 'passt' } }, multus), 'restart', 'nicBinding'],
  ])('a new card: %s', (_, after, ...expected) => {
    expect(verdict(FIELDS.interfaces, after)).toEqual(expected);
    expect(verdict(FIELDS.networks, after)).toEqual(expected);
    expect(verdict(`${FIELDS.networks}[lab]`, after)).toEqual(['migration', undefined]);
  });

  const second = (nic: object) => guest(['domain', 'devices', 'interfaces', 1], { name: 'lab', ...nic });
  it.each([
    ['link down', second({ bridge: {}, state: 'down' }), 'now', undefined],
    ['unplugged', second({ bridge: {}, state: 'absent' }), 'now', undefined],
    ['another model', second({ bridge: {}, model: 'e1000' }), 'restart', undefined],
    [
      'removed at once',
      guest(
        ['networks'],
        SPEC.networks.slice(0, 1),
        guest(['domain', 'devices', 'interfaces'], DOMAIN.devices.interfaces.slice(0, 1)),
      ),
      'restart',
      'nicRemoved',
    ],
    [
      'another network',
      guest(['networks', 1], { name: 'lab', multus: { networkName: 'other' } }),
      'migration',
      undefined,
    ],
    ['another kind of network', guest(['networks', 1], { name: 'lab', pod: {} }), 'restart', undefined],
  ])('a card: %s', (_, after, ...expected) => {
    expect(verdict(FIELDS.interfaces, after)).toEqual(expected);
  });

  it('says in the server’s words why a guest stays where it is', () => {
    const { why } = verdictOf([FIELDS.sockets], { features: LIVE, vm: VM, vmi: running(undefined, false) });
    expect(why).toEqual({
      key: 'configure.why.notMigratable',
      values: { words: 'PVC root is not shared' },
    });
  });
});
