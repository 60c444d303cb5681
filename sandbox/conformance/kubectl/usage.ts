import assert from 'node:assert/strict';
import type { Chapter } from '../operation';
import { eventually } from '../operation';
import type { Kubectl } from './kubectl';
import { runVm } from './reading';

export const usage: Chapter<Kubectl> = {
  title: 'Usage',
  operations: [
    {
      name: 'top pods',
      differs: 'Only pods that hold a guest are measured: containers of others run nothing.',
      async run(k) {
        await runVm(k, 'measured');
        // The model's window may not have begun yet when the launcher runs.
        const table = await eventually(async () => {
          const { code, out } = await k.try(['top', 'pods', '--no-headers']);
          return code === 0 && out ? out : undefined;
        }, 'usage of the launcher');
        assert.match(table, /^virt-launcher-measured-\w+ +\d+m +\d+Mi *\n$/);
      },
    },
    {
      name: 'top pods -l, -A',
      async run(k) {
        await runVm(k, 'chosen');
        assert.match(
          await k.do('top', 'pods', '-A', '-l', 'vm.kubevirt.io/name=chosen'),
          /^NAMESPACE +NAME +CPU\(cores\) +MEMORY\(bytes\) *\n\S+ +virt-launcher-chosen-\w+ +\d+m +\d+Mi *\n$/,
        );
      },
    },
    {
      name: 'top nodes',
      differs: 'A node takes what the guests on it take.',
      async run(k) {
        const table = await k.do('top', 'nodes');
        assert.match(table, /^NAME +CPU\(cores\) +CPU\S+ +MEMORY\(bytes\) +MEMORY\S+ *\n/);
        assert.match(table, /^node-1 +\d+m +\d+% +\d+Mi +\d+% *$/m);
      },
    },
    {
      name: 'top without a metrics server',
      alone: true,
      async run(k) {
        const services = '/apis/apiregistration.k8s.io/v1/apiservices';
        const { metadata, ...service } = await k.get(`${services}/v1beta1.metrics.k8s.io`);
        await k.do('delete', 'apiservice', 'v1beta1.metrics.k8s.io');
        assert.match(await k.refused('top', 'nodes'), /Metrics API not available/);
        assert.match(await k.refused('top', 'pods'), /Metrics API not available/);
        await k.put(services, { ...service, metadata: { name: metadata.name, labels: metadata.labels } });
        assert.match(await k.do('top', 'nodes'), /^node-1 /m);
      },
    },
    {
      name: 'get podmetrics, nodemetrics',
      async run(k) {
        await runVm(k, 'listed-usage');
        assert.match(
          await k.do('get', 'pods.metrics.k8s.io'),
          /^NAME +CPU +MEMORY +WINDOW\nvirt-launcher-listed-usage-\w+ +\d+n +\d+Ki +15s\n$/,
        );
        assert.match(
          await k.do('get', 'nodes.metrics.k8s.io', 'node-2'),
          /^NAME .*\nnode-2 +\d+n +\d+Ki +15s\n$/,
        );
      },
    },
  ],
};
