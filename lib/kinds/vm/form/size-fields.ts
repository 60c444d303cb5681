import { valueAt, withValueAt } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import { parseQuantity } from '@/lib/units';
import { quantityAt } from './amount';
import { DOMAIN, type Field, type VmManifest } from './field';
import { INSTANCETYPE, PREFERENCE } from './instance-type';
import { amountField, field, flagField, numberAt, numberField, presenceField, wordField } from './make-field';

const CPU = [...DOMAIN, 'cpu'] as const;
const MEMORY = [...DOMAIN, 'memory'] as const;
const REQUESTS = [...DOMAIN, 'resources', 'requests'] as const;
const LIMITS = [...DOMAIN, 'resources', 'limits'] as const;
/** Memory is plugged in by blocks of that many bytes. */
const BLOCK_BYTES = 2 * 2 ** 20;

/** Factors of a topology, undefined where the VM doesn't say. */
export interface Topology {
  sockets: number | undefined;
  cores: number | undefined;
  threads: number | undefined;
}

export function topologyOf(vm: VmManifest): Topology {
  return {
    sockets: numberAt(vm, [...CPU, 'sockets']),
    cores: numberAt(vm, [...CPU, 'cores']),
    threads: numberAt(vm, [...CPU, 'threads']),
  };
}

/** The product of a topology whose missing factors are 1, or undefined when it says nothing at all. */
export function product({ sockets, cores, threads }: Topology): number | undefined {
  if (!sockets && !cores && !threads) return undefined;
  return (sockets || 1) * (cores || 1) * (threads || 1);
}

/**
 * The number of vCPUs as one value. They become sockets where cores and threads divide them, since only sockets grow
 * while a guest runs; else the one factor that is in use; else sockets alone.
 */
export const VCPUS = field<number | undefined>({
  id: 'vcpus',
  paths: ['spec.template.spec.domain.cpu.sockets'],
  read: (vm) => product(topologyOf(vm)),
  write: (vm, value) => {
    const { cores, threads } = topologyOf(vm);
    const perSocket = (cores || 1) * (threads || 1);
    if (value === undefined)
      return withTopology(vm, { sockets: undefined, cores: undefined, threads: undefined });
    if (value % perSocket === 0) return withTopology(vm, { sockets: value / perSocket, cores, threads });
    const { sockets } = topologyOf(vm);
    if (perSocket > 1 && (sockets ?? 1) === 1 && (cores || 1) > 1 && (threads || 1) === 1)
      return withTopology(vm, { sockets, cores: value, threads });
    return withTopology(vm, { sockets: value, cores: undefined, threads: undefined });
  },
  problem: (value) =>
    value === undefined || (Number.isSafeInteger(value) && value > 0)
      ? undefined
      : text('compute.problem.notWhole', { min: 1 }),
});

function withTopology(vm: VmManifest, topology: Topology): VmManifest {
  return Object.entries(topology).reduce((before, [level, value]) => {
    // 1 is what a missing factor counts as, and need not be written; one that is there stays.
    const isNeeded = value !== 1 || level === 'sockets' || valueAt(before, [...CPU, level]) !== undefined;
    return withValueAt(before, [...CPU, level], isNeeded ? value : undefined);
  }, vm);
}

export const SOCKETS = numberField('sockets', [...CPU, 'sockets'], { min: 1 });
export const CORES = numberField('cores', [...CPU, 'cores'], { min: 1 });
export const THREADS = numberField('threads', [...CPU, 'threads'], {
  min: 1,
  problem: (threads = 1, vm) =>
    threads > 2 && DEDICATED.read(vm) ? text('compute.dedicated.threads') : undefined,
});

export const MAX_SOCKETS = numberField('max-sockets', [...CPU, 'maxSockets'], {
  min: 1,
  problem: (most, vm) => {
    const { sockets = 1 } = topologyOf(vm);
    return most !== undefined && most > 0 && sockets > most
      ? text('compute.maxSockets.less', { sockets, most })
      : undefined;
  },
});

/** What the guest sees. Older VMs say it by their request alone. */
export const MEMORY_GUEST = amountField('memory', [...MEMORY, 'guest'], {
  problem: (value, vm) => {
    const isElsewhere =
      INSTANCETYPE.read(vm).name ||
      INSTANCETYPE.read(vm).inferFromVolume ||
      [REQUEST_MEMORY, LIMIT_MEMORY, HUGEPAGES].some((each) => each.read(vm) !== '');
    if (value === '') return isElsewhere ? undefined : text('compute.memory.missing');
    const bytes = parseQuantity(value) ?? 0;
    const limit = parseQuantity(LIMIT_MEMORY.read(vm));
    if (limit && bytes > limit) return text('compute.memory.aboveLimit');
    return pagesProblem(bytes, HUGEPAGES.read(vm));
  },
  warning: (value) => {
    const bytes = parseQuantity(value);
    return bytes !== undefined && bytes < 32 * 2 ** 20 ? text('compute.memory.tiny') : undefined;
  },
});

export const MAX_GUEST = amountField('max-memory', [...MEMORY, 'maxGuest'], {
  problem: (value, vm) => {
    const most = parseQuantity(value);
    const guest = parseQuantity(MEMORY_GUEST.read(vm));
    if (most === undefined) return undefined;
    if (guest === undefined) return text('compute.maxMemory.noGuest');
    if (guest > most) return text('compute.maxMemory.less');
    if (most % BLOCK_BYTES !== 0 || guest % BLOCK_BYTES !== 0) return text('compute.maxMemory.blocks');
    return NUMA.read(vm) ? text('compute.maxMemory.numa') : undefined;
  },
});

export const REQUEST_CPU = amountField('request-cpu', [...REQUESTS, 'cpu'], {
  problem: (value, vm) => aboveLimit(value, LIMIT_CPU.read(vm)) ?? pinnedProblem(value, vm),
});
export const LIMIT_CPU = amountField('limit-cpu', [...LIMITS, 'cpu'], { problem: pinnedProblem });
export const REQUEST_MEMORY = amountField('request-memory', [...REQUESTS, 'memory'], {
  problem: (value, vm) => {
    const most = LIMIT_MEMORY.read(vm);
    const bytes = parseQuantity(value);
    if (DEDICATED.read(vm) && value && most && bytes !== parseQuantity(most))
      return text('compute.dedicated.memory');
    return (
      aboveLimit(value, most) ?? (bytes === undefined ? undefined : pagesProblem(bytes, HUGEPAGES.read(vm)))
    );
  },
});
export const LIMIT_MEMORY = amountField('limit-memory', [...LIMITS, 'memory']);

/** The size of huge pages, `2Mi` or `1Gi` on x86; empty for ordinary memory. */
export const HUGEPAGES = wordField('hugepages', [...MEMORY, 'hugepages', 'pageSize'], {
  problem: (value) =>
    value !== '' && parseQuantity(value) === undefined
      ? text('compute.problem.notAmount', { amount: value.slice(0, 40) })
      : undefined,
});

export const DEDICATED = flagField('dedicated-cpus', [...CPU, 'dedicatedCpuPlacement'], {
  problem: (isOn, vm) => {
    const sized = product(topologyOf(vm)) ?? (REQUEST_CPU.read(vm) || LIMIT_CPU.read(vm) || undefined);
    return isOn && sized === undefined && INSTANCETYPE.read(vm).name === ''
      ? text('compute.dedicated.noCpus')
      : undefined;
  },
});
export const ISOLATE_EMULATOR = flagField('isolate-emulator', [...CPU, 'isolateEmulatorThread'], {
  problem: (isOn, vm) => (isOn && !DEDICATED.read(vm) ? text('compute.isolate.needsDedicated') : undefined),
});
export const NUMA = presenceField('numa', [...CPU, 'numa', 'guestMappingPassthrough'], {
  problem: (isOn, vm) => {
    if (!isOn) return undefined;
    if (!DEDICATED.read(vm)) return text('compute.numa.needsDedicated');
    return HUGEPAGES.read(vm) === '' ? text('compute.numa.needsHugepages') : undefined;
  },
});

export const CPU_MODEL = wordField('cpu-model', [...CPU, 'model']);

export const IO_THREADS_POLICY = wordField('io-threads', [...DOMAIN, 'ioThreadsPolicy']);
export const IO_THREADS_COUNT = numberField(
  'io-threads-count',
  [...DOMAIN, 'ioThreads', 'supplementalPoolThreadCount'],
  {
    min: 1,
    problem: (count, vm) =>
      count === undefined && IO_THREADS_POLICY.read(vm) === 'supplementalPool'
        ? text('compute.ioThreads.count')
        : undefined,
  },
);

/** What an instance type decides, shown only where the VM has a size of its own. */
export const OWN_SIZE_FIELDS = [
  VCPUS,
  SOCKETS,
  CORES,
  THREADS,
  MAX_SOCKETS,
  MEMORY_GUEST,
  MAX_GUEST,
  REQUEST_CPU,
  LIMIT_CPU,
  REQUEST_MEMORY,
  LIMIT_MEMORY,
  HUGEPAGES,
  DEDICATED,
  ISOLATE_EMULATOR,
  NUMA,
  CPU_MODEL,
  IO_THREADS_POLICY,
  IO_THREADS_COUNT,
] as const;

export const SIZE_FIELDS: readonly Field<unknown>[] = [INSTANCETYPE, PREFERENCE, ...OWN_SIZE_FIELDS];

/** vCPUs and memory (as written) that a VM without an instance type has; empty and undefined where it says nothing. */
export function ownSize(vm: VmManifest): { vcpus: number | undefined; memory: string } {
  const asked = parseQuantity(REQUEST_CPU.read(vm)) ?? parseQuantity(LIMIT_CPU.read(vm));
  return {
    vcpus: VCPUS.read(vm) ?? (asked === undefined ? undefined : Math.ceil(asked)),
    memory: MEMORY_GUEST.read(vm) || REQUEST_MEMORY.read(vm) || quantityAt(vm, [...LIMITS, 'memory']),
  };
}

function pagesProblem(bytes: number, pageSize: string): Text | undefined {
  const page = parseQuantity(pageSize);
  return page && bytes % page !== 0 ? text('compute.hugepages.multiple', { page: pageSize }) : undefined;
}

function aboveLimit(request: string, limit: string): Text | undefined {
  const [asked, most] = [parseQuantity(request), parseQuantity(limit)];
  return asked !== undefined && most && asked > most ? text('compute.resources.aboveLimit') : undefined;
}

/** Pinned CPUs are whole ones, as many as the guest has. */
function pinnedProblem(value: string, vm: VmManifest): Text | undefined {
  const amount = parseQuantity(value);
  if (amount === undefined || !DEDICATED.read(vm)) return undefined;
  if (!Number.isInteger(amount)) return text('compute.dedicated.whole');
  const vcpus = product(topologyOf(vm));
  return vcpus !== undefined && vcpus !== amount ? text('compute.dedicated.equal', { vcpus }) : undefined;
}
