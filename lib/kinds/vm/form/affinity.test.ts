import { describe, expect, it } from 'vitest';
import {
  AFFINITY_KINDS,
  affinityProblem,
  affinityRules,
  NEW_EXPRESSION,
  withNewRule,
  withoutRule,
  withRule,
  withStrength,
} from './affinity';

const AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] },
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] },
      ],
    },
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 10, preference: { matchExpressions: [{ key: 'zone', operator: 'Exists' }] } },
    ],
  },
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        labelSelector: {
          matchLabels: { app: 'db' },
          matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }],
        },
        topologyKey: 'kubernetes.io/hostname',
        namespaces: ['other'],
      },
    ],
  },
};

describe('rules of an affinity', () => {
  it('are read with what only the manifest shows', () => {
    const rules = affinityRules(AFFINITY);
    expect(rules.map(({ kind, isRequired, more }) => [kind, isRequired, more])).toEqual([
      ['nodeAffinity', true, []],
      ['nodeAffinity', true, ['matchFields']],
      ['nodeAffinity', false, []],
      ['podAntiAffinity', true, ['namespaces']],
    ]);
    expect(rules[3]?.expressions).toEqual([
      { key: 'app', operator: 'In', values: ['db'], isPair: true },
      { key: 'tier', operator: 'DoesNotExist', values: [], isPair: false },
    ]);
  });

  it('stay as they are when they are written as they were read', () => {
    for (const rule of affinityRules(AFFINITY)) expect(withRule(AFFINITY, rule)).toEqual(AFFINITY);
  });

  it('move out of matchLabels when one value is not enough, and keep what the form does not know', () => {
    const rule = affinityRules(AFFINITY)[3];
    if (!rule) throw new Error('no rule');
    const [app, ...rest] = rule.expressions;
    if (!app) throw new Error('no expression');
    const changed = withRule(AFFINITY, {
      ...rule,
      expressions: [{ ...app, values: ['db', 'cache'] }, ...rest],
    });
    expect(changed.podAntiAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          labelSelector: {
            matchExpressions: [
              { key: 'app', operator: 'In', values: ['db', 'cache'] },
              { key: 'tier', operator: 'DoesNotExist' },
            ],
          },
          topologyKey: 'kubernetes.io/hostname',
          namespaces: ['other'],
        },
      ],
    });
  });

  it('come and go without a trace', () => {
    for (const kind of AFFINITY_KINDS) {
      for (const isRequired of [true, false]) {
        const added = withNewRule(undefined, kind, isRequired);
        const [rule] = affinityRules(added);
        expect(rule).toMatchObject({ kind, isRequired, expressions: [NEW_EXPRESSION] });
        expect(affinityProblem(added)?.key).toBe('scheduling.affinity.noKey');
        expect(rule && withoutRule(added, rule)).toBeUndefined();
        const both = withNewRule(AFFINITY, kind, isRequired);
        const last = affinityRules(both)
          .filter((each) => each.kind === kind && each.isRequired === isRequired)
          .at(-1);
        expect(last && withoutRule(both, last)).toEqual(AFFINITY);
      }
    }
  });

  it('change between must and should with all that they say', () => {
    const rule = affinityRules(AFFINITY)[3];
    if (!rule) throw new Error('no rule');
    const soft = withStrength(AFFINITY, rule, false);
    const [moved] = affinityRules(soft).filter(({ kind }) => kind === 'podAntiAffinity');
    expect(moved).toMatchObject({
      isRequired: false,
      weight: 100,
      more: ['namespaces'],
      topologyKey: rule.topologyKey,
    });
    expect(moved && withStrength(soft, moved, true)).toEqual(AFFINITY);
  });

  it('are none where something odd stands', () => {
    for (const odd of [undefined, null, 'odd', [], { nodeAffinity: 'x' }, { podAffinity: { odd: 1 } }])
      expect(affinityRules(odd)).toEqual([]);
  });

  it('say what the API would refuse', () => {
    expect(affinityProblem(AFFINITY)).toBeUndefined();
    const [rule] = affinityRules(AFFINITY);
    if (!rule) throw new Error('no rule');
    const with1 = (operator: string, ...values: string[]) =>
      affinityProblem(
        withRule(AFFINITY, { ...rule, expressions: [{ key: 'disk', operator, values, isPair: false }] }),
      )?.key;
    expect(with1('In')).toBe('scheduling.affinity.noValues');
    expect(with1('Exists', 'x')).toBe('scheduling.affinity.tooManyValues');
    const preferred = affinityRules(AFFINITY)[2];
    expect(preferred && affinityProblem(withRule(AFFINITY, { ...preferred, weight: 0 }))?.key).toBe(
      'scheduling.affinity.weight',
    );
  });
});
