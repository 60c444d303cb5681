import assert from 'node:assert/strict';
import { PatchStrategy } from '@kubernetes/client-node';
import { configMap, deployment } from '../manifests';
import { type Chapter, eventually } from '../operation';
import { asPatch, type NodeClient, refused } from './client';

const { JsonPatch, MergePatch, StrategicMergePatch, ServerSideApply } = PatchStrategy;

export const writing: Chapter<NodeClient> = {
  title: 'Changes',
  operations: [
    {
      name: 'JSON patch',
      async run({ core, namespace }) {
        const target = { name: 'patched', namespace };
        await core.createNamespacedConfigMap({ namespace, body: configMap('patched') });
        const body = [
          { op: 'test', path: '/data/a', value: 'b' },
          { op: 'replace', path: '/data/a', value: 'c' },
        ];
        await core.patchNamespacedConfigMap({ ...target, body }, asPatch(JsonPatch));
        assert.deepEqual((await core.readNamespacedConfigMap(target)).data, { a: 'c' });
        await refused(
          core.patchNamespacedConfigMap({ ...target, body }, asPatch(JsonPatch)),
          422,
          /the server rejected our request due to an error in our request|test/,
        );
      },
    },
    {
      name: 'merge patch',
      async run({ core, namespace }) {
        const target = { name: 'patched', namespace };
        await core.createNamespacedConfigMap({ namespace, body: configMap('patched', { a: 'b', c: 'd' }) });
        const body = { data: { a: null, e: 'f' } };
        await core.patchNamespacedConfigMap({ ...target, body }, asPatch(MergePatch));
        assert.deepEqual((await core.readNamespacedConfigMap(target)).data, { c: 'd', e: 'f' });
      },
    },
    {
      name: 'strategic merge patch',
      async run({ apps, namespace }) {
        const target = { name: 'patched', namespace };
        await apps.createNamespacedDeployment({ namespace, body: deployment('patched', 0) });
        const body = { spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox' }] } } } };
        await apps.patchNamespacedDeployment({ ...target, body }, asPatch(StrategicMergePatch));
        const { spec } = await apps.readNamespacedDeployment(target);
        const containers = spec?.template.spec?.containers.map(({ name }) => name);
        assert.deepEqual(containers?.sort(), ['c', 'side']);
      },
    },
    {
      name: 'strategic merge patch of a custom object',
      async run(client) {
        const { custom, namespace } = client;
        const target = { group: 'kubevirt.io', version: 'v1', plural: 'virtualmachines', namespace };
        await refused(
          custom.patchNamespacedCustomObject(
            { ...target, name: 'any', body: {} },
            asPatch(StrategicMergePatch),
          ),
          415,
        );
      },
    },
    {
      name: 'server-side apply, its owners, a conflict and force',
      async run({ core, namespace }) {
        const apply = (value: string, fieldManager: string, force?: boolean) =>
          core.patchNamespacedConfigMap(
            { name: 'applied', namespace, body: configMap('applied', { a: value }), fieldManager, force },
            asPatch(ServerSideApply),
          );
        await apply('1', 'first');
        const { details } = await refused(apply('2', 'second'), 409, /conflict with "first".*: \.data\.a/);
        assert.equal(details.causes[0].reason, 'FieldManagerConflict');
        const { data, metadata } = await apply('2', 'second', true);
        assert.deepEqual(data, { a: '2' });
        const owners = metadata?.managedFields?.filter(({ fieldsV1 }) =>
          JSON.stringify(fieldsV1).includes('f:a'),
        );
        assert.deepEqual(
          owners?.map(({ manager, operation }) => [manager, operation]),
          [['second', 'Apply']],
        );
      },
    },
    {
      name: 'replace with a stale resourceVersion',
      async run({ core, namespace }) {
        const stale = await core.createNamespacedConfigMap({ namespace, body: configMap('raced') });
        const target = { name: 'raced', namespace };
        await core.replaceNamespacedConfigMap({ ...target, body: { ...stale, data: { a: 'first' } } });
        await refused(
          core.replaceNamespacedConfigMap({ ...target, body: { ...stale, data: { a: 'second' } } }),
          409,
          /the object has been modified; please apply your changes to the latest version/,
        );
        assert.deepEqual((await core.readNamespacedConfigMap(target)).data, { a: 'first' });
      },
    },
    {
      name: 'patch with dryRun',
      async run({ core, namespace }) {
        const target = { name: 'dry', namespace };
        await core.createNamespacedConfigMap({ namespace, body: configMap('dry') });
        const shown = await core.patchNamespacedConfigMap(
          { ...target, body: { data: { a: 'z' } }, dryRun: 'All' },
          asPatch(MergePatch),
        );
        assert.deepEqual(shown.data, { a: 'z' });
        assert.deepEqual((await core.readNamespacedConfigMap(target)).data, { a: 'b' });
      },
    },
    {
      name: 'a Deployment and its scale',
      async run({ apps, core, namespace }) {
        const target = { name: 'web', namespace };
        await apps.createNamespacedDeployment({ namespace, body: deployment('web', 1) });
        const ready = (count: number) =>
          eventually(async () => {
            const { status } = await apps.readNamespacedDeployment(target);
            const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
            return (status?.readyReplicas ?? 0) === count && items.length === count;
          }, `${count} replicas`);
        await ready(1);
        const scale = await apps.readNamespacedDeploymentScale(target);
        assert.deepEqual([scale.spec?.replicas, scale.status?.selector], [1, 'app=web']);
        await apps.replaceNamespacedDeploymentScale({ ...target, body: { ...scale, spec: { replicas: 3 } } });
        await ready(3);
        await apps.patchNamespacedDeploymentScale(
          { ...target, body: { spec: { replicas: 2 } } },
          asPatch(MergePatch),
        );
        await ready(2);
      },
    },
  ],
};
