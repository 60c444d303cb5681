import { isDnsLabel, isDnsSubdomain, LABEL_MAX, SUBDOMAIN_MAX } from '@/lib/k8s/dns-name';
import { valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import {
  DESCRIPTION_ANNOTATIONS,
  descriptionOf,
  FOLDER_LABEL,
  folderChange,
  folderOf,
  folderProblem,
} from '../labels';
import { type Field, GUEST } from './field';
import { field, numberField, textsOf, wordField } from './make-field';

const LABELS = ['metadata', 'labels'] as const;
const ANNOTATIONS = ['metadata', 'annotations'] as const;
/** Enforced by an admission policy that comes with SSP; where there is none, the label only says what is wanted. */
export const PROTECTION_LABEL = 'kubevirt.io/vm-delete-protection';

/** The strategies of KubeVirt, those that people want most first. */
export const RUN_STRATEGIES = ['Always', 'RerunOnFailure', 'Manual', 'Once', 'Halted'] as const;

export const NAME = wordField('name', ['metadata', 'name'], {
  problem: (name) => {
    if (name === '') return text('compute.name.missing');
    if (!isDnsSubdomain(name)) return text('compute.name.letters');
    return tooLong(name, SUBDOMAIN_MAX);
  },
  // KubeVirt takes them, cuts them and puts hashes in: hostname, labels and names made from them become hard to read.
  warning: (name) =>
    name.length > LABEL_MAX || name.includes('.')
      ? text('compute.name.odd', { limit: LABEL_MAX })
      : undefined,
});

export const DESCRIPTION = field<string>({
  id: 'description',
  paths: DESCRIPTION_ANNOTATIONS.map((key) => [...ANNOTATIONS, key].join('.')),
  read: (vm) => descriptionOf(textsOf(valueAt(vm, ANNOTATIONS))),
  write: (vm, value) => {
    const used = DESCRIPTION_ANNOTATIONS.filter((key) => wordAt(vm, [...ANNOTATIONS, key]));
    if (value) return withValueAt(vm, [...ANNOTATIONS, used[0] ?? 'description'], value);
    // A second annotation would show once the first is gone.
    return used.reduce((rest, key) => withValueAt(rest, [...ANNOTATIONS, key], undefined), vm);
  },
});

/** The folder's path with `/` between the levels. */
export const FOLDER = field<string>({
  id: 'folder',
  paths: [[...LABELS, FOLDER_LABEL].join('.')],
  read: (vm) => folderOf(textsOf(valueAt(vm, LABELS))),
  write: (vm, value) =>
    Object.entries(folderChange(value)).reduce(
      (changed, [key, label]) => withValueAt(changed, [...LABELS, key], label ?? undefined),
      vm,
    ),
  problem: (value) => (value === '' ? undefined : folderProblem(value)),
});

/** `spec.running` is the older way to say Always or Halted; it stays in use where it is used and can say it. */
export const RUN_STRATEGY = field<string>({
  id: 'run-strategy',
  paths: ['spec.runStrategy', 'spec.running'],
  read: (vm) => {
    const strategy = wordAt(vm, ['spec', 'runStrategy']);
    if (strategy) return strategy;
    const running = valueAt(vm, ['spec', 'running']);
    return typeof running === 'boolean' ? (running ? 'Always' : 'Halted') : '';
  },
  write: (vm, value) => {
    const isOlder =
      typeof valueAt(vm, ['spec', 'running']) === 'boolean' && !wordAt(vm, ['spec', 'runStrategy']);
    if (isOlder && (value === 'Always' || value === 'Halted'))
      return withValueAt(vm, ['spec', 'running'], value === 'Always');
    return withValueAt(
      withValueAt(vm, ['spec', 'running'], undefined),
      ['spec', 'runStrategy'],
      value || undefined,
    );
  },
  problem: (value, vm) => {
    if (value === '') return text('compute.run.missing');
    const isBoth = wordAt(vm, ['spec', 'runStrategy']) && valueAt(vm, ['spec', 'running']) !== undefined;
    return isBoth ? text('compute.run.both') : undefined;
  },
});

export const HOSTNAME = wordField('hostname', [...GUEST, 'hostname'], {
  problem: (name) => {
    if (name !== '' && !isDnsLabel(name)) return text('compute.hostname.letters');
    return tooLong(name, LABEL_MAX);
  },
});

export const SUBDOMAIN = wordField('subdomain', [...GUEST, 'subdomain'], {
  problem: (name) => {
    if (name !== '' && !isDnsSubdomain(name)) return text('compute.subdomain.letters');
    return tooLong(name, SUBDOMAIN_MAX);
  },
});

/** Seconds. */
export const GRACE_PERIOD = numberField('grace-period', [...GUEST, 'terminationGracePeriodSeconds']);

export const START_PAUSED = field<boolean>({
  id: 'start-paused',
  paths: ['spec.template.spec.startStrategy'],
  read: (vm) => wordAt(vm, [...GUEST, 'startStrategy']) === 'Paused',
  write: (vm, value) => withValueAt(vm, [...GUEST, 'startStrategy'], value ? 'Paused' : undefined),
});

export const DELETE_PROTECTION = field<boolean>({
  id: 'delete-protection',
  paths: [[...LABELS, PROTECTION_LABEL].join('.')],
  read: (vm) => wordAt(vm, [...LABELS, PROTECTION_LABEL]) === 'True',
  write: (vm, value) => withValueAt(vm, [...LABELS, PROTECTION_LABEL], value ? 'True' : undefined),
});

export const GENERAL_FIELDS: readonly Field<unknown>[] = [
  NAME,
  DESCRIPTION,
  FOLDER,
  RUN_STRATEGY,
  HOSTNAME,
  SUBDOMAIN,
  GRACE_PERIOD,
  START_PAUSED,
  DELETE_PROTECTION,
];

function tooLong(name: string, limit: number): Text | undefined {
  return name.length > limit ? text('compute.problem.long', { length: name.length, limit }) : undefined;
}
