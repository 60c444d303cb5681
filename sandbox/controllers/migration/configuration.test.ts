import { describe, expect, it } from 'vitest';
import { type MigrationPolicy, matchPolicy } from './configuration';

type Labels = Record<string, string>;

function policy(name: string, vmi: Labels, namespace: Labels): MigrationPolicy {
  return {
    apiVersion: 'migrations.kubevirt.io/v1alpha1',
    kind: 'MigrationPolicy',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
    spec: { selectors: { virtualMachineInstanceSelector: vmi, namespaceSelector: namespace } },
  };
}

describe('the policy of a migration', () => {
  const labels = { app: 'db', tier: 'gold' };
  const namespace = { team: 'red' };

  it.each([
    ['all labels must match', [policy('a', { app: 'web' }, {})], undefined],
    ['one without selectors matches nothing', [policy('a', {}, {})], undefined],
    [
      'the most matching labels win',
      [policy('a', { app: 'db' }, {}), policy('b', { app: 'db' }, { team: 'red' })],
      'b',
    ],
    [
      "the instance's labels count more than the namespace's",
      [policy('a', {}, { team: 'red' }), policy('b', { app: 'db' }, {})],
      'b',
    ],
    [
      'between equals the first name decides',
      [policy('z', { app: 'db' }, {}), policy('b', { tier: 'gold' }, {})],
      'b',
    ],
  ])('%s', (_, policies, expected) => {
    expect(matchPolicy(policies, labels, namespace)?.metadata.name).toBe(expected);
  });
});
