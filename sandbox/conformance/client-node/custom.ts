import assert from 'node:assert/strict';
import { ApiextensionsV1Api, PatchStrategy } from '@kubernetes/client-node';
import { testVm } from '../../testing';
import { configMap, definition } from '../manifests';
import { type Chapter, eventually } from '../operation';
import { asPatch, type NodeClient, refused } from './client';

const VMS = { group: 'kubevirt.io', version: 'v1', plural: 'virtualmachines' };
const VM = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine' };

/** Defines a kind and waits until it is served. */
async function define({ config }: NodeClient, kind: string): Promise<void> {
  const api = config.makeApiClient(ApiextensionsV1Api);
  const body = definition(kind, 'node.example.com');
  await api.createCustomResourceDefinition({ body });
  await eventually(async () => {
    const { status } = await api.readCustomResourceDefinition({ name: body.metadata.name });
    return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True');
  }, `${kind} to be established`);
}

export const customObjects: Chapter<NodeClient> = {
  title: 'Custom objects',
  operations: [
    {
      name: 'CustomObjectsApi: create, get, list, patch and delete a VM',
      async run({ custom, namespace }) {
        const target = { ...VMS, namespace, name: 'vm' };
        await custom.createNamespacedCustomObject({ ...VMS, namespace, body: testVm('vm', 'Halted') });
        const { items } = await custom.listNamespacedCustomObject({ ...VMS, namespace });
        assert.equal(items.length, 1);
        const body = { spec: { runStrategy: 'Always' } };
        await custom.patchNamespacedCustomObject({ ...target, body }, asPatch(PatchStrategy.MergePatch));
        await eventually(
          async () => (await custom.getNamespacedCustomObject(target)).status?.printableStatus === 'Running',
          'the VM to run',
        );
        const { status } = await custom.getNamespacedCustomObjectStatus(target);
        assert.equal(status.created, true);
        await custom.deleteNamespacedCustomObject(target);
        await eventually(
          () =>
            custom.getNamespacedCustomObject(target).then(
              () => false,
              ({ code }) => code === 404,
            ),
          'the end of the VM',
        );
      },
    },
    {
      name: 'CustomObjectsApi: replace with a stale resourceVersion',
      async run({ custom, namespace }) {
        const target = { ...VMS, namespace, name: 'vm' };
        await custom.createNamespacedCustomObject({ ...VMS, namespace, body: testVm('vm', 'Halted') });
        const body = await custom.getNamespacedCustomObject(target);
        await custom.patchNamespacedCustomObject(
          { ...target, body: { metadata: { labels: { a: 'b' } } } },
          asPatch(PatchStrategy.MergePatch),
        );
        await refused(custom.replaceNamespacedCustomObject({ ...target, body }), 409, /has been modified/);
      },
    },
    {
      name: 'KubernetesObjectApi: create, read, patch, list and delete a VM',
      async run({ objects, namespace }) {
        const vm = { ...VM, metadata: { name: 'any', namespace } };
        await objects.create({ ...testVm('any', 'Halted'), metadata: vm.metadata });
        await objects.patch(
          { ...vm, metadata: { ...vm.metadata, labels: { a: 'b' } } },
          undefined,
          undefined,
          undefined,
          undefined,
          PatchStrategy.MergePatch,
        );
        assert.deepEqual((await objects.read(vm)).metadata?.labels, { a: 'b' });
        const { items } = await objects.list(VM.apiVersion, VM.kind, namespace);
        assert.deepEqual(
          items.map(({ metadata }) => metadata?.name),
          ['any'],
        );
        await objects.delete(vm);
        await eventually(
          () =>
            objects.read(vm).then(
              () => false,
              ({ code }) => code === 404,
            ),
          'the end of the VM',
        );
      },
    },
    {
      name: 'KubernetesObjectApi: server-side apply of a built-in',
      async run({ objects, core, namespace }) {
        const applied = configMap('applied', { a: '1' }, { namespace });
        const strategy = PatchStrategy.ServerSideApply;
        await objects.patch(applied, undefined, undefined, 'me', true, strategy);
        const { data, metadata } = await core.readNamespacedConfigMap({ name: 'applied', namespace });
        assert.deepEqual([data, metadata?.managedFields?.[0]?.manager], [{ a: '1' }, 'me']);
      },
    },
    {
      name: 'a CustomResourceDefinition at run time, and its objects',
      async run(client) {
        await define(client, 'Nodling');
        const { objects, custom, namespace } = client;
        const nodling = {
          apiVersion: 'node.example.com/v1',
          kind: 'Nodling',
          metadata: { name: 'one', namespace },
        };
        await objects.create({ ...nodling, spec: { legs: 4 } } as typeof nodling);
        const of = { group: 'node.example.com', version: 'v1', plural: 'nodlings', namespace };
        const { spec } = await custom.getNamespacedCustomObject({ ...of, name: 'one' });
        assert.deepEqual(spec, { legs: 4 });
        await refused(
          custom.createNamespacedCustomObject({
            ...of,
            body: { ...nodling, metadata: { name: 'two' }, spec: { legs: -1 } },
          }),
          422,
          /spec\.legs in body should be greater than or equal to 0/,
        );
      },
    },
    {
      name: 'status and scale of a custom object',
      async run(client) {
        await define(client, 'Noderling');
        const { custom, namespace } = client;
        const of = { group: 'node.example.com', version: 'v1', plural: 'noderlings', namespace };
        const target = { ...of, name: 'one' };
        const body = {
          apiVersion: 'node.example.com/v1',
          kind: 'Noderling',
          metadata: { name: 'one' },
          spec: { legs: 4 },
          status: { legs: 9 },
        };
        await custom.createNamespacedCustomObject({ ...of, body });
        // Only /status writes it.
        assert.equal((await custom.getNamespacedCustomObject(target)).status, undefined);
        const merge = asPatch(PatchStrategy.MergePatch);
        await custom.patchNamespacedCustomObjectStatus({ ...target, body: { status: { legs: 3 } } }, merge);
        await custom.patchNamespacedCustomObjectScale({ ...target, body: { spec: { replicas: 6 } } }, merge);
        const { spec, status } = await custom.getNamespacedCustomObject(target);
        assert.deepEqual([spec, status], [{ legs: 6 }, { legs: 3 }]);
      },
    },
  ],
};
