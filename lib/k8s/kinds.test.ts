import { describe, expect, it } from 'vitest';
import { type KindsCall, readKinds } from './kinds';

const answering =
  (answers: Record<string, unknown>): KindsCall =>
  async <T>(_: string, path: string) => {
    if (!(path in answers)) throw new Error(`Nothing at ${path}`);
    return { body: answers[path] as T, warnings: [] };
  };

describe('the kinds of a cluster', () => {
  it('come in one answer each for the core group and all others', async () => {
    const kinds = await readKinds(
      'lab',
      answering({
        '/api': {
          kind: 'APIGroupDiscoveryList',
          items: [
            {
              metadata: {},
              versions: [
                {
                  version: 'v1',
                  resources: [
                    {
                      resource: 'secrets',
                      responseKind: { kind: 'Secret' },
                      scope: 'Namespaced',
                      verbs: ['get', 'list'],
                    },
                    {
                      resource: 'bindings',
                      responseKind: { kind: 'Binding' },
                      scope: 'Namespaced',
                      verbs: null,
                    },
                  ],
                },
              ],
            },
          ],
        },
        '/apis': {
          kind: 'APIGroupDiscoveryList',
          items: [
            {
              metadata: { name: 'kubevirt.io' },
              versions: [
                {
                  version: 'v1',
                  resources: [
                    { resource: 'kubevirts', responseKind: { kind: 'KubeVirt' }, scope: 'Cluster' },
                  ],
                },
                {
                  version: 'v1alpha3',
                  resources: [{ resource: 'kubevirts', responseKind: { kind: 'KubeVirt' } }],
                },
              ],
            },
          ],
        },
      }),
    );
    expect(kinds).toMatchObject([
      {
        group: '',
        version: 'v1',
        plural: 'secrets',
        kind: 'Secret',
        namespaced: true,
        verbs: ['get', 'list'],
      },
      { plural: 'bindings', verbs: [] },
      { group: 'kubevirt.io', version: 'v1', kind: 'KubeVirt', namespaced: false, isPreferred: true },
      { version: 'v1alpha3', isPreferred: false },
    ]);
  });

  it('come group by group from older servers, without the groups that do not answer', async () => {
    const kinds = await readKinds(
      'lab',
      answering({
        '/api': { versions: ['v1'] },
        '/apis': {
          groups: [
            { name: 'apps', preferredVersion: { version: 'v1' }, versions: [{ version: 'v1' }] },
            { name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }] },
          ],
        },
        '/api/v1': { resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get'] }] },
        '/apis/apps/v1': {
          resources: [
            { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get'] },
            { name: 'deployments/scale', kind: 'Scale', namespaced: true },
          ],
        },
      }),
    );
    expect(kinds.map(({ kind, isPreferred }) => [kind, isPreferred])).toEqual([
      ['Pod', true],
      ['Deployment', true],
    ]);
  });
});
