import { valueAt, wordAt } from '@/lib/k8s/json';
import { text } from '@/lib/text';
import { parseQuantity } from '@/lib/units';
import {
  type Applies,
  type ApplyContext,
  byMigration,
  later,
  NOW,
  RESTART,
  type Verdict,
} from './apply-context';
import { DOMAIN, GUEST } from './field';
import { nicsApply } from './nics-apply';
import { volumesApply } from './volumes-apply';

const TEMPLATE = `${GUEST.join('.')}.`;
const PLACEMENT = ['nodeSelector', 'affinity', 'tolerations'];
/** What KubeVirt acts on or other tools read as soon as it is stored. */
const AT_ONCE = [
  'metadata',
  'spec.runStrategy',
  'spec.running',
  'spec.dataVolumeTemplates',
  'spec.updateVolumesStrategy',
];

/**
 * When changes of these paths take effect on the guest that runs: the latest of them. Paths are the API's, an entry of
 * a list by its name (`spec.template.spec.volumes[data]`). Mirrors what virt-controller carries over to a running
 * instance (addRestartRequiredIfNeeded and the handlers after it).
 */
export function appliesWhen(paths: readonly string[], context: ApplyContext): Applies {
  return verdictOf(paths, context).applies;
}

/** The same with what makes it so. */
export function verdictOf(paths: readonly string[], context: ApplyContext): Verdict {
  return paths.map((path) => one(path, context)).reduce<Verdict>(later, NOW);
}

function one(path: string, context: ApplyContext): Verdict {
  if (AT_ONCE.some((each) => isAt(path, each))) return NOW;
  if (isAt(path, 'spec.instancetype')) return sizeApplies(context);
  if (!path.startsWith(TEMPLATE)) return RESTART;
  const field = path.slice(TEMPLATE.length);
  // Volumes are carried over whatever the strategy of the rollout.
  if (isAt(field, 'volumes') || isAt(field, 'domain.devices.disks'))
    return volumesApply(nameIn(field), context);
  if (context.features.vmRolloutStrategy === 'Stage') {
    return {
      applies: 'restart',
      why: text(context.features.known ? 'configure.why.stage' : 'configure.why.unknown'),
    };
  }
  if (PLACEMENT.some((each) => isAt(field, each))) return NOW;
  if (isAt(field, 'domain.cpu.sockets')) return socketsApply(context);
  if (isAt(field, 'domain.memory.guest')) return memoryApplies(context);
  if (isAt(field, 'networks') || isAt(field, 'domain.devices.interfaces')) {
    const part = field.endsWith('.state') ? 'state' : isAt(field, 'networks') ? 'network' : 'card';
    return nicsApply(nameIn(field), part, context);
  }
  return RESTART;
}

/** Whether a path is at a field or inside it. */
function isAt(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}

/** The entry that a path names: `volumes[data].dataVolume` gives `data`. */
function nameIn(path: string): string | undefined {
  return /\[([^\]]*)\]/.exec(path)?.[1];
}

function socketsApply(context: ApplyContext): Verdict {
  const { vm, vmi, after } = context;
  const { cpu, devices } = vmi.spec.domain;
  const restart = (key: 'arm' | 'multiqueue' | 'fewerSockets' | 'noTopology'): Verdict => ({
    applies: 'restart',
    why: text(`configure.why.${key}`),
  });
  // virt-controller carries sockets over into a topology that was there, and not into none.
  if (valueAt(vm, [...DOMAIN, 'cpu']) === undefined) return restart('noTopology');
  if (vmi.spec.architecture === 'arm64') return restart('arm');
  if (devices.networkInterfaceMultiqueue) return restart('multiqueue');
  const wanted = valueAt(after, [...DOMAIN, 'cpu', 'sockets']);
  const has = cpu?.sockets ?? 1;
  if (typeof wanted === 'number' && wanted !== has) {
    if (wanted < has) return restart('fewerSockets');
    const most = cpu?.maxSockets ?? has;
    if (wanted > most) return { applies: 'restart', why: text('configure.why.maxSockets', { most }) };
  }
  return byMigration(context);
}

const GIB = 2 ** 30;
const BLOCK_BYTES = 2 * 2 ** 20;

function memoryApplies(context: ApplyContext): Verdict {
  const { vm, vmi, after } = context;
  const { memory, cpu, launchSecurity } = vmi.spec.domain;
  const restart = (
    key: 'memoryFixed' | 'lessMemory' | 'noMemory',
    values?: Record<string, string>,
  ): Verdict => ({
    applies: 'restart',
    why: text(`configure.why.${key}`, values),
  });
  if (valueAt(vm, [...DOMAIN, 'memory']) === undefined) return restart('noMemory');
  const fixed = byMigration(context);
  if (fixed.applies === 'restart') return fixed;
  const most = memory?.maxGuest;
  if (most === undefined || launchSecurity || (cpu?.dedicatedCpuPlacement && cpu.realtime)) {
    return restart('memoryFixed');
  }
  if (vmi.spec.architecture !== undefined && vmi.spec.architecture !== 'amd64') return restart('memoryFixed');
  const asked = wordAt(after, [...DOMAIN, 'memory', 'guest']);
  const wanted = parseQuantity(asked);
  const has = parseQuantity(memory?.guest);
  if (wanted === undefined || wanted === has) return fixed;
  const atBoot = vmi.status?.memory?.guestAtBoot ?? memory?.guest;
  if (wanted < (parseQuantity(atBoot) ?? 0)) return restart('lessMemory', { least: String(atBoot ?? '') });
  if (wanted > (parseQuantity(most) ?? Number.POSITIVE_INFINITY)) {
    return { applies: 'restart', why: text('configure.why.maxGuest', { most }) };
  }
  const block = memory?.hugepages?.pageSize === '1Gi' ? GIB : BLOCK_BYTES;
  if (wanted < GIB) return restart('memoryFixed');
  if (wanted % block !== 0) {
    return {
      applies: 'restart',
      why: text('configure.why.notAligned', { block: block === GIB ? '1Gi' : '2Mi' }),
    };
  }
  return fixed;
}

/** Another instance type brings other CPUs and memory, which a migration may carry over. */
function sizeApplies(context: ApplyContext): Verdict {
  const { vmRolloutStrategy, known } = context.features;
  if (vmRolloutStrategy === 'Stage') {
    return { applies: 'restart', why: text(known ? 'configure.why.stage' : 'configure.why.unknown') };
  }
  const move = byMigration(context);
  return move.applies === 'restart'
    ? move
    : { applies: 'migration', why: text('configure.why.instancetype') };
}
