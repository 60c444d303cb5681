import { describe, expect, it } from 'vitest';
import type { ServedKind } from '@/lib/k8s/kinds';
import { groupKinds } from './kinds';

const kind = (group: string, version: string, name: string, more: Partial<ServedKind> = {}): ServedKind => ({
  group,
  version,
  kind: name,
  plural: `${name.toLowerCase()}s`,
  namespaced: true,
  verbs: ['get', 'list'],
  isPreferred: true,
  ...more,
});

describe('the kinds of a cluster', () => {
  const kinds = [
    kind('apps', 'v1', 'Deployment'),
    kind('', 'v1', 'Secret'),
    kind('', 'v1', 'ConfigMap'),
    kind('kubevirt.io', 'v1alpha3', 'VirtualMachine', { isPreferred: false }),
    kind('kubevirt.io', 'v1', 'VirtualMachine'),
    kind('cdi.kubevirt.io', 'v1beta1', 'DataVolume'),
    kind('authorization.k8s.io', 'v1', 'SubjectAccessReview', { verbs: ['create'] }),
  ];

  it('stand once each, KubeVirt’s first, without what is only asked', () => {
    expect(
      groupKinds(kinds, '').map(({ group, entries }) => [group, entries.map((each) => each.kind.kind)]),
    ).toEqual([
      ['kubevirt.io', ['VirtualMachine']],
      ['cdi.kubevirt.io', ['DataVolume']],
      ['', ['ConfigMap', 'Secret']],
      ['apps', ['Deployment']],
    ]);
    expect(groupKinds(kinds, '')[0]?.entries[0]).toMatchObject({
      kind: { version: 'v1' },
      otherVersions: ['v1alpha3'],
    });
  });

  it('are found by words of kind, plural and group', () => {
    expect(groupKinds(kinds, 'kubevirt vol').flatMap(({ entries }) => entries)).toHaveLength(1);
    expect(groupKinds(kinds, 'secrets').flatMap(({ entries }) => entries)).toHaveLength(1);
    expect(groupKinds(kinds, 'nothing')).toEqual([]);
  });
});
