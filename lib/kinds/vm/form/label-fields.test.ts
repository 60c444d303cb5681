import { describe, expect, it } from 'vitest';
import { ANNOTATIONS, LABEL_FIELDS, LABELS } from './label-fields';
import { expectFieldsToKeep } from './testing';

describe('labels and annotations', () => {
  it('leave every VM as it is when what was read is written', () => {
    expectFieldsToKeep(LABEL_FIELDS, [{ metadata: { labels: { app: 'web', odd: true } } }]);
  });

  it('keeps what kubectl keeps for itself out of sight', () => {
    const last = 'kubectl.kubernetes.io/last-applied-configuration';
    const vm = { metadata: { annotations: { [last]: '{}', note: 'x' } } };
    expect(ANNOTATIONS.read(vm)).toEqual({ note: 'x' });
    expect(ANNOTATIONS.write(vm, { note: 'y' })).toEqual({
      metadata: { annotations: { [last]: '{}', note: 'y' } },
    });
    expect(ANNOTATIONS.write(vm, {})).toEqual({ metadata: { annotations: { [last]: '{}' } } });
  });

  it('says what Kubernetes does not take', () => {
    expect(LABELS.problem?.({ 'a b': 'x' }, {})?.key).toBe('tree.problem.labelKey');
    expect(LABELS.problem?.({ a: 'no spaces' }, {})?.key).toBe('tree.problem.labelValue');
    expect(ANNOTATIONS.problem?.({ a: 'spaces are fine' }, {})).toBeUndefined();
    expect(ANNOTATIONS.problem?.({ a: 'x'.repeat(300_000) }, {})?.key).toBe('devices.labels.tooMuch');
  });
});
