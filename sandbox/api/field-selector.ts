import { badRequest } from './errors';
import type { KubeObject } from './objects';
import { at } from './print-values';
import type { ResourceType } from './resource-type';

interface Term {
  field: string;
  value: string;
  negated: boolean;
}

export type FieldSelector = readonly Term[];

/** Fields that are read elsewhere than where they are called, or that have a value even when absent. */
const SPECIAL: Record<string, (object: KubeObject) => unknown> = {
  source: (event) => at(event, 'source', 'component'),
  'spec.unschedulable': (node) => at(node, 'spec', 'unschedulable') ?? false,
  'spec.hostNetwork': (pod) => at(pod, 'spec', 'hostNetwork') ?? false,
};

/**
 * Parses `a.b=c,d!=e`; only fields that the resource declares selectable are allowed.
 * @throws ApiError 400
 */
export function parseFieldSelector(text: string, type: ResourceType): FieldSelector {
  const terms: Term[] = [];
  for (const part of text.split(/(?<!\\),/)) {
    if (part === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field = '', operator, value = ''] = match;
    const known =
      field === 'metadata.name' ||
      (field === 'metadata.namespace' && type.namespaced) ||
      type.selectableFields.includes(field);
    if (!known) throw unknownField(field, type);
    terms.push({ field, value: value.replaceAll(/\\([\\,=])/g, '$1'), negated: operator === '!=' });
  }
  return terms;
}

/** Built-in kinds with field labels of their own. */
const LABELLED = new Set([
  'pods',
  'nodes',
  'namespaces',
  'secrets',
  'services',
  'events',
  'events.events.k8s.io',
  'replicationcontrollers',
]);

function unknownField(field: string, { custom, id, kind }: ResourceType) {
  if (custom || LABELLED.has(id)) return badRequest(`field label not supported: ${field}`);
  if (id === 'jobs.batch')
    return badRequest(`field label ${JSON.stringify(field)} not supported for ${kind}`);
  if (id === 'statefulsets.apps') return badRequest(`field label not supported for StatefulSet: ${field}`);
  return badRequest(
    `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

export function matchesFields(selector: FieldSelector, object: KubeObject): boolean {
  return selector.every(({ field, value, negated }) => {
    const found = SPECIAL[field]?.(object) ?? at(object, ...field.split('.')) ?? '';
    return (String(found) === value) !== negated;
  });
}

/** The one name that `metadata.name=x` pins the selection to. */
export function pinnedName(selector: FieldSelector): string | undefined {
  return selector.find(({ field, negated }) => field === 'metadata.name' && !negated)?.value;
}
