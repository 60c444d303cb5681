import {
  isJsonObject,
  type JsonObject,
  type JsonPath,
  mappingsAt,
  valueAt,
  withValueAt,
  wordAt,
} from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

export const AFFINITY_KINDS = ['nodeAffinity', 'podAffinity', 'podAntiAffinity'] as const;
export type AffinityKind = (typeof AFFINITY_KINDS)[number];

/** One condition on labels. */
export interface Expression {
  key: string;
  operator: string;
  values: string[];
  /** It stands in `matchLabels` and stays there while it asks for one value. */
  isPair: boolean;
}

/** One rule of an affinity, with where it stands; what a form doesn't know of it stays. */
export interface AffinityRule {
  kind: AffinityKind;
  isRequired: boolean;
  /** Inside of the affinity. */
  path: JsonPath;
  /** 1 to 100, of a preferred rule. */
  weight: number | undefined;
  expressions: Expression[];
  /** The label of nodes whose value they share or must not share; of rules about other VMs. */
  topologyKey: string;
  /** Names of what else it says, to be seen in the manifest alone. */
  more: string[];
}

/** The rules of an affinity in the order in which they stand. What is not shaped as the API wants it is left out. */
export function affinityRules(affinity: unknown): AffinityRule[] {
  return AFFINITY_KINDS.flatMap((kind) =>
    [true, false].flatMap((isRequired) => {
      const at = listPath(kind, isRequired);
      const list = valueAt(affinity, at);
      return (Array.isArray(list) ? list : []).flatMap((entry, index) =>
        isJsonObject(entry) ? [ruleOf(kind, isRequired, [...at, index], entry)] : [],
      );
    }),
  );
}

function listPath(kind: AffinityKind, isRequired: boolean): string[] {
  if (!isRequired) return [kind, PREFERRED];
  return kind === 'nodeAffinity' ? [kind, REQUIRED, 'nodeSelectorTerms'] : [kind, REQUIRED];
}

/** Where the conditions stand inside of an entry of the list. */
function termPath(kind: AffinityKind, isRequired: boolean): string[] {
  if (isRequired) return [];
  return [kind === 'nodeAffinity' ? 'preference' : 'podAffinityTerm'];
}

function selectorPath({ kind, isRequired }: Pick<AffinityRule, 'kind' | 'isRequired'>): string[] {
  const term = termPath(kind, isRequired);
  return kind === 'nodeAffinity' ? term : [...term, 'labelSelector'];
}

function ruleOf(kind: AffinityKind, isRequired: boolean, path: JsonPath, entry: JsonObject): AffinityRule {
  const termAt = termPath(kind, isRequired);
  const selectorAt = selectorPath({ kind, isRequired });
  const pairs = kind === 'nodeAffinity' ? undefined : valueAt(entry, [...selectorAt, 'matchLabels']);
  const weight = valueAt(entry, ['weight']);
  const known = ['matchExpressions', 'labelSelector', 'topologyKey'];
  const term = valueAt(entry, termAt);
  return {
    kind,
    isRequired,
    path,
    weight: typeof weight === 'number' ? weight : undefined,
    expressions: [
      ...Object.entries(isJsonObject(pairs) ? pairs : {}).map(([key, value]) => ({
        key,
        operator: 'In',
        values: [String(value)],
        isPair: true,
      })),
      ...mappingsAt(entry, [...selectorAt, 'matchExpressions']).map((each) => {
        const values = valueAt(each, ['values']);
        return {
          key: wordAt(each, ['key']),
          operator: wordAt(each, ['operator']),
          values: Array.isArray(values) ? values.map(String) : [],
          isPair: false,
        };
      }),
    ],
    topologyKey: wordAt(entry, [...termAt, 'topologyKey']),
    more: isJsonObject(term) ? Object.keys(term).filter((key) => !known.includes(key)) : [],
  };
}

/** The affinity with one rule as it is given; `before` is the rule as it was read. */
export function withRule(affinity: unknown, rule: AffinityRule): JsonObject {
  const root = isJsonObject(affinity) ? affinity : {};
  const selector = [...rule.path, ...selectorPath(rule)];
  const isPair = (each: Expression) => each.isPair && each.operator === 'In' && each.values.length === 1;
  const pairs = rule.expressions.filter(isPair);
  const others = rule.expressions.filter((each) => !isPair(each));
  const written: [JsonPath, unknown][] = [
    [
      [...selector, 'matchExpressions'],
      others.length > 0
        ? others.map(({ key, operator, values }) => ({
            key,
            operator,
            ...(values.length > 0 ? { values } : {}),
          }))
        : undefined,
    ],
  ];
  if (rule.kind !== 'nodeAffinity') {
    written.push(
      [
        [...selector, 'matchLabels'],
        pairs.length > 0 ? Object.fromEntries(pairs.map(({ key, values }) => [key, values[0]])) : undefined,
      ],
      [[...rule.path, ...termPath(rule.kind, rule.isRequired), 'topologyKey'], rule.topologyKey || undefined],
    );
  }
  if (!rule.isRequired) written.push([[...rule.path, 'weight'], rule.weight]);
  return written.reduce<JsonObject>((before, [path, value]) => withValueAt(before, path, value), root);
}

/** The affinity with a new rule, which asks for nothing yet (the API refuses it until it does). */
export function withNewRule(affinity: unknown, kind: AffinityKind, isRequired: boolean): JsonObject {
  const root = isJsonObject(affinity) ? affinity : {};
  const at = listPath(kind, isRequired);
  const list = valueAt(root, at);
  const length = Array.isArray(list) ? list.length : 0;
  const filled = withValueAt(root, [...at, length], isRequired ? {} : { weight: 100 });
  return withRule(filled, {
    kind,
    isRequired,
    path: [...at, length],
    weight: isRequired ? undefined : 100,
    expressions: [NEW_EXPRESSION],
    topologyKey: kind === 'nodeAffinity' ? '' : 'kubernetes.io/hostname',
    more: [],
  });
}

export const NEW_EXPRESSION: Expression = { key: '', operator: 'In', values: [], isPair: false };

/** The affinity without a rule, and without the lists and mappings that only it kept; undefined when nothing is left. */
export function withoutRule(affinity: unknown, rule: AffinityRule): JsonObject | undefined {
  const at = rule.path.slice(0, -1);
  const list = valueAt(affinity, at);
  if (!isJsonObject(affinity) || !Array.isArray(list)) return undefined;
  const rest = list.filter((_, index) => index !== rule.path.at(-1));
  const left = withValueAt(affinity, at, rest.length > 0 ? rest : undefined);
  return Object.keys(left).length > 0 ? left : undefined;
}

/** The affinity with a rule that must hold made one that should, or the other way round; it goes to the end. */
export function withStrength(affinity: unknown, rule: AffinityRule, isRequired: boolean): JsonObject {
  const term = valueAt(affinity, [...rule.path, ...termPath(rule.kind, rule.isRequired)]);
  const rest = withoutRule(affinity, rule) ?? {};
  const at = listPath(rule.kind, isRequired);
  const list = valueAt(rest, at);
  const [wrapper] = termPath(rule.kind, isRequired);
  const entry = wrapper === undefined ? term : { weight: 100, [wrapper]: term };
  return withValueAt(rest, [...at, Array.isArray(list) ? list.length : 0], entry);
}

const NODE_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];

/** What a rule may ask of labels. */
export function operatorsOf(kind: AffinityKind): string[] {
  return kind === 'nodeAffinity' ? NODE_OPERATORS : NODE_OPERATORS.slice(0, 4);
}

/** Whether a condition names values. */
export function takesValues(operator: string): boolean {
  return operator !== 'Exists' && operator !== 'DoesNotExist';
}

/** What the API would refuse of an affinity's rules, or undefined. */
export function affinityProblem(affinity: unknown): Text | undefined {
  for (const rule of affinityRules(affinity)) {
    for (const { key, operator, values } of rule.expressions) {
      if (key === '') return text('scheduling.affinity.noKey');
      if (takesValues(operator) && values.length === 0) return text('scheduling.affinity.noValues', { key });
      if (!takesValues(operator) && values.length > 0)
        return text('scheduling.affinity.tooManyValues', { key });
    }
    if (rule.kind !== 'nodeAffinity' && rule.topologyKey === '')
      return text('scheduling.affinity.noTopology');
    const { weight } = rule;
    const isWeight = weight !== undefined && Number.isInteger(weight) && weight >= 1 && weight <= 100;
    if (!rule.isRequired && !isWeight) return text('scheduling.affinity.weight');
  }
  return undefined;
}
