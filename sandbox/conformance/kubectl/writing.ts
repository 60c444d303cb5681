import assert from 'node:assert/strict';
import { testVm } from '../../testing';
import { CONFIG_MAPS, configMap, DEPLOYMENTS, deployment, PODS, pod, VMS } from '../manifests';
import type { Chapter } from '../operation';
import type { Kubectl } from './kubectl';

const misspelt = (name: string) => ({
  ...testVm(name, 'Halted'),
  spec: { runStrateg: 'Halted', template: { spec: { domain: { devices: {} } } } },
});

export const writing: Chapter<Kubectl> = {
  title: 'Writing',
  operations: [
    {
      name: 'create -f',
      async run(k) {
        const file = await k.file(testVm('created', 'Halted'));
        assert.equal(await k.do('create', '-f', file), 'virtualmachine.kubevirt.io/created created\n');
        assert.ok(await k.get(`${VMS}/created`));
        assert.match(
          await k.refused('create', '-f', file),
          /Error from server \(AlreadyExists\).* "created" already exists/,
        );
      },
    },
    {
      name: 'create -f List',
      async run(k) {
        const items = [configMap('listed'), testVm('in-list', 'Halted')];
        await k.do('create', '-f', await k.file({ apiVersion: 'v1', kind: 'List', items }));
        assert.ok((await k.get(`${CONFIG_MAPS}/listed`)) && (await k.get(`${VMS}/in-list`)));
      },
    },
    {
      name: 'create configmap, secret, serviceaccount, service, role, rolebinding, deployment, job',
      async run(k) {
        await k.do('create', 'configmap', 'c', '--from-literal=a=b');
        await k.do('create', 'secret', 'generic', 's', '--from-literal=a=b');
        await k.do('create', 'serviceaccount', 'a');
        await k.do('create', 'service', 'clusterip', 'web', '--tcp=80');
        await k.do('create', 'role', 'r', '--verb=get', '--resource=pods');
        await k.do('create', 'rolebinding', 'b', '--role=r', '--serviceaccount=default:a');
        await k.do('create', 'deployment', 'd', '--image=nginx');
        await k.do('create', 'job', 'j', '--image=nginx');
        assert.deepEqual((await k.get('/api/v1/namespaces/{ns}/secrets/s')).data, { a: 'Yg==' });
        assert.match((await k.get('/api/v1/namespaces/{ns}/services/web')).spec.clusterIP, /^[\d.]+$/);
        assert.equal(
          (await k.get('/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/b')).roleRef.name,
          'r',
        );
        await k.until(`${DEPLOYMENTS}/d`, ({ status }) => status?.availableReplicas === 1);
        assert.ok(await k.get('/apis/batch/v1/namespaces/{ns}/jobs/j'));
      },
    },
    {
      name: 'run, expose',
      async run(k) {
        await k.do('run', 'one', '--image=nginx', '--port=80');
        await k.do('expose', 'pod', 'one', '--port=80');
        assert.deepEqual((await k.get('/api/v1/namespaces/{ns}/services/one')).spec.selector, { run: 'one' });
      },
    },
    {
      name: 'create --dry-run=client',
      async run(k) {
        assert.match(
          await k.do('create', 'deployment', 'd', '--image=i', '--dry-run=client', '-o', 'yaml'),
          /^apiVersion: apps\/v1/,
        );
        assert.equal(await k.get(`${DEPLOYMENTS}/d`), undefined);
      },
    },
    {
      name: 'create --dry-run=server',
      async run(k) {
        const file = await k.file(testVm('dry', 'Halted'));
        const shown = JSON.parse(await k.do('create', '--dry-run=server', '-f', file, '-o', 'json'));
        // What only the server's admission adds.
        assert.ok(shown.metadata.uid && shown.spec.template.spec.architecture);
        assert.equal(await k.get(`${VMS}/dry`), undefined);
      },
    },
    {
      name: 'create --validate=strict',
      since: 25,
      async run(k) {
        assert.match(
          await k.refused('create', '--validate=strict', '-f', await k.file(misspelt('strict'))),
          /strict decoding error: unknown field "spec\.runStrateg"/,
        );
        assert.equal(await k.get(`${VMS}/strict`), undefined);
      },
    },
    {
      name: 'create --validate=warn',
      since: 25,
      async run(k) {
        const file = await k.file({
          ...pod('warned'),
          spec: { containers: [{ name: 'c', image: 'nginx', colour: 'red' }] },
        });
        const { code, err } = await k.try(['create', '--validate=warn', '-f', file]);
        assert.equal(code, 0, err);
        assert.match(err, /Warning: unknown field "spec\.containers\[0\]\.colour"/);
        assert.ok(await k.get(`${PODS}/warned`));
      },
    },
    {
      name: 'create with a misspelt field is refused by default',
      async run(k) {
        assert.match(
          await k.refused('create', '-f', await k.file(misspelt('wrong'))),
          /unknown field "(spec\.)?runStrateg"/,
        );
      },
    },
    {
      name: 'create of what KubeVirt refuses',
      async run(k) {
        const vm = testVm('bad', 'Always', (spec) =>
          spec.domain.devices.disks.push({ name: 'nowhere', disk: {} }),
        );
        assert.match(
          await k.refused('create', '-f', await k.file(vm)),
          /The request is invalid: spec\.template\.spec\.domain\.devices\.disks\[1\]\.name: spec\.template\.spec\.domain\.devices\.disks\[1\]\.Name 'nowhere' not found/,
        );
      },
    },
    {
      name: 'replace, replace --force',
      async run(k) {
        const { metadata } = await k.put(CONFIG_MAPS, configMap('r'));
        await k.do('replace', '-f', await k.file(configMap('r', { c: 'd' })));
        const replaced = await k.get(`${CONFIG_MAPS}/r`);
        assert.deepEqual([replaced.data, replaced.metadata.uid], [{ c: 'd' }, metadata.uid]);
        await k.do('replace', '--force', '-f', await k.file(configMap('r', { e: 'f' })));
        assert.notEqual((await k.get(`${CONFIG_MAPS}/r`)).metadata.uid, metadata.uid);
      },
    },
    {
      name: 'replace of an older resourceVersion is a conflict',
      async run(k) {
        const old = await k.put(CONFIG_MAPS, configMap('stale'));
        await k.do('label', 'cm', 'stale', 'a=b');
        assert.match(
          await k.refused('replace', '-f', await k.file(old)),
          /Error from server \(Conflict\)[\s\S]*the object has been modified; please apply your changes to the latest version/,
        );
      },
    },
    {
      name: 'edit',
      async run(k) {
        await k.put(VMS, testVm('edited', 'Halted'));
        const env = { KUBE_EDITOR: 'sed -i s/Halted/Manual/' };
        const { code, err } = await k.try(['edit', 'vm', 'edited'], { env });
        assert.equal(code, 0, err);
        assert.equal((await k.get(`${VMS}/edited`)).spec.runStrategy, 'Manual');
      },
    },
    {
      name: 'patch --type=merge',
      async run(k) {
        await k.put(VMS, testVm('merged', 'Halted'));
        await k.do('patch', 'vm', 'merged', '--type=merge', '-p', '{"spec":{"runStrategy":"Manual"}}');
        assert.equal((await k.get(`${VMS}/merged`)).spec.runStrategy, 'Manual');
      },
    },
    {
      name: 'patch --type=json, with a test',
      async run(k) {
        await k.put(VMS, testVm('patched', 'Halted'));
        const patch = (was: string) =>
          JSON.stringify([
            { op: 'test', path: '/spec/runStrategy', value: was },
            { op: 'replace', path: '/spec/runStrategy', value: 'Manual' },
          ]);
        await k.do('patch', 'vm', 'patched', '--type=json', '-p', patch('Halted'));
        assert.equal((await k.get(`${VMS}/patched`)).spec.runStrategy, 'Manual');
        assert.match(
          await k.refused('patch', 'vm', 'patched', '--type=json', '-p', patch('Halted')),
          /^The request is invalid/,
        );
      },
    },
    {
      name: 'patch (strategic) of a Deployment',
      async run(k) {
        await k.put(DEPLOYMENTS, deployment('strategic', 0));
        const containers = [{ name: 'c', env: [{ name: 'A', value: '1' }] }];
        await k.do(
          'patch',
          'deploy',
          'strategic',
          '-p',
          JSON.stringify({ spec: { template: { spec: { containers } } } }),
        );
        assert.deepEqual(
          (await k.get(`${DEPLOYMENTS}/strategic`)).spec.template.spec.containers.map(
            ({ image, env }: { image: string; env: object[] }) => [image, env],
          ),
          [['nginx', [{ name: 'A', value: '1' }]]],
        );
      },
    },
    {
      name: 'patch (strategic) of a VM is refused',
      async run(k) {
        await k.put(VMS, testVm('custom', 'Halted'));
        assert.match(
          await k.refused('patch', 'vm', 'custom', '-p', '{"spec":{"runStrategy":"Manual"}}'),
          /the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml/,
        );
      },
    },
    {
      name: 'patch --subresource=status',
      since: 24,
      async run(k) {
        await k.put(DEPLOYMENTS, deployment('sub', 0));
        const conditions = [{ type: 'Tested', status: 'True', reason: 'R', message: '' }];
        await k.do(
          'patch',
          'deploy',
          'sub',
          '--subresource=status',
          '-p',
          JSON.stringify({ status: { conditions } }),
        );
        await k.until(`${DEPLOYMENTS}/sub`, ({ status }) =>
          status.conditions.some((one: { type: string }) => one.type === 'Tested'),
        );
      },
    },
    {
      name: 'label, --overwrite, remove',
      async run(k) {
        await k.put(VMS, testVm('labelled', 'Halted'));
        await k.do('label', 'vm', 'labelled', 'tier=front');
        assert.match(
          await k.refused('label', 'vm', 'labelled', 'tier=back'),
          /already has a value \(front\), and --overwrite is false/,
        );
        await k.do('label', 'vm', 'labelled', 'tier=back', '--overwrite');
        assert.equal((await k.get(`${VMS}/labelled`)).metadata.labels.tier, 'back');
        await k.do('label', 'vm', 'labelled', 'tier-');
        assert.equal((await k.get(`${VMS}/labelled`)).metadata.labels?.tier, undefined);
      },
    },
    {
      name: 'annotate',
      async run(k) {
        await k.put(CONFIG_MAPS, configMap('noted'));
        await k.do('annotate', 'cm', 'noted', 'note=well');
        assert.equal((await k.get(`${CONFIG_MAPS}/noted`)).metadata.annotations.note, 'well');
      },
    },
    {
      name: 'set image',
      async run(k) {
        await k.put(DEPLOYMENTS, deployment('imaged', 0));
        await k.do('set', 'image', 'deploy/imaged', 'c=nginx:2');
        assert.equal(
          (await k.get(`${DEPLOYMENTS}/imaged`)).spec.template.spec.containers[0].image,
          'nginx:2',
        );
      },
    },
  ],
};
