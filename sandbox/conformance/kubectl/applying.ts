import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { testVm } from '../../testing';
import { CONFIG_MAPS, configMap, VMS } from '../manifests';
import type { Chapter } from '../operation';
import type { Kubectl } from './kubectl';

export const applying: Chapter<Kubectl> = {
  title: 'Applying',
  operations: [
    {
      name: 'apply: created, unchanged, configured',
      async run(k) {
        const file = await k.file(testVm('applied', 'Halted'));
        assert.match(await k.do('apply', '-f', file), /applied created\n$/);
        assert.match(await k.do('apply', '-f', file), /applied unchanged\n$/);
        await k.do('label', 'vm', 'applied', 'by=others');
        assert.match(
          await k.do('apply', '-f', await k.file(testVm('applied', 'Manual'))),
          /applied configured\n$/,
        );
        const { spec, metadata } = await k.get(`${VMS}/applied`);
        assert.deepEqual([spec.runStrategy, metadata.labels.by], ['Manual', 'others']);
      },
    },
    {
      name: 'apply takes away what the manifest no longer says',
      async run(k) {
        await k.do('apply', '-f', await k.file(configMap('shrinks', { a: '1', b: '2' })));
        await k.do('apply', '-f', await k.file(configMap('shrinks', { a: '1' })));
        assert.deepEqual((await k.get(`${CONFIG_MAPS}/shrinks`)).data, { a: '1' });
      },
    },
    {
      name: 'apply view-last-applied',
      async run(k) {
        await k.do('apply', '-f', await k.file(configMap('viewed')));
        assert.equal(
          JSON.parse(await k.do('apply', 'view-last-applied', 'cm/viewed', '-o', 'json')).data.a,
          'b',
        );
      },
    },
    {
      name: 'apply --dry-run=server',
      async run(k) {
        assert.match(
          await k.do('apply', '--dry-run=server', '-f', await k.file(testVm('tried', 'Halted'))),
          /tried created \(server dry run\)/,
        );
        assert.equal(await k.get(`${VMS}/tried`), undefined);
      },
    },
    {
      name: 'diff',
      async run(k) {
        await k.do('apply', '-f', await k.file(testVm('differing', 'Halted')));
        const { code, out } = await k.try(['diff', '-f', await k.file(testVm('differing', 'Manual'))]);
        assert.equal(code, 1);
        assert.match(out, /-\s+runStrategy: Halted\n\+\s+runStrategy: Manual/);
        assert.equal((await k.try(['diff', '-f', await k.file(testVm('differing', 'Halted'))])).code, 0);
      },
    },
    {
      name: 'apply --server-side, conflict, --force-conflicts',
      async run(k) {
        await k.do(
          'apply',
          '--server-side',
          '--field-manager=one',
          '-f',
          await k.file(testVm('contested', 'Halted')),
        );
        const other = await k.file(testVm('contested', 'Manual'));
        const words = ['apply', '--server-side', '--field-manager=two', '-f', other];
        assert.match(
          await k.refused(...words),
          /Apply failed with 1 conflict: conflict with "one"( using kubevirt\.io\/v1)?: \.spec\.runStrategy/,
        );
        assert.equal((await k.get(`${VMS}/contested`)).spec.runStrategy, 'Halted');
        assert.match(await k.do(...words, '--force-conflicts'), /contested serverside-applied/);
        assert.equal((await k.get(`${VMS}/contested`)).spec.runStrategy, 'Manual');
      },
    },
    {
      name: 'apply --server-side after apply',
      async run(k) {
        await k.do('apply', '-f', await k.file(configMap('moved')));
        await k.do('apply', '--server-side', '-f', await k.file(configMap('moved', { a: 'c' })));
        const { data, metadata } = await k.get(`${CONFIG_MAPS}/moved`);
        assert.equal(data.a, 'c');
        assert.ok(
          metadata.managedFields.some(
            (one: { operation: string; manager: string }) =>
              one.operation === 'Apply' && one.manager === 'kubectl',
          ),
        );
      },
    },
    {
      name: 'apply --prune -l',
      async run(k) {
        const labels = { set: k.namespace };
        const items = [configMap('stays', {}, { labels }), configMap('goes', {}, { labels })];
        await k.do('apply', '-f', await k.file({ apiVersion: 'v1', kind: 'List', items }));
        const kinds =
          k.minor >= 26 ? ['--prune-allowlist=core/v1/ConfigMap'] : ['--prune-whitelist=core/v1/ConfigMap'];
        await k.do(
          'apply',
          '--prune',
          '-l',
          `set=${k.namespace}`,
          ...kinds,
          '-f',
          await k.file(configMap('stays', {}, { labels })),
        );
        assert.ok(await k.get(`${CONFIG_MAPS}/stays`));
        assert.equal(await k.get(`${CONFIG_MAPS}/goes`), undefined);
      },
    },
    {
      name: 'apply -k',
      async run(k) {
        const directory = k.directory;
        await mkdir(directory);
        const kustomization = {
          resources: ['vm.json'],
          namePrefix: 'our-',
          configMapGenerator: [{ name: 'c', literals: ['a=b'] }],
        };
        await writeFile(path.join(directory, 'kustomization.yaml'), JSON.stringify(kustomization));
        await writeFile(path.join(directory, 'vm.json'), JSON.stringify(testVm('kustomized', 'Halted')));
        await k.do('apply', '-k', directory);
        assert.ok(await k.get(`${VMS}/our-kustomized`));
        assert.match(await k.do('get', 'cm', '-o', 'name'), /^configmap\/our-c-\w{10}$/m);
      },
    },
    {
      name: 'apply set-last-applied',
      async run(k) {
        await k.put(CONFIG_MAPS, configMap('set'));
        await k.do('apply', 'set-last-applied', '--create-annotation', '-f', await k.file(configMap('set')));
        assert.match(
          (await k.get(`${CONFIG_MAPS}/set`)).metadata.annotations[
            'kubectl.kubernetes.io/last-applied-configuration'
          ],
          /"a":"b"/,
        );
      },
    },
  ],
};
