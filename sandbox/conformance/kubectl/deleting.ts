import assert from 'node:assert/strict';
import { testVm } from '../../testing';
import { CONFIG_MAPS, configMap, DEPLOYMENTS, deployment, PODS, pod, VMIS, VMS } from '../manifests';
import type { Chapter } from '../operation';
import type { Kubectl } from './kubectl';
import { runVm } from './reading';

const REPLICA_SETS = '/apis/apps/v1/namespaces/{ns}/replicasets';

async function deployed(k: Kubectl, name: string): Promise<void> {
  await k.put(DEPLOYMENTS, deployment(name, 1));
  await k.until(`${DEPLOYMENTS}/${name}`, ({ status }) => status?.availableReplicas === 1);
}

export const deleting: Chapter<Kubectl> = {
  title: 'Deleting and waiting',
  operations: [
    {
      name: 'delete vm, returns once it is gone',
      async run(k) {
        await runVm(k, 'ending');
        assert.match(await k.do('delete', 'vm', 'ending'), /"ending" deleted/);
        assert.equal(await k.get(`${VMS}/ending`), undefined);
        assert.match(
          await k.refused('delete', 'vm', 'ending'),
          /Error from server \(NotFound\): virtualmachines\.kubevirt\.io "ending" not found/,
        );
      },
    },
    {
      name: 'delete --wait=false',
      async run(k) {
        await k.put(CONFIG_MAPS, configMap('held', {}, { finalizers: ['conformance.example.com/hold'] }));
        await k.do('delete', 'cm', 'held', '--wait=false');
        assert.ok((await k.get(`${CONFIG_MAPS}/held`)).metadata.deletionTimestamp);
        await k.do('patch', 'cm', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
        assert.equal(await k.get(`${CONFIG_MAPS}/held`), undefined);
      },
    },
    {
      name: 'delete --cascade=orphan',
      async run(k) {
        await deployed(k, 'orphaning');
        await k.do('delete', 'deploy', 'orphaning', '--cascade=orphan');
        const { items } = await k.get(REPLICA_SETS);
        assert.deepEqual([items.length, items[0].metadata.ownerReferences], [1, undefined]);
      },
    },
    {
      name: 'delete --cascade=background',
      async run(k) {
        await deployed(k, 'collected');
        await k.do('delete', 'deploy', 'collected', '--cascade=background');
        await k.until(PODS, ({ items }) => items.length === 0);
      },
    },
    {
      name: 'delete --cascade=foreground',
      since: 20,
      async run(k) {
        await deployed(k, 'last');
        await k.do('delete', 'deploy', 'last', '--cascade=foreground');
        assert.deepEqual((await k.get(REPLICA_SETS)).items, []);
      },
    },
    {
      name: 'delete pod --grace-period=0 --force',
      async run(k) {
        await k.put(PODS, pod('killed'));
        await k.until(`${PODS}/killed`, ({ status }) => status.phase === 'Running');
        const { err } = await k.try(['delete', 'pod', 'killed', '--grace-period=0', '--force']);
        assert.match(err, /[Ii]mmediate deletion does not wait for confirmation/);
        assert.equal(await k.get(`${PODS}/killed`), undefined);
      },
    },
    {
      name: 'delete -l, delete --all',
      async run(k) {
        for (const name of ['a', 'b', 'c'])
          await k.put(CONFIG_MAPS, configMap(name, {}, { labels: { is: name } }));
        await k.do('delete', 'cm', '-l', 'is in (a,b)');
        assert.deepEqual(
          [await k.get(`${CONFIG_MAPS}/a`), (await k.get(`${CONFIG_MAPS}/c`)).metadata.name],
          [undefined, 'c'],
        );
        await k.do('delete', 'cm', '--all');
        assert.equal(await k.get(`${CONFIG_MAPS}/c`), undefined);
      },
    },
    {
      name: 'delete -f',
      async run(k) {
        const file = await k.file({
          apiVersion: 'v1',
          kind: 'List',
          items: [configMap('x'), testVm('y', 'Halted')],
        });
        await k.do('create', '-f', file);
        await k.do('delete', '-f', file);
        assert.deepEqual([await k.get(`${CONFIG_MAPS}/x`), await k.get(`${VMS}/y`)], [undefined, undefined]);
      },
    },
    {
      name: 'delete namespace',
      async run(k) {
        const inner = `${k.namespace}-inner`;
        await k.do('create', 'namespace', inner);
        await k.sandbox.createVm(testVm('within', 'Always'), inner);
        await k.do('delete', 'namespace', inner);
        assert.equal(await k.get(`/api/v1/namespaces/${inner}`), undefined);
        assert.equal((await k.sandbox.vm(inner, 'within')).status, 404);
      },
    },
    {
      name: 'wait --for=condition=Ready',
      async run(k) {
        await k.put(VMS, testVm('awaited', 'Always'));
        assert.match(
          await k.do('wait', 'vm/awaited', '--for=condition=Ready', '--timeout=30s'),
          /awaited condition met/,
        );
        assert.equal((await k.get(`${VMIS}/awaited`)).status.phase, 'Running');
        assert.match(
          await k.refused('wait', 'vm/awaited', '--for=condition=Paused', '--timeout=1s'),
          /timed out waiting for the condition/,
        );
      },
    },
    {
      name: 'wait --for=delete',
      async run(k) {
        await k.put(CONFIG_MAPS, configMap('leaving', {}, { finalizers: ['conformance.example.com/hold'] }));
        await k.do('delete', 'cm', 'leaving', '--wait=false');
        const waiting = k.do('wait', 'cm/leaving', '--for=delete', '--timeout=30s');
        // Time enough for it to look and to begin its watch; an early end would say NotFound with older ones.
        await k.do('get', 'cm', 'leaving');
        await k.sandbox.ask('PATCH', `${CONFIG_MAPS.replace('{ns}', k.namespace)}/leaving`, {
          metadata: { finalizers: null },
        });
        await waiting;
      },
    },
    {
      name: 'wait --for=jsonpath',
      since: 23,
      async run(k) {
        await k.put(VMS, testVm('printed', 'Always'));
        await k.do('wait', 'vm/printed', '--for=jsonpath={.status.printableStatus}=Running', '--timeout=30s');
        assert.equal((await k.get(`${VMS}/printed`)).status.printableStatus, 'Running');
      },
    },
  ],
};
