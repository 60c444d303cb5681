import assert from 'node:assert/strict';
import { makeInformer, Watch } from '@kubernetes/client-node';
import { configMap } from '../manifests';
import { type Chapter, eventually } from '../operation';
import type { NodeClient } from './client';

type Query = Parameters<Watch['watch']>[1];

interface Seen {
  events: { type: string; name: string; version: string; code?: number }[];
  ended?: { error: unknown };
  stop(): void;
}

const pathOf = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`;

async function follow({ config, namespace }: NodeClient, query: Query): Promise<Seen> {
  const seen: Seen = { events: [], stop: () => {} };
  const request = await new Watch(config).watch(
    pathOf(namespace),
    query,
    (type, { metadata, code }) => {
      const { name = '', resourceVersion: version = '' } = metadata ?? {};
      seen.events.push({ type, name, version, ...(code ? { code } : {}) });
    },
    (error) => {
      seen.ended = { error };
    },
  );
  seen.stop = () => request.abort();
  return seen;
}

const versionOf = async ({ core, namespace }: NodeClient) =>
  (await core.listNamespacedConfigMap({ namespace })).metadata?.resourceVersion;

async function addChangeDelete({ core, namespace }: NodeClient, name: string): Promise<void> {
  await core.createNamespacedConfigMap({ namespace, body: configMap(name) });
  await core.replaceNamespacedConfigMap({ name, namespace, body: configMap(name, { a: 'c' }) });
  await core.deleteNamespacedConfigMap({ name, namespace });
}

const words = ({ events }: Seen, name: string) =>
  events.filter((event) => event.name === name).map(({ type }) => type);

const WHOLE_LIFE = ['ADDED', 'MODIFIED', 'DELETED'];

export const watching: Chapter<NodeClient> = {
  title: 'Watches',
  operations: [
    {
      name: 'Watch: events in order, and abort',
      async run(client) {
        const seen = await follow(client, { resourceVersion: await versionOf(client) });
        await addChangeDelete(client, 'followed');
        await eventually(async () => words(seen, 'followed').length === 3, 'three events');
        assert.deepEqual(words(seen, 'followed'), WHOLE_LIFE);
        seen.stop();
        await eventually(async () => seen.ended, 'the end of the watch');
      },
    },
    {
      name: 'Watch: resume at a version',
      async run(client) {
        const resourceVersion = await versionOf(client);
        await addChangeDelete(client, 'missed');
        const seen = await follow(client, { resourceVersion });
        await eventually(async () => words(seen, 'missed').length === 3, 'what was missed');
        assert.deepEqual(words(seen, 'missed'), WHOLE_LIFE);
        seen.stop();
      },
    },
    {
      name: 'Watch: timeoutSeconds and a bookmark',
      async run(client) {
        const seen = await follow(client, { allowWatchBookmarks: true, timeoutSeconds: 1 });
        await eventually(async () => seen.ended, 'the end by the server');
        assert.equal(seen.ended?.error, null);
        assert.equal(seen.events.at(-1)?.type, 'BOOKMARK');
      },
    },
    {
      name: 'Watch: sendInitialEvents',
      async run(client) {
        const { core, namespace } = client;
        await core.createNamespacedConfigMap({ namespace, body: configMap('there') });
        const seen = await follow(client, {
          sendInitialEvents: true,
          resourceVersionMatch: 'NotOlderThan',
          allowWatchBookmarks: true,
        });
        await eventually(async () => seen.events.some(({ type }) => type === 'BOOKMARK'), 'the bookmark');
        assert.deepEqual(words(seen, 'there'), ['ADDED']);
        seen.stop();
      },
    },
    {
      name: 'Watch: field and label selectors',
      async run(client) {
        const { core, namespace } = client;
        const seen = await follow(client, { labelSelector: 'in=yes' });
        const labels = { in: 'yes' };
        await core.createNamespacedConfigMap({ namespace, body: configMap('moves', {}, { labels }) });
        await core.replaceNamespacedConfigMap({ name: 'moves', namespace, body: configMap('moves') });
        await eventually(async () => seen.events.length === 2, 'it to come and go');
        assert.deepEqual(words(seen, 'moves'), ['ADDED', 'DELETED']);
        seen.stop();
      },
    },
    {
      name: 'Watch: 410 for a version long gone',
      async run(client) {
        const seen = await follow(client, { resourceVersion: '1' });
        await eventually(async () => seen.events.length > 0, 'the error');
        assert.deepEqual([seen.events[0]?.type, seen.events[0]?.code], ['ERROR', 410]);
        seen.stop();
      },
    },
    {
      name: 'makeInformer: callbacks and cache, beyond the end of its watch',
      // It ends the watches of all.
      alone: true,
      async run(client) {
        const { config, core, namespace, sandbox } = client;
        const told: string[] = [];
        const list = () => core.listNamespacedConfigMap({ namespace });
        const informer = makeInformer(config, pathOf(namespace), list);
        for (const verb of ['add', 'update', 'delete'] as const) {
          informer.on(verb, ({ metadata }) => told.push(`${verb} ${metadata?.name}`));
        }
        let broken = false;
        // The library leaves it to its user to start again after an error.
        informer.on('error', () => {
          broken = true;
        });
        await informer.start();
        await addChangeDelete(client, 'first');
        await eventually(async () => told.includes('delete first'), 'the first life');
        assert.deepEqual(
          told.filter((line) => line.endsWith(' first')),
          ['add first', 'update first', 'delete first'],
        );
        await sandbox.steer('POST', '/watches/drop', { resource: 'configmaps' });
        await core.createNamespacedConfigMap({ namespace, body: configMap('later') });
        await eventually(async () => {
          if (broken) {
            broken = false;
            await informer.start();
          }
          return informer.get('later', namespace);
        }, 'what came later');
        assert.equal(informer.list(namespace).filter(({ metadata }) => metadata?.name === 'first').length, 0);
        await informer.stop();
      },
    },
  ],
};
