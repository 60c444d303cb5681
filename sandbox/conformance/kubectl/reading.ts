import assert from 'node:assert/strict';
import { testVm } from '../../testing';
import { CONFIG_MAPS, claim, configMap, definition, PODS, pod, VMIS, VMS } from '../manifests';
import type { Chapter } from '../operation';
import type { Kubectl } from './kubectl';

/** A VM of that name that runs. */
export async function runVm(k: Kubectl, name: string): Promise<void> {
  await k.put(VMS, testVm(name, 'Always'));
  await k.until(`${VMS}/${name}`, ({ status }) => status?.printableStatus === 'Running' && status.ready);
}

export const reading: Chapter<Kubectl> = {
  title: 'Reading',
  operations: [
    {
      name: 'get vm',
      async run(k) {
        await k.put(VMS, testVm('listed', 'Halted'));
        await k.until(`${VMS}/listed`, ({ status }) => status?.printableStatus === 'Stopped');
        assert.match(await k.do('get', 'vm'), /^NAME +AGE +STATUS +READY\nlisted +\d+s +Stopped +False\n$/);
      },
    },
    {
      name: 'get vmi -o wide',
      async run(k) {
        await runVm(k, 'wide');
        assert.match(
          await k.do('get', 'vmi', '-o', 'wide'),
          /^NAME +AGE +PHASE +IP +NODENAME +READY +LIVE-MIGRATABLE +PAUSED\nwide +\d+s +Running +[\d.]+ +node-\d +True/,
        );
      },
    },
    {
      name: 'get pods -o wide',
      async run(k) {
        await k.put(PODS, pod('p'));
        await k.until(`${PODS}/p`, ({ status }) => status.phase === 'Running');
        assert.match(
          await k.do('get', 'pods', '-o', 'wide'),
          /^NAME +READY +STATUS .*\np +1\/1 +Running +0 +\d+s +[\d.]+ +node-/,
        );
      },
    },
    {
      name: 'get all',
      async run(k) {
        await k.put(VMS, testVm('one-of-all', 'Halted'));
        assert.match(await k.do('get', 'all', '-o', 'name'), /^virtualmachine\.kubevirt\.io\/one-of-all$/m);
      },
    },
    {
      name: 'get cm -o json',
      async run(k) {
        await k.put(CONFIG_MAPS, configMap('j'));
        assert.deepEqual(JSON.parse(await k.do('get', 'cm', 'j', '-o', 'json')).data, { a: 'b' });
      },
    },
    {
      name: 'get vm -o yaml --show-managed-fields',
      async run(k) {
        await k.put(VMS, testVm('y', 'Halted'));
        // Older ones show them always and don't know the option.
        const option = k.minor >= 21 ? ['--show-managed-fields'] : [];
        assert.match(
          await k.do('get', 'vm', 'y', '-o', 'yaml', ...option),
          /managedFields:\n[\s\S]*runStrategy: Halted/,
        );
      },
    },
    {
      name: 'get cm -o jsonpath',
      async run(k) {
        await k.put(CONFIG_MAPS, configMap('p', { a: 'b' }));
        assert.equal(await k.do('get', 'cm', '-o', 'jsonpath={.items[?(@.metadata.name=="p")].data.a}'), 'b');
      },
    },
    {
      name: 'get vm -o custom-columns',
      async run(k) {
        await k.put(VMS, testVm('c', 'Manual'));
        assert.match(
          await k.do('get', 'vm', '-o', 'custom-columns=N:.metadata.name,RUN:.spec.runStrategy'),
          /^N +RUN\nc +Manual\n$/,
        );
      },
    },
    {
      name: 'get -l, with sets',
      async run(k) {
        for (const name of ['x', 'y', 'z'])
          await k.put(CONFIG_MAPS, configMap(name, {}, { labels: { tier: name } }));
        assert.equal(await k.do('get', 'cm', '-l', 'tier in (x,z),tier!=z', '-o', 'name'), 'configmap/x\n');
      },
    },
    {
      name: 'get --field-selector',
      async run(k) {
        await k.put(PODS, pod('a'));
        await k.put(PODS, pod('b', { image: 'example.invalid/none' }));
        await k.until(`${PODS}/a`, ({ status }) => status.phase === 'Running');
        assert.equal(
          await k.do('get', 'pods', '--field-selector=status.phase=Running', '-o', 'name'),
          'pod/a\n',
        );
        assert.match(
          await k.refused('get', 'pods', '--field-selector=spec.colour=red'),
          /field label not supported: spec\.colour/,
        );
      },
    },
    {
      name: 'get -A --sort-by',
      async run(k) {
        const lines = (await k.do('get', 'nodes,sc', '-A', '--sort-by=.metadata.name', '-o', 'name')).split(
          '\n',
        );
        assert.deepEqual(
          lines.filter((line) => line.startsWith('node/')),
          ['node/node-1', 'node/node-2', 'node/node-3'],
        );
      },
    },
    {
      name: 'get --chunk-size',
      async run(k) {
        for (let index = 0; index < 7; index += 1) await k.put(CONFIG_MAPS, configMap(`c-${index}`));
        const names = (await k.do('get', 'cm', '--chunk-size=3', '-o', 'name')).trim().split('\n');
        assert.equal(names.filter((name) => name.startsWith('configmap/c-')).length, 7);
      },
    },
    {
      name: 'get --watch --output-watch-events',
      async run(k) {
        await k.put(CONFIG_MAPS, configMap('seen'));
        const words = [
          'get',
          'cm',
          '--field-selector=metadata.name=seen',
          '--watch',
          '--output-watch-events',
        ];
        const lines = await k.follow(words, async (so) => {
          if (so.length === 2)
            await k.sandbox.ask('PATCH', `${CONFIG_MAPS.replace('{ns}', k.namespace)}/seen`, {
              data: { c: 'd' },
            });
          if (so.length === 3)
            await k.sandbox.ask('DELETE', `${CONFIG_MAPS.replace('{ns}', k.namespace)}/seen`);
          return so.length === 4;
        });
        assert.deepEqual(
          lines.map((line) => line.split(/ +/).slice(0, 3).join(' ')),
          ['EVENT NAME DATA', 'ADDED seen 1', 'MODIFIED seen 2', 'DELETED seen 2'],
        );
      },
    },
    {
      name: 'describe vm',
      async run(k) {
        await runVm(k, 'described');
        assert.match(
          await k.do('describe', 'vm', 'described'),
          /Run Strategy: +Always[\s\S]*Printable Status: +Running[\s\S]*SuccessfulCreate .*Started the virtual machine by creating the new virtual machine instance described/,
        );
      },
    },
    {
      name: 'describe vmi',
      async run(k) {
        await runVm(k, 'instance');
        assert.match(
          await k.do('describe', 'vmi', 'instance'),
          /Phase: +Running[\s\S]*VirtualMachineInstance started\./,
        );
      },
    },
    {
      name: 'describe pod',
      async run(k) {
        await runVm(k, 'launched');
        assert.match(
          await k.do('describe', 'pod', '-l', 'kubevirt.io=virt-launcher'),
          /Controlled By: +VirtualMachineInstance\/launched[\s\S]*compute:[\s\S]*Successfully assigned/,
        );
      },
    },
    {
      name: 'describe node',
      async run(k) {
        await runVm(k, 'hosted');
        const { status } = await k.get(`${VMIS}/hosted`);
        assert.match(
          await k.do('describe', 'node', status.nodeName),
          /Allocatable:[\s\S]*Non-terminated Pods:[\s\S]*virt-launcher-hosted-[\s\S]*Allocated resources:/,
        );
      },
    },
    {
      name: 'describe pvc',
      async run(k) {
        await k.put('/api/v1/namespaces/{ns}/persistentvolumeclaims', claim('held'));
        await k.until(
          '/api/v1/namespaces/{ns}/persistentvolumeclaims/held',
          ({ status }) => status.phase === 'Bound',
        );
        assert.match(
          await k.do('describe', 'pvc', 'held'),
          /Status: +Bound[\s\S]*Capacity: +1Gi[\s\S]*ProvisioningSucceeded/,
        );
      },
    },
    {
      name: 'describe crd',
      async run(k) {
        await k.put('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition('Described'));
        assert.match(
          await k.do('describe', 'crd', 'describeds.conformance.example.com'),
          /Kind: +Described[\s\S]*NamesAccepted/,
        );
      },
    },
    {
      name: 'get events',
      async run(k) {
        await k.put(PODS, pod('eventful'));
        await k.until(`${PODS}/eventful`, ({ status }) => status.phase === 'Running');
        assert.match(
          await k.do('get', 'events', '--sort-by=.lastTimestamp'),
          /Normal +Scheduled +pod\/eventful +Successfully assigned/,
        );
      },
    },
    {
      name: 'events --for',
      since: 26,
      async run(k) {
        await k.put(PODS, pod('told'));
        await k.until(`${PODS}/told`, ({ status }) => status.phase === 'Running');
        assert.match(await k.do('events', '--for', 'pod/told'), /Started/);
      },
    },
  ],
};
