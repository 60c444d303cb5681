import { describe, expect, it } from 'vitest';
import { withValueAt } from '@/lib/k8s/json';
import { GUEST } from './field';
import { NODE_SELECTOR, SCHEDULING_FIELDS, TOLERATIONS, tolerationOf } from './scheduling-fields';
import { expectFieldsToKeep } from './testing';

describe('scheduling fields', () => {
  it('leave every VM as it is when what was read is written', () => {
    expectFieldsToKeep(SCHEDULING_FIELDS, [
      withValueAt({}, [...GUEST, 'nodeSelector'], { zone: 'a', odd: 3 }),
      withValueAt({}, [...GUEST, 'tolerations'], [{ key: 'gpu' }, 'odd']),
    ]);
  });

  it('keeps the order of a selector, and what is no text in it', () => {
    const vm = withValueAt({}, [...GUEST, 'nodeSelector'], { b: '1', odd: 3, a: '2' });
    const written = NODE_SELECTOR.write(vm, { a: '4', c: '5' });
    expect(written).toEqual(withValueAt({}, [...GUEST, 'nodeSelector'], { odd: 3, a: '4', c: '5' }));
    expect(NODE_SELECTOR.problem?.({ 'not a key': 'x' }, vm)?.key).toBe('tree.problem.labelKey');
    expect(NODE_SELECTOR.write(withValueAt({}, [...GUEST, 'nodeSelector'], { a: '1' }), {})).toEqual({});
  });

  it('reads tolerations as kubectl writes taints', () => {
    expect(tolerationOf('gpu=a100:NoSchedule')).toEqual({
      key: 'gpu',
      operator: 'Equal',
      value: 'a100',
      effect: 'NoSchedule',
    });
    expect(tolerationOf('gpu')).toEqual({ key: 'gpu', operator: 'Exists' });
    expect(tolerationOf('node.kubernetes.io/unschedulable:NoSchedule')).toEqual({
      key: 'node.kubernetes.io/unschedulable',
      operator: 'Exists',
      effect: 'NoSchedule',
    });
  });

  it('says which tolerations the API refuses, and which are for everything', () => {
    const problem = (...list: unknown[]) => TOLERATIONS.problem?.(list, {})?.key;
    expect(problem({ value: 'x' })).toBe('scheduling.tolerations.noKey');
    expect(problem({ key: 'a', operator: 'Exists', value: 'x' })).toBe('scheduling.tolerations.noValue');
    expect(problem({ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 })).toBe(
      'scheduling.tolerations.seconds',
    );
    expect(problem({ key: 'a', value: 'x', effect: 'NoSchedule' })).toBeUndefined();
    expect(TOLERATIONS.warning?.([{ operator: 'Exists' }], {})?.key).toBe('scheduling.tolerations.all');
  });
});
