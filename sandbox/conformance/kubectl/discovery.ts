import assert from 'node:assert/strict';
import { testVm } from '../../testing';
import { definition } from '../manifests';
import type { Chapter } from '../operation';
import type { Kubectl } from './kubectl';

export const discovery: Chapter<Kubectl> = {
  title: 'Discovery and schema',
  operations: [
    {
      name: 'version',
      async run(k) {
        const { serverVersion } = JSON.parse(await k.do('version', '-o', 'json'));
        const { body } = await k.sandbox.ask('GET', '/version');
        assert.equal(serverVersion.gitVersion, body.gitVersion);
      },
    },
    {
      name: 'cluster-info',
      async run(k) {
        assert.ok((await k.do('cluster-info')).includes(k.sandbox.url));
      },
    },
    {
      name: 'api-versions',
      async run(k) {
        const versions = (await k.do('api-versions')).split('\n');
        for (const version of [
          'v1',
          'apps/v1',
          'kubevirt.io/v1',
          'cdi.kubevirt.io/v1beta1',
          'snapshot.kubevirt.io/v1beta1',
        ])
          assert.ok(versions.includes(version), version);
      },
    },
    {
      name: 'api-resources -o wide',
      async run(k) {
        assert.match(
          await k.do('api-resources', '--api-group=kubevirt.io', '-o', 'wide'),
          /^virtualmachines +vm,vms +kubevirt\.io\/v1 +true +VirtualMachine +.*deletecollection/m,
        );
      },
    },
    {
      name: 'api-resources --cached=false --verbs=list,watch --namespaced=false',
      async run(k) {
        const names = (
          await k.do(
            'api-resources',
            '--cached=false',
            '--verbs=list,watch',
            '--namespaced=false',
            '-o',
            'name',
          )
        ).split('\n');
        assert.ok(names.includes('nodes') && names.includes('storageprofiles.cdi.kubevirt.io'));
        assert.ok(!names.includes('pods') && !names.includes('virtualmachines.kubevirt.io'));
      },
    },
    {
      name: 'explain vm.spec.template.spec.domain.cpu',
      async run(k) {
        const text = await k.do('explain', 'vm.spec.template.spec.domain.cpu');
        assert.match(text, /cores\s+<integer>\s+Cores specifies the number of cores/);
        assert.match(text, /dedicatedCpuPlacement\s+<boolean>/);
      },
    },
    {
      name: 'explain --recursive vmi.spec.networks',
      async run(k) {
        assert.match(
          await k.do('explain', '--recursive', 'vmi.spec.networks'),
          /multus[\s\S]*networkName\s+<string>/,
        );
      },
    },
    {
      name: 'explain deploy.spec.strategy',
      async run(k) {
        assert.match(
          await k.do('explain', 'deploy.spec.strategy'),
          /rollingUpdate\s+<(Object|RollingUpdateDeployment)>/,
        );
      },
    },
    {
      name: 'apply -f CRD, wait --for=condition=Established, explain, get, scale',
      async run(k) {
        await k.do('apply', '-f', await k.file(definition('Robot')));
        await k.do('wait', 'crd/robots.conformance.example.com', '--for=condition=Established');
        const robot = { apiVersion: 'conformance.example.com/v1', kind: 'Robot', metadata: { name: 'r' } };
        await k.do('apply', '-f', await k.file({ ...robot, spec: { legs: 2 } }));
        assert.match(await k.do('explain', 'robots.spec.legs'), /How many it walks on\./);
        await k.do('scale', 'robot/r', '--replicas=6');
        assert.match(await k.do('get', 'robots'), /^NAME +LEGS\nr +6\n$/);
        assert.match(
          await k.refused('apply', '-f', await k.file({ ...robot, spec: { legs: -1 } })),
          /spec\.legs in body should be greater than or equal to 0/,
        );
        await k.do('delete', 'crd', 'robots.conformance.example.com');
        assert.equal(await k.get('/apis/conformance.example.com/v1/namespaces/{ns}/robots/r'), undefined);
      },
    },
    {
      name: 'get --raw /openapi/v3',
      async run(k) {
        assert.ok(
          JSON.parse(await k.do('get', '--raw', '/openapi/v3')).paths['apis/kubevirt.io/v1']
            .serverRelativeURL,
        );
      },
    },
    {
      name: 'get --raw /readyz',
      async run(k) {
        assert.equal(await k.do('get', '--raw', '/readyz'), 'ok');
      },
    },
    {
      name: 'proxy, and a request through it',
      async run(k) {
        await k.put('/apis/kubevirt.io/v1/namespaces/{ns}/virtualmachines', testVm('proxied', 'Halted'));
        const seen: string[] = [];
        await k.follow(['proxy', '--port=0'], async (lines) => {
          const address = lines.at(-1)?.match(/127\.0\.0\.1:\d+/)?.[0];
          const where = `/apis/kubevirt.io/v1/namespaces/${k.namespace}/virtualmachines/proxied`;
          const answer = await fetch(`http://${address}${where}`);
          seen.push(((await answer.json()) as { metadata: { name: string } }).metadata.name);
          return true;
        });
        assert.deepEqual(seen, ['proxied']);
      },
    },
    {
      name: 'config view, get-contexts, use of another context',
      async run(k) {
        assert.match(await k.do('config', 'view'), /DATA\+OMITTED[\s\S]*current-context: sandbox\b/);
        assert.match(
          await k.do('config', 'get-contexts', '-o', 'name'),
          /^sandbox\nsandbox-dana\nsandbox-vic\n$/,
        );
        assert.match(
          await k.refused('--context', 'sandbox-vic', 'get', 'secrets'),
          /Error from server \(Forbidden\): secrets is forbidden: User "vic" cannot list resource "secrets"/,
        );
      },
    },
  ],
};
