import assert from 'node:assert/strict';
import { configMap, pod } from '../manifests';
import { type Chapter, eventually } from '../operation';
import { type NodeClient, refused } from './client';

async function severalMaps({ core, namespace }: NodeClient, count = 5): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const labels = { turn: String(index), even: String(index % 2 === 0) };
    await core.createNamespacedConfigMap({ namespace, body: configMap(`m-${index}`, {}, { labels }) });
  }
}

const names = ({ items }: { items: { metadata?: { name?: string } }[] }) =>
  items.map(({ metadata }) => metadata?.name);

export const reading: Chapter<NodeClient> = {
  title: 'Lists',
  operations: [
    {
      name: 'limit and continue',
      async run(client) {
        await severalMaps(client);
        const { core, namespace } = client;
        const seen: (string | undefined)[] = [];
        const versions = new Set<string | undefined>();
        let pages = 0;
        let _continue: string | undefined;
        do {
          const page = await core.listNamespacedConfigMap({ namespace, limit: 2, _continue });
          seen.push(...names(page));
          versions.add(page.metadata?.resourceVersion);
          _continue = page.metadata?._continue;
          pages += 1;
          // What comes between two pages is no part of the list.
          if (pages === 1) await core.createNamespacedConfigMap({ namespace, body: configMap('z-late') });
        } while (_continue);
        assert.deepEqual(
          seen.filter((name) => name !== 'kube-root-ca.crt'),
          ['m-0', 'm-1', 'm-2', 'm-3', 'm-4'],
        );
        assert.equal(versions.size, 1);
      },
    },
    {
      name: 'remainingItemCount',
      async run(client) {
        await severalMaps(client);
        const { core, namespace } = client;
        const { items } = await core.listNamespacedConfigMap({ namespace });
        const { metadata } = await core.listNamespacedConfigMap({ namespace, limit: 1 });
        assert.equal(metadata?.remainingItemCount, items.length - 1);
      },
    },
    {
      name: 'a continue token that nobody gave',
      async run({ core, namespace }) {
        await refused(
          core.listNamespacedConfigMap({ namespace, limit: 1, _continue: 'bm9uc2Vuc2U' }),
          400,
          /continue key is not valid/,
        );
      },
    },
    {
      name: 'label selectors',
      async run(client) {
        await severalMaps(client);
        const { core, namespace } = client;
        const found = async (labelSelector: string) =>
          names(await core.listNamespacedConfigMap({ namespace, labelSelector }));
        assert.deepEqual(await found('even=true'), ['m-0', 'm-2', 'm-4']);
        assert.deepEqual(await found('even,even!=true'), ['m-1', 'm-3']);
        assert.deepEqual(await found('turn in (1,2),even notin (true)'), ['m-1']);
        await refused(core.listNamespacedConfigMap({ namespace, labelSelector: 'a in' }), 400);
      },
    },
    {
      name: 'field selectors',
      async run(client) {
        await severalMaps(client, 2);
        const { core, namespace } = client;
        await core.createNamespacedPod({ namespace, body: pod('one') });
        await core.createNamespacedPod({ namespace, body: pod('two') });
        await eventually(
          async () =>
            (await core.listNamespacedPod({ namespace, fieldSelector: 'status.phase=Running' })).items
              .length === 2,
          'both pods by their phase',
        );
        assert.deepEqual(
          names(await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=m-1' })),
          ['m-1'],
        );
        await refused(
          core.listNamespacedConfigMap({ namespace, fieldSelector: 'data.a=b' }),
          400,
          /"data\.a" is not a known field selector: only "metadata\.name", "metadata\.namespace"/,
        );
      },
    },
    {
      name: 'all namespaces',
      async run(client) {
        await severalMaps(client, 1);
        const { items } = await client.core.listConfigMapForAllNamespaces({ labelSelector: 'turn=0' });
        assert.ok(items.some(({ metadata }) => metadata?.namespace === client.namespace));
      },
    },
    {
      name: 'resourceVersionMatch',
      async run(client) {
        const { core, namespace } = client;
        const { metadata } = await core.listNamespacedConfigMap({ namespace });
        await severalMaps(client, 1);
        const resourceVersion = metadata?.resourceVersion;
        const exact = await core.listNamespacedConfigMap({
          namespace,
          resourceVersion,
          resourceVersionMatch: 'Exact',
          limit: 100,
        });
        assert.ok(!names(exact).includes('m-0'));
        const fresh = await core.listNamespacedConfigMap({
          namespace,
          resourceVersion,
          resourceVersionMatch: 'NotOlderThan',
        });
        assert.ok(names(fresh).includes('m-0'));
      },
    },
  ],
};
