import { describe, expect, it } from 'vitest';
import type { Found } from '@/lib/k8s/discovery';
import { planManifests, summarize } from './plan';
import { readManifests } from './read';

const found = new Map<string, Found>([
  [
    'kubevirt.io/v1 VirtualMachine',
    {
      found: true,
      resource: {
        group: 'kubevirt.io',
        version: 'v1',
        plural: 'virtualmachines',
        kind: 'VirtualMachine',
        namespaced: true,
      },
    },
  ],
  [
    'v1 Namespace',
    {
      found: true,
      resource: { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false },
    },
  ],
  ['kubevirt.io/v1 VirtualMachin', { found: false, missing: 'kind', similar: ['VirtualMachine'] }],
  ['kubevirt.io/v9 VirtualMachine', { found: false, missing: 'version', versions: ['kubevirt.io/v1'] }],
  ['example.com/v1 Thing', { found: false, missing: 'group' }],
]);
const vm = (name: string, namespace = '') =>
  `apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  name: ${name}\n${namespace && `  namespace: ${namespace}\n`}---\n`;
const namespace = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n---\n`;
const plan = (content: string) => planManifests(readManifests(content), found, 'team-a');

describe('planManifests', () => {
  it('puts what names no namespace into the chosen one', () => {
    expect(plan(vm('a') + vm('b', 'team-b')).steps.map((step) => step.namespace)).toEqual([
      'team-a',
      'team-b',
    ]);
  });

  it('asks for the namespaces that no earlier document makes', () => {
    expect(plan(vm('a', 'x') + namespace('y') + vm('b', 'y') + vm('c', 'x')).namespaces).toEqual(['x']);
    expect(plan(vm('b', 'y') + namespace('y')).namespaces).toEqual(['y']);
  });

  it.each([
    ['kubevirt.io/v1', 'VirtualMachin', 'unknownKindSimilar', 2],
    ['kubevirt.io/v9', 'VirtualMachine', 'unknownVersion', 1],
    ['example.com/v1', 'Thing', 'unknownGroup', 1],
  ])('says what the cluster does not know: %s %s', (apiVersion, kind, key, line) => {
    const { steps, problems } = plan(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: a\n`);
    expect(steps).toEqual([]);
    expect(problems).toMatchObject([
      { severity: 'error', message: { key: `yaml.problem.${key}` }, range: { line } },
    ]);
  });

  it('warns of a namespace on what has none', () => {
    const { steps, problems } = plan(
      'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  namespace: b\n',
    );
    expect(problems).toMatchObject([{ severity: 'warning', range: { line: 5 } }]);
    expect(steps[0]?.namespace).toBeUndefined();
  });
});

describe('summarize', () => {
  it('counts by kind and namespace', () => {
    const { steps } = plan(vm('a') + vm('b') + vm('c', 'x') + namespace('y'));
    expect(summarize(steps, ['x'])).toEqual([
      { count: 2, kinds: 'Namespaces', namespace: undefined },
      { count: 2, kinds: 'VirtualMachines', namespace: 'team-a' },
      { count: 1, kinds: 'VirtualMachine', namespace: 'x' },
    ]);
  });
});
