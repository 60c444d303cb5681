import type { MessageKey } from '@/lib/text';
import type { VmDimension } from '../dimensions';

/**
 * How the values of a field are compared with `:` (`=` always wants the whole value):
 * `exact` the whole value, `part` anywhere in it, `segment` the whole or what stands between slashes, `path` the
 * folder and all below it, `label` a key or key=value, `address` the beginning, the whole or a network, `mac` whatever
 * stands between the digits, `status` KubeVirt's word or a tone; the rest are figures.
 */
export type FieldKind =
  | 'exact'
  | 'part'
  | 'segment'
  | 'path'
  | 'label'
  | 'address'
  | 'mac'
  | 'status'
  | 'choice'
  | 'number'
  | 'size'
  | 'age'
  | 'usage';

export interface VmField {
  name: string;
  /** Other words for it that people type. */
  aliases: string[];
  kind: FieldKind;
  /** Whose groups are this field's values. */
  dimension?: VmDimension;
  /** All values there are, in the order they are offered. */
  values?: string[];
  /** What completion puts behind the name. */
  operator: ':' | '>' | '<';
  /** A value for help and problems, with its operator. */
  example: string;
  about: MessageKey;
}

const YES_NO = ['yes', 'no', 'unknown'];

/** The fields of the query language, in the order in which they are offered. */
export const VM_FIELDS: VmField[] = [
  field('status', 'status', ':running', 'query.field.status', ['state'], 'status'),
  field('name', 'part', ':web*', 'query.field.name'),
  field('namespace', 'exact', ':dev', 'query.field.namespace', ['ns'], 'namespace'),
  field('node', 'exact', ':worker-1', 'query.field.node', ['host'], 'node'),
  field('os', 'part', ':windows', 'query.field.os', ['system'], 'os'),
  field('label', 'label', ':tier=web', 'query.field.label', ['labels'], 'labelKey'),
  field('ip', 'address', ':10.0.', 'query.field.ip', ['address']),
  field('network', 'segment', ':vlan12', 'query.field.network', ['net'], 'network'),
  field('cpu', 'number', '>4', 'query.field.cpu', ['cpus', 'vcpu', 'vcpus', 'cores']),
  field('memory', 'size', '>=8Gi', 'query.field.memory', ['mem', 'ram']),
  field('created', 'age', '<7d', 'query.field.created', ['age']),
  field('uptime', 'age', '>30d', 'query.field.uptime', ['up']),
  field('folder', 'path', ':prod/web', 'query.field.folder', [], 'folder'),
  field('tag', 'exact', ':backup', 'query.field.tag', ['tags'], 'tag'),
  field('application', 'exact', ':shop', 'query.field.application', ['app'], 'application'),
  field('owner', 'segment', ':web-pool', 'query.field.owner', [], 'owner'),
  field('instancetype', 'exact', ':u1.medium', 'query.field.instancetype', ['type'], 'instancetype'),
  field('preference', 'exact', ':fedora', 'query.field.preference', ['pref']),
  field('disks', 'number', '>1', 'query.field.disks', ['disk']),
  field('disksize', 'size', '>100Gi', 'query.field.disksize', ['storage']),
  field('volume', 'part', ':root', 'query.field.volume', ['volumes', 'pvc', 'claim']),
  field('condition', 'exact', ':RestartRequired', 'query.field.condition', ['conditions'], 'condition'),
  { ...field('migratable', 'choice', ':no', 'query.field.migratable'), values: YES_NO },
  { ...field('agent', 'choice', ':no', 'query.field.agent'), values: YES_NO.slice(0, 2) },
  {
    ...field('runstrategy', 'exact', ':Always', 'query.field.runstrategy', ['strategy', 'run']),
    values: ['Always', 'RerunOnFailure', 'Manual', 'Halted', 'Once', 'WaitAsReceiver'],
  },
  field('cpuusage', 'usage', '>50%', 'query.field.cpuusage'),
  field('memoryusage', 'usage', '>80%', 'query.field.memoryusage', ['memusage']),
  field('mac', 'mac', ':02:00:5e', 'query.field.mac', ['macs']),
  field('hostname', 'part', ':web', 'query.field.hostname'),
  field('description', 'part', ':billing', 'query.field.description', ['about']),
  field('uid', 'exact', ':3f2a*', 'query.field.uid'),
];

/** Words of `status:` that stand for tones, and which. The tones' own names come first: groups carry them. */
export const STATUS_WORDS: Record<string, readonly string[]> = {
  danger: ['danger'],
  warning: ['warning'],
  progress: ['progress'],
  success: ['success'],
  off: ['off'],
  error: ['danger'],
  failed: ['danger'],
  attention: ['danger', 'warning'],
  changing: ['progress'],
  healthy: ['success'],
  ok: ['success'],
};

const BY_NAME = new Map(
  VM_FIELDS.flatMap((each) => [each.name, ...each.aliases].map((name) => [name, each])),
);

/** The field of a name or alias, whatever its case. */
export function findField(name: string): VmField | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** Whether `>` and `<` mean something. */
export function isComparable({ kind }: VmField): boolean {
  return kind === 'number' || kind === 'size' || kind === 'age' || kind === 'usage';
}

/** The field that was probably meant: one that begins so, or else the nearest within two typing errors. */
export function nearestField(name: string): string | undefined {
  const typed = name.toLowerCase();
  let best: { name: string; distance: number } | undefined;
  for (const known of BY_NAME.keys()) {
    const distance = typed.length > 2 && known.startsWith(typed) ? 0.5 : editDistance(typed, known);
    if (
      distance < Math.min(3, typed.length / 2 + 0.5) &&
      distance < (best?.distance ?? Number.POSITIVE_INFINITY)
    )
      best = { name: known, distance };
  }
  return best?.name;
}

/** Optimal string alignment: a letter more, less, another one, or two changed over count one each. */
function editDistance(a: string, b: string): number {
  let last: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = Number(a[i - 1] !== b[j - 1]);
      let least = Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (last[j - 2] ?? 0) + 1);
      row.push(least);
    }
    last = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

function field(
  name: string,
  kind: FieldKind,
  example: string,
  about: MessageKey,
  aliases: string[] = [],
  dimension?: VmDimension,
): VmField {
  const sign = example.charAt(0);
  const operator = sign === '>' || sign === '<' ? sign : ':';
  return { name, aliases, kind, example, about, operator, ...(dimension ? { dimension } : {}) };
}
