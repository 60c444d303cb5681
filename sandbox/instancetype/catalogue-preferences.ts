import type { PreferenceSpec } from './types';

export interface PreferenceEntry {
  name: string;
  /** Ends with the architecture in brackets where there is one entry for each. */
  title: string;
  /** Beside `hidden,kubevirt`. */
  tags: string;
  icon: string;
  spec: PreferenceSpec;
}

type Devices = NonNullable<PreferenceSpec['devices']>;
/** vCPUs and memory that a guest needs at least. */
type Needs = readonly [vcpus: number, memory: string];

const VIRTIO: Devices = { preferredDiskBus: 'virtio', preferredInterfaceModel: 'virtio' };
const TABLET: Devices = { preferredInputBus: 'virtio', preferredInputType: 'tablet' };
const DESKTOP: Devices = { preferredAutoattachInputDevice: true, ...TABLET };
const IO_THREAD: Devices = { preferredDiskDedicatedIoThread: true };
const MULTIQUEUE: Devices = { preferredNetworkInterfaceMultiQueue: true };
const SECURE_BOOT: Partial<PreferenceSpec> = {
  features: { preferredSmm: {} },
  firmware: { preferredEfi: { secureBoot: true } },
};
const EFI: Partial<PreferenceSpec> = { firmware: { preferredEfi: { secureBoot: false } } };
const SPREAD: Partial<PreferenceSpec> = {
  cpu: { preferredCPUTopology: 'spread', spreadOptions: { across: 'SocketsCoresThreads', ratio: 4 } },
};

function requirements([vcpus, memory]: Needs): Pick<PreferenceSpec, 'requirements'> {
  return { requirements: { cpu: { guest: vcpus }, memory: { guest: memory } } };
}

function linux(needs: Needs | undefined, devices: Devices = {}, more: Partial<PreferenceSpec> = {}) {
  return {
    annotations: { 'vm.kubevirt.io/os': 'linux' },
    devices: { ...VIRTIO, preferredRng: {}, ...devices },
    ...more,
    ...(needs ? requirements(needs) : {}),
  } satisfies PreferenceSpec;
}

/** A guest whose name, tag and icon are one word. */
function distribution(name: string, title: string, spec: PreferenceSpec, icon = name): PreferenceEntry {
  return { name, title, tags: name, icon, spec };
}

const centos = (release: number, variant: string, spec: PreferenceSpec): PreferenceEntry => ({
  name: `centos.stream${release}${variant && `.${variant}`}`,
  title: `CentOS Stream ${release}`,
  tags: `linux,centos-stream${variant === 'dpdk' ? ',dpdk' : ''}`,
  icon: 'centos',
  spec,
});

const rhel = (release: number, variant: string, title: string, spec: PreferenceSpec): PreferenceEntry => ({
  name: `rhel.${release}${variant && `.${variant}`}`,
  title: `Red Hat Enterprise Linux ${release}${title}`,
  tags: `linux,rhel${['dpdk', 'realtime'].includes(variant) ? `,${variant}` : ''}`,
  icon: 'rhel',
  spec,
});

const SMALL: Needs = [1, '1.5Gi'];
const PLAIN_9 = linux(SMALL, IO_THREAD);
const SECURE_9 = linux(SMALL, IO_THREAD, SECURE_BOOT);
const fedora = linux([1, '2Gi']);

const LINUX: PreferenceEntry[] = [
  distribution('alpine', 'Alpine', linux([1, '512Mi'])),
  centos(10, '', PLAIN_9),
  centos(10, 'desktop', linux(SMALL, { ...IO_THREAD, ...DESKTOP })),
  centos(9, '', PLAIN_9),
  centos(9, 'desktop', linux(SMALL, { ...IO_THREAD, ...DESKTOP })),
  centos(9, 'dpdk', linux([8, '1.5Gi'], { ...IO_THREAD, ...MULTIQUEUE }, SPREAD)),
  distribution('cirros', 'Cirros', linux([1, '256Mi'])),
  distribution('debian', 'Debian', linux([1, '512Mi'], {}, EFI)),
  distribution('fedora', 'Fedora (amd64)', linux([1, '2Gi'], {}, SECURE_BOOT)),
  { ...distribution('fedora', 'Fedora (arm64)', fedora), name: 'fedora.arm64' },
  { ...distribution('fedora', 'Fedora (s390x)', fedora), name: 'fedora.s390x' },
  distribution('linux', 'Linux Guest', linux(undefined)),
  {
    name: 'linux.efi',
    title: 'Linux EFI Guest',
    tags: 'linux-efi',
    icon: 'linux',
    spec: linux(undefined, {}, EFI),
  },
  {
    name: 'linux.virtiotransitional',
    title: 'Linux Virtio Transitional Guest',
    tags: 'linux-virtio-transitional',
    icon: 'linux',
    spec: linux(undefined, { preferredUseVirtioTransitional: true }),
  },
  distribution('opensuse.leap', 'OpenSUSE Leap', linux([1, '2Gi']), 'opensuse-leap'),
  distribution('opensuse.tumbleweed', 'OpenSUSE Tumbleweed', linux([1, '2Gi']), 'opensuse-tumbleweed'),
  distribution('oraclelinux', 'Oracle Linux', linux([2, '4Gi'], {}, EFI), 'oracle'),
  rhel(10, '', ' (amd64)', SECURE_9),
  rhel(10, 'arm64', ' (arm64)', PLAIN_9),
  rhel(10, 's390x', ' (s390x)', PLAIN_9),
  rhel(7, '', '', linux([1, '1Gi'])),
  rhel(7, 'desktop', '', linux([1, '1Gi'], DESKTOP)),
  rhel(8, '', '', linux(SMALL)),
  rhel(8, 'desktop', '', linux(SMALL, DESKTOP)),
  rhel(8, 'dpdk', '', linux([8, '1.5Gi'], MULTIQUEUE, SPREAD)),
  rhel(9, '', ' (amd64)', SECURE_9),
  rhel(9, 'arm64', ' (arm64)', PLAIN_9),
  rhel(9, 'desktop', ' Desktop (amd64)', linux(SMALL, { ...IO_THREAD, ...DESKTOP }, SECURE_BOOT)),
  rhel(
    9,
    'dpdk',
    ' DPDK (amd64)',
    linux([8, '1.5Gi'], { ...IO_THREAD, ...MULTIQUEUE }, { ...SPREAD, ...SECURE_BOOT }),
  ),
  rhel(
    9,
    'realtime',
    ' Realtime (amd64)',
    linux(
      [4, '4Gi'],
      {
        preferredAutoattachGraphicsDevice: false,
        preferredAutoattachMemBalloon: false,
        preferredAutoattachSerialConsole: true,
        ...IO_THREAD,
        ...MULTIQUEUE,
      },
      {
        cpu: { preferredCPUTopology: 'spread', spreadOptions: { across: 'SocketsCoresThreads' } },
        ...SECURE_BOOT,
      },
    ),
  ),
  rhel(9, 's390x', ' (s390x)', PLAIN_9),
  distribution('sles', 'SUSE Linux Enterprise Server', linux([1, '2Gi'])),
  distribution('ubuntu', 'Ubuntu', linux([1, '2Gi'])),
];

const HYPERV = {
  ...{ frequencies: {}, ipi: {}, reenlightenment: {}, relaxed: {}, reset: {}, runtime: {} },
  spinlocks: { spinlocks: 8191 },
  ...{ synic: {}, synictimer: { direct: {} }, tlbflush: {}, vapic: {}, vpindex: {} },
};

interface Windows {
  release: string;
  title: string;
  needs: Needs;
  /** NIC model without virtio drivers. */
  nic?: 'e1000e' | 'e1000' | 'rtl8139';
  /** Whether the guest wants secure boot, and to keep EFI variables and a TPM with it. */
  security?: 'secure boot' | 'persistent';
  /** There are no virtio drivers. */
  ancient?: boolean;
}

const WINDOWS: Windows[] = [
  { release: '10', title: '10', needs: [1, '2Gi'], security: 'secure boot' },
  { release: '11', title: '11', needs: [2, '4Gi'], security: 'persistent' },
  { release: '2k12', title: 'Server 2012/2012 R2', needs: [1, '512Mi'] },
  { release: '2k16', title: 'Server 2016', needs: [1, '2Gi'], security: 'secure boot' },
  { release: '2k19', title: 'Server 2019', needs: [1, '2Gi'], security: 'secure boot' },
  { release: '2k22', title: 'Server 2022', needs: [1, '2Gi'], security: 'persistent' },
  { release: '2k25', title: 'Server 2025', needs: [1, '2Gi'], security: 'persistent' },
  { release: '2k3', title: 'Server 2003', needs: [1, '256Mi'], nic: 'rtl8139', ancient: true },
  { release: '2k8', title: 'Server 2008/2008 R2', needs: [1, '512Mi'], nic: 'e1000' },
  { release: '7', title: '7', needs: [1, '2Gi'] },
  { release: 'xp', title: 'XP', needs: [1, '128Mi'], ancient: true },
];

function windows(facts: Windows, virtio: boolean): PreferenceEntry {
  const { release, title, needs, nic = 'e1000e', security, ancient } = facts;
  const drivers = virtio
    ? { ...VIRTIO, ...TABLET }
    : { preferredDiskBus: 'sata' as const, preferredInterfaceModel: nic };
  const persistent = security === 'persistent';
  return {
    name: `windows.${release}${virtio ? '.virtio' : ''}`,
    title: `Microsoft Windows ${title}${virtio ? ' (virtio)' : ''}`,
    tags: 'windows',
    icon: 'windows',
    spec: {
      annotations: {
        ...(ancient ? { 'kubevirt.io/disablePCIHole64': 'true' } : {}),
        'vm.kubevirt.io/os': 'windows',
      },
      clock: {
        preferredClockOffset: { utc: {} },
        preferredTimer: {
          hpet: { present: false },
          hyperv: {},
          pit: { tickPolicy: 'delay' },
          rtc: { tickPolicy: 'catchup' },
        },
      },
      cpu: { preferredCPUTopology: 'sockets' },
      devices: {
        preferredAutoattachInputDevice: true,
        ...drivers,
        ...(persistent ? { preferredTPM: { persistent } } : {}),
      },
      features: {
        preferredAcpi: {},
        preferredApic: {},
        preferredHyperv: HYPERV,
        ...(security ? { preferredSmm: {} } : {}),
      },
      ...(security
        ? { firmware: { preferredEfi: { ...(persistent ? { persistent } : {}), secureBoot: true } } }
        : {}),
      preferredTerminationGracePeriodSeconds: 3600,
      ...requirements(needs),
    },
  };
}

/** The preferences of kubevirt/common-instancetypes. */
export const PREFERENCES: readonly PreferenceEntry[] = [
  ...LINUX,
  {
    name: 'legacy',
    title: 'Legacy Guest',
    tags: 'legacy',
    icon: 'other',
    spec: {
      annotations: { 'vm.kubevirt.io/os': 'legacy' },
      devices: { preferredDiskBus: 'sata', preferredInterfaceModel: 'e1000' },
    },
  },
  ...WINDOWS.flatMap((facts) =>
    facts.ancient ? [windows(facts, false)] : [windows(facts, false), windows(facts, true)],
  ),
];
