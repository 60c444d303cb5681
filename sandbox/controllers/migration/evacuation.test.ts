import { expect, it } from 'vitest';
import { condition, instance } from '../testing';
import type { Node, VirtualMachineInstance } from '../types';
import { DEFAULT_MIGRATIONS } from './configuration';
import { planEvacuation } from './evacuation';

const node = (drained: boolean): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1', uid: 'n', resourceVersion: '1', creationTimestamp: '' },
  spec: drained ? { taints: [{ key: 'kubevirt.io/drain', effect: 'NoSchedule' }] } : {},
});

function vmi(
  name: string,
  { strategy = '', marked = false, migratable = true } = {},
): VirtualMachineInstance {
  const made = instance({
    phase: 'Running',
    conditions: [condition('LiveMigratable', migratable ? 'True' : 'False')],
    spec: strategy ? { evictionStrategy: strategy } : {},
  });
  return {
    ...made,
    metadata: { ...made.metadata, name },
    status: { ...made.status, nodeName: 'node-1', ...(marked ? { evacuationNodeName: 'node-1' } : {}) },
  };
}

function plan(instances: VirtualMachineInstance[], drained = true) {
  const facts = { node: node(drained), instances, migrations: [], options: DEFAULT_MIGRATIONS };
  const { start, stuck, more } = planEvacuation({ ...facts, strategy: 'None' });
  const names = (list: VirtualMachineInstance[]) => list.map(({ metadata }) => metadata.name);
  return { start: names(start), stuck: names(stuck), more };
}

it('a drain moves those whose strategy says so, and nobody without a drain', () => {
  const all = [
    vmi('moves', { strategy: 'LiveMigrate' }),
    vmi('stays'),
    vmi('other', { strategy: 'External' }),
  ];
  expect(plan(all).start).toEqual(['moves']);
  expect(plan(all, false).start).toEqual([]);
});

it('an eviction moves what it marked', () => {
  expect(plan([vmi('asked', { marked: true }), vmi('not')], false).start).toEqual(['asked']);
});

it('two leave at the same time, the rest wait, and what cannot move is told', () => {
  const three = ['a', 'b', 'c'].map((name) => vmi(name, { strategy: 'LiveMigrate' }));
  expect(plan(three)).toEqual({ start: ['a', 'b'], stuck: [], more: true });
  const fixed = vmi('fixed', { strategy: 'LiveMigrate', migratable: false });
  const perhaps = vmi('perhaps', { strategy: 'LiveMigrateIfPossible', migratable: false });
  expect(plan([fixed, perhaps])).toEqual({ start: [], stuck: ['fixed'], more: false });
});
