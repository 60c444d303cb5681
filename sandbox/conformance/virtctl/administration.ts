import assert from 'node:assert/strict';
import type { Chapter } from '../operation';
import { createVm, runVm, VM } from './machines';
import type { Virtctl } from './virtctl';

const KUBEVIRTS = '/apis/kubevirt.io/v1/kubevirts';
const CORE = '/api/v1/namespaces/{ns}';
const NO_GRAPH = 'ObjectGraph feature gate not enabled: Unable to return object graph.';

/** The only installation: virtctl looks for it in all namespaces. */
// biome-ignore lint/suspicious/noExplicitAny: a KubeVirt as it was answered.
async function installation(v: Virtctl): Promise<any> {
  const { items } = await v.call('GET', KUBEVIRTS);
  assert.equal(items.length, 1);
  return items[0];
}

async function setVerbosity(v: Virtctl, value: object): Promise<object> {
  const { metadata } = await installation(v);
  const where = `/apis/kubevirt.io/v1/namespaces/${metadata.namespace}/kubevirts/${metadata.name}`;
  const path = '/spec/configuration/developerConfiguration/logVerbosity';
  const patched = await v.call('PATCH', where, {
    type: 'application/json-patch+json',
    body: [{ op: 'add', path, value }],
  });
  return patched.spec.configuration.developerConfiguration.logVerbosity;
}

/** virtctl as a service account that may do what the role allows in this namespace, or nothing. */
async function someone(v: Virtctl, role?: string): Promise<Virtctl> {
  const subject = { kind: 'ServiceAccount', name: 'someone', namespace: v.namespace };
  await v.call('POST', `${CORE}/serviceaccounts`, {
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'someone' } },
  });
  if (role) {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role };
    await v.call('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings', {
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'someone' },
        subjects: [subject],
        roleRef,
      },
    });
  }
  const { status } = await v.call('POST', `${CORE}/serviceaccounts/someone/token`, {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  return v.as(status.token);
}

const forbidden = (v: Virtctl, verb: string, what: string, name: string, group: string) =>
  `${what.split('/')[0]}.${group} "${name}" is forbidden: User "system:serviceaccount:${v.namespace}:someone" ` +
  `cannot ${verb} resource "${what}" in API group "${group}" in the namespace "${v.namespace}"`;

export const administration: Chapter<Virtctl> = {
  title: 'Administration',
  operations: [
    {
      name: 'version',
      run: async (v) => assert.match(await v.serverVersion(), /^v1\.\d+\.\d+/),
    },
    {
      name: 'adm log-verbosity',
      async run(v) {
        assert.deepEqual(await setVerbosity(v, { virtHandler: 5 }), { virtHandler: 5 });
        const { spec } = await installation(v);
        assert.equal(spec.configuration.developerConfiguration.logVerbosity.virtHandler, 5);
        assert.deepEqual(await setVerbosity(v, {}), {});
      },
    },
    {
      name: 'permitted-devices',
      async run(v) {
        const { spec } = await installation(v);
        assert.equal(spec.configuration.permittedHostDevices, undefined);
      },
    },
    {
      name: 'objectgraph',
      async run(v) {
        await runVm(v);
        assert.equal(await v.refused(v.read('virtualmachines', 'vm', 'objectgraph')), NO_GRAPH);
        assert.equal(await v.refused(v.read('virtualmachineinstances', 'vm', 'objectgraph')), NO_GRAPH);
      },
    },
    {
      name: 'start by someone who may only look',
      async run(v) {
        await createVm(v, 'Halted');
        const viewer = await someone(v, 'view');
        assert.equal((await viewer.call('GET', VM)).metadata.name, 'vm');
        assert.equal(
          await v.refused(viewer.put('virtualmachines', 'vm', 'start', {})),
          forbidden(v, 'update', 'virtualmachines/start', 'vm', 'subresources.kubevirt.io'),
        );
        assert.equal((await v.see(VM)).spec.runStrategy, 'Halted');
      },
    },
    {
      name: 'start by someone who may edit',
      async run(v) {
        await createVm(v, 'Halted');
        const editor = await someone(v, 'edit');
        await editor.put('virtualmachines', 'vm', 'start', {});
        await v.until(VM, ({ status }) => status?.printableStatus === 'Running');
      },
    },
    {
      name: 'console by someone who may nothing',
      async run(v) {
        await runVm(v);
        const nobody = await someone(v);
        assert.equal(
          await v.refused(nobody.call('GET', VM)),
          forbidden(v, 'get', 'virtualmachines', 'vm', 'kubevirt.io'),
        );
        const group = 'subresources.kubevirt.io';
        assert.equal(
          await v.refused(nobody.dial('virtualmachineinstances', 'vm', 'console')),
          forbidden(v, 'get', 'virtualmachineinstances/console', 'vm', group),
        );
        assert.match(await nobody.serverVersion(), /^v1\./);
      },
    },
    {
      name: 'any command by someone unknown',
      async run(v) {
        const stranger = v.as('not-a-token');
        assert.equal(await v.refused(stranger.put('virtualmachines', 'vm', 'start', {})), 'Unauthorized');
      },
    },
  ],
};
