import type { InstancetypeSpec } from './types';

/** One size of a series: vCPUs, and guest memory as the API writes it. */
export interface Size {
  name: string;
  vcpus: number;
  memory: string;
}

export interface Series {
  name: string;
  title: string;
  class: string;
  icon: string;
  description: string;
  sizes: readonly Size[];
  spec: (size: Size) => InstancetypeSpec;
}

/** Steps that most series share: from the smallest to the largest. */
const STEPS = {
  nano: [1, '512Mi'],
  micro: [1, '1Gi'],
  small: [1, '2Gi'],
  medium: [1, '4Gi'],
  '2xmedium': [2, '4Gi'],
  large: [2, '8Gi'],
  xlarge: [4, '16Gi'],
  '2xlarge': [8, '32Gi'],
  '4xlarge': [16, '64Gi'],
  '8xlarge': [32, '128Gi'],
} as const;

const GENERAL = stepsBut();
const GIB_PAGES = '1gi';

function stepsBut(...left: (keyof typeof STEPS)[]): Size[] {
  const kept = Object.entries(STEPS).filter(([name]) => !left.some((step) => step === name));
  return kept.map(([name, [vcpus, memory]]) => ({ name, vcpus, memory }));
}

/** Sizes that double from a first one, by the ratio of GiB to vCPUs. */
function doubling(names: readonly string[], vcpus: number, gibPerVcpu: number): Size[] {
  return names.map((name, index) => {
    const count = vcpus * 2 ** index;
    return { name, vcpus: count, memory: `${count * gibPerVcpu}Gi` };
  });
}

const LARGE = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge'];

/** Each size again with huge pages of 1 GiB instead of 2 MiB. */
const withBothPages = (sizes: readonly Size[]): Size[] =>
  sizes.flatMap((size) => [size, { ...size, name: `${size.name}${GIB_PAGES}` }]);

const pagesOf = ({ name }: Size) => ({ pageSize: name.endsWith(GIB_PAGES) ? '1Gi' : '2Mi' });
const DEDICATED = { dedicatedCPUPlacement: true, isolateEmulatorThread: true };
const NUMA = { numa: { guestMappingPassthrough: {} } };
/** CRI-O leaves the CPUs of such a pod alone. */
const UNDISTURBED = {
  'cpu-load-balancing.crio.io': 'disable',
  'cpu-quota.crio.io': 'disable',
  'irq-load-balancing.crio.io': 'disable',
};

/** The series of kubevirt/common-instancetypes; the texts are the annotations that consoles show. */
export const SERIES: readonly Series[] = [
  {
    name: 'cx1',
    title: 'Compute Exclusive',
    class: 'compute.exclusive',
    icon: 'pficon-registry',
    description: `The CX Series provides exclusive compute resources for compute
intensive applications.

*CX* is the abbreviation of "Compute Exclusive".

The exclusive resources are given to the compute threads of the
VM. In order to ensure this, some additional cores (depending
on the number of disks and NICs) will be requested to offload
the IO threading from cores dedicated to the workload.
In addition, in this series, the NUMA topology of the used
cores is provided to the VM.

The amount of spec.cpu.maxSockets is set to the same as
guest cpus. This avoids KubeVirt's default behavior of
providing extra CPUs for hotplugging, which can exceed the
amount of available CPUs on a node and cause the VM to fail.

Requirements for CX series instance types:
- CPU manager has to be enabled.
- Huge pages have to be available on the nodes.`,
    sizes: withBothPages(doubling(['medium', ...LARGE], 1, 2)),
    spec: (size) => ({
      cpu: { guest: size.vcpus, maxSockets: size.vcpus, ...DEDICATED, ...NUMA },
      ioThreadsPolicy: 'auto',
      memory: { guest: size.memory, hugepages: pagesOf(size) },
    }),
  },
  {
    name: 'd1',
    title: 'Dedicated vCPU',
    class: 'dedicated.vcpu',
    icon: 'pficon-server-group',
    description: `The D Series is designed for consistent and predictable performance,
providing resources for general purpose applications.

*D* is the abbreviation for "Dedicated", reflecting the use of
dedicated CPU placement for workloads.

VMs of this instance type are assigned exclusive physical CPU cores,
avoiding CPU sharing and time-slice contention with other VMs.`,
    sizes: GENERAL,
    spec: (size) => ({
      cpu: { guest: size.vcpus, ...DEDICATED },
      ioThreadsPolicy: 'auto',
      memory: { guest: size.memory },
    }),
  },
  {
    name: 'm1',
    title: 'Memory Intensive',
    class: 'memory.intensive',
    icon: 'fa-memory',
    description: `The M Series provides resources for memory intensive
applications.

*M* is the abbreviation of "Memory".`,
    sizes: withBothPages(doubling(LARGE, 2, 8)),
    spec: (size) => ({
      cpu: { guest: size.vcpus },
      memory: { guest: size.memory, hugepages: pagesOf(size) },
    }),
  },
  {
    name: 'n1',
    title: 'Network',
    class: 'network',
    icon: 'pficon-network',
    description: `The N Series provides resources for network intensive DPDK
applications, like VNFs.

*N* is the abbreviation for "Network".

This series of instancetypes requires nodes capable
of running DPDK workloads and being marked with the respective
node-role.kubevirt.io/worker-dpdk label as such.`,
    sizes: [{ name: 'medium', vcpus: 4, memory: '4Gi' }, ...doubling(LARGE, 4, 2)],
    spec: (size) => ({
      annotations: UNDISTURBED,
      cpu: { guest: size.vcpus, ...DEDICATED },
      memory: { guest: size.memory, hugepages: { pageSize: '1Gi' } },
    }),
  },
  {
    name: 'o1',
    title: 'Overcommitted',
    class: 'overcommitted',
    icon: 'pficon-virtual-machine',
    description: `The O Series is based on the U Series, with the only difference
being that memory is overcommitted.

*O* is the abbreviation for "Overcommitted".`,
    sizes: stepsBut('2xmedium'),
    spec: (size) => ({ cpu: { guest: size.vcpus }, memory: { guest: size.memory, overcommitPercent: 50 } }),
  },
  {
    name: 'rt1',
    title: 'Realtime',
    class: 'realtime',
    icon: 'pficon-server-group',
    description: `The RT Series provides resources for realtime applications, like Oslat.

*RT* is the abbreviation for "realtime".

This series of instance types requires nodes capable of running
realtime applications.`,
    sizes: stepsBut('nano', '2xmedium'),
    spec: (size) => ({
      annotations: UNDISTURBED,
      cpu: { guest: size.vcpus, ...DEDICATED, ...NUMA, realtime: {} },
      memory: { guest: size.memory, hugepages: { pageSize: '1Gi' } },
    }),
  },
  {
    name: 'u1',
    title: 'General Purpose',
    class: 'general.purpose',
    icon: 'pficon-server-group',
    description: `The U Series is quite neutral and provides resources for
general purpose applications.

*U* is the abbreviation for "Universal", hinting at the universal
attitude towards workloads.

VMs of instance types will share physical CPU cores on a
time-slice basis with other VMs.`,
    sizes: GENERAL,
    spec: (size) => ({ cpu: { guest: size.vcpus }, memory: { guest: size.memory } }),
  },
];
