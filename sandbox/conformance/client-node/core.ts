import assert from 'node:assert/strict';
import { ApisApi, PatchStrategy, VersionApi } from '@kubernetes/client-node';
import { testVm } from '../../testing';
import { claim, configMap, pod } from '../manifests';
import { type Chapter, eventually } from '../operation';
import { asPatch, type NodeClient, refused } from './client';

export const core: Chapter<NodeClient> = {
  title: 'Core objects',
  operations: [
    {
      name: 'VersionApi.getCode',
      async run({ config }) {
        const { major, minor, gitVersion, platform } = await config.makeApiClient(VersionApi).getCode();
        assert.equal(major, '1');
        assert.ok(gitVersion.startsWith(`v1.${minor}.`) && platform, gitVersion);
      },
    },
    {
      name: 'ApisApi.getAPIVersions',
      async run({ config }) {
        const { groups } = await config.makeApiClient(ApisApi).getAPIVersions();
        const kubevirt = groups.find(({ name }) => name === 'kubevirt.io');
        assert.equal(kubevirt?.preferredVersion?.groupVersion, 'kubevirt.io/v1');
      },
    },
    {
      name: 'create, read, replace, delete a ConfigMap',
      async run({ core: api, namespace }) {
        const made = await api.createNamespacedConfigMap({ namespace, body: configMap('made') });
        assert.ok(made.metadata?.uid && made.metadata.creationTimestamp instanceof Date);
        const replaced = await api.replaceNamespacedConfigMap({
          name: 'made',
          namespace,
          body: { ...made, data: { a: 'c' } },
        });
        assert.notEqual(replaced.metadata?.resourceVersion, made.metadata.resourceVersion);
        assert.deepEqual((await api.readNamespacedConfigMap({ name: 'made', namespace })).data, { a: 'c' });
        await api.deleteNamespacedConfigMap({ name: 'made', namespace });
        await refused(
          api.readNamespacedConfigMap({ name: 'made', namespace }),
          404,
          /configmaps "made" not found/,
        );
      },
    },
    {
      name: 'create and replace without apiVersion and kind',
      async run({ core: api, custom, namespace }) {
        const made = await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'bare' } } });
        assert.deepEqual([made.apiVersion, made.kind], ['v1', 'ConfigMap']);
        const body = { metadata: { name: 'bare' }, data: { a: 'b' } };
        await api.replaceNamespacedConfigMap({ name: 'bare', namespace, body });
        assert.deepEqual((await api.readNamespacedConfigMap({ name: 'bare', namespace })).data, { a: 'b' });
        const vms = { group: 'kubevirt.io', version: 'v1', plural: 'virtualmachines', namespace };
        await refused(
          custom.createNamespacedCustomObject({ ...vms, body: { metadata: { name: 'bare' } } }),
          400,
          /Object 'Kind' is missing/,
        );
      },
    },
    {
      name: 'generateName',
      async run({ core: api, namespace }) {
        const body = { metadata: { generateName: 'one-of-many-' } };
        const { metadata } = await api.createNamespacedConfigMap({ namespace, body });
        assert.match(metadata?.name ?? '', /^one-of-many-[a-z0-9]{5}$/);
      },
    },
    {
      name: 'create what exists',
      async run({ core: api, namespace }) {
        await api.createNamespacedConfigMap({ namespace, body: configMap('twice') });
        const { reason } = await refused(
          api.createNamespacedConfigMap({ namespace, body: configMap('twice') }),
          409,
          /configmaps "twice" already exists/,
        );
        assert.equal(reason, 'AlreadyExists');
      },
    },
    {
      name: 'create what is invalid',
      async run({ core: api, namespace }) {
        const { reason, details } = await refused(
          api.createNamespacedConfigMap({ namespace, body: configMap('Not_A_Name') }),
          422,
        );
        assert.equal(reason, 'Invalid');
        assert.equal(details.causes[0].field, 'metadata.name');
      },
    },
    {
      name: 'fieldValidation=Strict',
      async run({ custom, namespace }) {
        // Only the untyped client sends a field that the library doesn't know.
        const vms = { group: 'kubevirt.io', version: 'v1', plural: 'virtualmachines', namespace };
        const vm = testVm('strict', 'Halted', (spec) => Object.assign(spec, { domian: {} }));
        await refused(
          custom.createNamespacedCustomObject({ ...vms, body: vm, fieldValidation: 'Strict' }),
          400,
          /strict decoding error: unknown field "spec\.template\.spec\.domian"/,
        );
      },
    },
    {
      name: 'stringData of a Secret',
      async run({ core: api, namespace }) {
        await api.createNamespacedSecret({
          namespace,
          body: { metadata: { name: 'key' }, stringData: { word: 'open' } },
        });
        const { data, stringData, type } = await api.readNamespacedSecret({ name: 'key', namespace });
        assert.deepEqual([data, stringData, type], [{ word: 'b3Blbg==' }, undefined, 'Opaque']);
      },
    },
    {
      name: 'a Pod comes to run',
      async run({ core: api, namespace }) {
        await api.createNamespacedPod({ namespace, body: pod('runs') });
        const { spec, status } = await eventually(async () => {
          const found = await api.readNamespacedPod({ name: 'runs', namespace });
          return found.status?.phase === 'Running' && found;
        }, 'the pod');
        assert.ok(spec?.nodeName && status?.podIP);
        assert.deepEqual(
          await api.readNamespacedPodStatus({ name: 'runs', namespace }).then((of) => of.status?.phase),
          'Running',
        );
      },
    },
    {
      name: 'a PersistentVolumeClaim',
      async run({ core: api, namespace }) {
        await api.createNamespacedPersistentVolumeClaim({ namespace, body: claim('disk') });
        const { spec } = await eventually(async () => {
          const found = await api.readNamespacedPersistentVolumeClaim({ name: 'disk', namespace });
          return found.status?.phase ? found : undefined;
        }, 'the claim');
        assert.ok(spec?.storageClassName && spec.volumeMode);
      },
    },
    {
      name: 'a Service',
      async run({ core: api, namespace }) {
        const body = {
          metadata: { name: 'web' },
          spec: { selector: { app: 'web' }, ports: [{ port: 80, name: 'http' }] },
        };
        await api.createNamespacedService({ namespace, body });
        await api.patchNamespacedService(
          { name: 'web', namespace, body: { spec: { ports: [{ port: 81, name: 'more' }] } } },
          asPatch(PatchStrategy.StrategicMergePatch),
        );
        const { spec } = await api.readNamespacedService({ name: 'web', namespace });
        assert.deepEqual(spec?.ports?.map(({ port }) => port).sort(), [80, 81]);
      },
    },
    {
      name: 'a Namespace with what is in it',
      async run({ core: api, namespace }) {
        const name = `${namespace}-more`;
        await api.createNamespace({ body: { metadata: { name } } });
        await api.createNamespacedConfigMap({ namespace: name, body: configMap('inside') });
        await api.deleteNamespace({ name });
        await eventually(
          () =>
            api.readNamespace({ name }).then(
              () => false,
              ({ code }) => code === 404,
            ),
          'the end of the namespace',
        );
        await refused(api.readNamespacedConfigMap({ name: 'inside', namespace: name }), 404);
      },
    },
    {
      name: 'read nodes and their status',
      async run({ core: api }) {
        const { items } = await api.listNode();
        const ready = items.filter(({ status }) =>
          status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
        );
        assert.ok(ready.length > 0 && ready[0]?.status?.nodeInfo?.kubeletVersion);
      },
    },
    {
      name: 'dryRun=All',
      async run({ core: api, namespace }) {
        const { metadata } = await api.createNamespacedConfigMap({
          namespace,
          body: configMap('dry'),
          dryRun: 'All',
        });
        assert.equal(metadata?.name, 'dry');
        await refused(api.readNamespacedConfigMap({ name: 'dry', namespace }), 404);
      },
    },
  ],
};
