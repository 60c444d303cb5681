import { isJsonObject, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { text } from '@/lib/text';
import { labelKeyProblem, labelValueProblem } from '../labels';
import { affinityProblem } from './affinity';
import { type Field, GUEST } from './field';
import { field, listField, pairsField, wordField } from './make-field';

export const NODE_SELECTOR = pairsField('node-selector', [...GUEST, 'nodeSelector'], {
  problem: (pairs) => {
    for (const [key, value] of Object.entries(pairs)) {
      const problem = labelKeyProblem(key) ?? labelValueProblem(value);
      if (problem) return problem;
    }
    return undefined;
  },
});

/** As it stands: `affinity.ts` knows its rules. */
export const AFFINITY = field<unknown>({
  id: 'affinity',
  paths: [[...GUEST, 'affinity'].join('.')],
  read: (vm) => valueAt(vm, [...GUEST, 'affinity']),
  write: (vm, value) => withValueAt(vm, [...GUEST, 'affinity'], value),
  problem: affinityProblem,
});

export const TOLERATIONS = listField('tolerations', [...GUEST, 'tolerations'], {
  problem: (list) => {
    for (const each of list) {
      if (!isJsonObject(each)) continue;
      const [key, operator, value] = ['key', 'operator', 'value'].map((part) => wordAt(each, [part]));
      if (key === '' && operator !== 'Exists') return text('scheduling.tolerations.noKey');
      if (operator === 'Exists' && value !== '')
        return text('scheduling.tolerations.noValue', { key: key ?? '' });
      if (each.tolerationSeconds !== undefined && wordAt(each, ['effect']) !== 'NoExecute')
        return text('scheduling.tolerations.seconds', { key: key ?? '' });
    }
    return undefined;
  },
  warning: (list) =>
    list.some((each) => isJsonObject(each) && !each.key && each.operator === 'Exists')
      ? text('scheduling.tolerations.all')
      : undefined,
});

/** What the API knows; empty leaves it to the cluster. */
export const EVICTION_STRATEGIES = ['LiveMigrate', 'LiveMigrateIfPossible', 'None', 'External'] as const;
export const EVICTION_STRATEGY = wordField('eviction-strategy', [...GUEST, 'evictionStrategy']);
export const PRIORITY_CLASS = wordField('priority-class', [...GUEST, 'priorityClassName']);
export const SCHEDULER_NAME = wordField('scheduler', [...GUEST, 'schedulerName']);
/** Not edited by the form, which says how many there are. */
export const TOPOLOGY_SPREAD = listField('topology-spread', [...GUEST, 'topologySpreadConstraints']);

export const SCHEDULING_FIELDS: readonly Field<unknown>[] = [
  NODE_SELECTOR,
  AFFINITY,
  TOLERATIONS,
  EVICTION_STRATEGY,
  PRIORITY_CLASS,
  SCHEDULER_NAME,
  TOPOLOGY_SPREAD,
];

/** A toleration of a taint written as kubectl writes it: `key=value:effect`; without a value for any value. */
export function tolerationOf(typed: string): Record<string, string> {
  const [pair = '', effect = ''] = splitLast(typed.trim(), ':');
  const equals = pair.indexOf('=');
  const key = equals < 0 ? pair : pair.slice(0, equals);
  return {
    key,
    ...(equals < 0 ? { operator: 'Exists' } : { operator: 'Equal', value: pair.slice(equals + 1) }),
    ...(effect ? { effect } : {}),
  };
}

function splitLast(text: string, separator: string): [string, string] {
  const at = text.lastIndexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
