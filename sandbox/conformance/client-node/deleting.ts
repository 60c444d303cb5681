import assert from 'node:assert/strict';
import { configMap, deployment } from '../manifests';
import { type Chapter, eventually } from '../operation';
import { type NodeClient, refused } from './client';

/** Makes a deployment and waits for its replica set, of which the uid. */
async function deployed({ apps, namespace }: NodeClient, name: string): Promise<void> {
  await apps.createNamespacedDeployment({ namespace, body: deployment(name, 1) });
  await eventually(async () => (await replicaSets({ apps, namespace }, name)).length > 0, 'a replica set');
}

const replicaSets = async ({ apps, namespace }: Pick<NodeClient, 'apps' | 'namespace'>, name: string) =>
  (await apps.listNamespacedReplicaSet({ namespace, labelSelector: `app=${name}` })).items;

export const deleting: Chapter<NodeClient> = {
  title: 'Deletion',
  operations: [
    {
      name: 'propagationPolicy=Background',
      async run(client) {
        await deployed(client, 'behind');
        const { apps, namespace } = client;
        await apps.deleteNamespacedDeployment({ name: 'behind', namespace, propagationPolicy: 'Background' });
        await refused(apps.readNamespacedDeployment({ name: 'behind', namespace }), 404);
        await eventually(async () => (await replicaSets(client, 'behind')).length === 0, 'its collection');
      },
    },
    {
      name: 'propagationPolicy=Foreground',
      async run(client) {
        await deployed(client, 'first-theirs');
        const { apps, namespace } = client;
        const target = { name: 'first-theirs', namespace };
        await apps.deleteNamespacedDeployment({ ...target, propagationPolicy: 'Foreground' });
        await eventually(
          () =>
            apps.readNamespacedDeployment(target).then(
              () => false,
              ({ code }) => code === 404,
            ),
          'the end of the deployment',
        );
        assert.deepEqual(await replicaSets(client, 'first-theirs'), []);
      },
    },
    {
      name: 'propagationPolicy=Orphan',
      async run(client) {
        await deployed(client, 'left');
        const { apps, namespace } = client;
        const target = { name: 'left', namespace };
        await apps.deleteNamespacedDeployment({ ...target, propagationPolicy: 'Orphan' });
        await eventually(
          () =>
            apps.readNamespacedDeployment(target).then(
              () => false,
              ({ code }) => code === 404,
            ),
          'the end of the deployment',
        );
        const [orphan] = await replicaSets(client, 'left');
        assert.ok(orphan && !orphan.metadata?.ownerReferences?.length);
      },
    },
    {
      name: 'preconditions',
      async run({ core, namespace }) {
        const { metadata } = await core.createNamespacedConfigMap({ namespace, body: configMap('meant') });
        const target = { name: 'meant', namespace };
        await refused(
          core.deleteNamespacedConfigMap({ ...target, body: { preconditions: { uid: 'of-another' } } }),
          409,
          /Precondition failed: UID in precondition: of-another/,
        );
        await refused(
          core.deleteNamespacedConfigMap({ ...target, body: { preconditions: { resourceVersion: '1' } } }),
          409,
        );
        await core.deleteNamespacedConfigMap({
          ...target,
          body: { preconditions: { uid: metadata?.uid, resourceVersion: metadata?.resourceVersion } },
        });
        await refused(core.readNamespacedConfigMap(target), 404);
      },
    },
    {
      name: 'finalizers hold it',
      async run({ core, namespace }) {
        const target = { name: 'held', namespace };
        const finalizers = ['example.com/hold'];
        await core.createNamespacedConfigMap({ namespace, body: configMap('held', {}, { finalizers }) });
        await core.deleteNamespacedConfigMap(target);
        const held = await core.readNamespacedConfigMap(target);
        assert.ok(held.metadata?.deletionTimestamp);
        held.metadata.finalizers = [];
        await core.replaceNamespacedConfigMap({ ...target, body: held });
        await refused(core.readNamespacedConfigMap(target), 404);
      },
    },
    {
      name: 'delete with dryRun',
      async run({ core, namespace }) {
        const target = { name: 'stays', namespace };
        await core.createNamespacedConfigMap({ namespace, body: configMap('stays') });
        await core.deleteNamespacedConfigMap({ ...target, dryRun: 'All' });
        assert.ok((await core.readNamespacedConfigMap(target)).metadata?.uid);
      },
    },
    {
      name: 'delete a collection by labels',
      async run({ core, namespace }) {
        for (const [name, of] of [
          ['a', 'x'],
          ['b', 'x'],
          ['c', 'y'],
        ]) {
          const body = configMap(String(name), {}, { labels: { of } });
          await core.createNamespacedConfigMap({ namespace, body });
        }
        await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'of=x' });
        const { items } = await core.listNamespacedConfigMap({ namespace, labelSelector: 'of' });
        assert.deepEqual(
          items.map(({ metadata }) => metadata?.name),
          ['c'],
        );
      },
    },
  ],
};
