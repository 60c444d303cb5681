import assert from 'node:assert/strict';
import { CONFIG_MAPS, configMap } from '../manifests';
import type { Chapter } from '../operation';
import type { Kubectl } from './kubectl';

const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}';

export const access: Chapter<Kubectl> = {
  title: 'Access',
  operations: [
    {
      name: 'auth can-i',
      async run(k) {
        assert.equal(await k.do('auth', 'can-i', 'create', 'vms'), 'yes\n');
        const { code, out } = await k.try(['auth', 'can-i', 'create', 'vms', '--as=vic']);
        assert.deepEqual([code, out], [1, 'no\n']);
        await k.do('create', 'rolebinding', 'edits', '--clusterrole=kubevirt.io:edit', '--user=vic');
        assert.equal(await k.do('auth', 'can-i', 'create', 'vms', '--as=vic'), 'yes\n');
      },
    },
    {
      name: 'auth can-i of a subresource',
      async run(k) {
        const words = ['auth', 'can-i', 'get', 'pods', '--subresource=log', '--as=ada'];
        assert.equal((await k.try(words)).out, 'no\n');
        await k.do('create', 'rolebinding', 'views', '--clusterrole=view', '--user=ada');
        assert.equal(await k.do(...words), 'yes\n');
      },
    },
    {
      name: 'auth can-i --list',
      async run(k) {
        await k.do('create', 'rolebinding', 'views', '--clusterrole=kubevirt.io:view', '--user=eve');
        assert.match(
          await k.do('auth', 'can-i', '--list', '--as=eve'),
          /virtualmachines\.kubevirt\.io +\[\] +\[\] +\[get list watch\]/,
        );
      },
    },
    {
      name: 'auth whoami',
      since: 28,
      async run(k) {
        assert.match(
          await k.do('auth', 'whoami', '--context', 'sandbox-dana'),
          /Username +dana\nGroups +\[system:authenticated\]/,
        );
      },
    },
    {
      name: 'auth reconcile',
      async run(k) {
        const role = (verbs: string[]) => ({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'Role',
          metadata: { name: 'reconciled', namespace: k.namespace },
          rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
        });
        await k.do('auth', 'reconcile', '-f', await k.file(role(['get'])));
        await k.do('auth', 'reconcile', '-f', await k.file(role(['list'])));
        const { rules } = await k.get(`${RBAC}/roles/reconciled`);
        assert.deepEqual(
          rules.flatMap(({ verbs }: { verbs: string[] }) => verbs),
          ['get', 'list'],
        );
      },
    },
    {
      name: 'nobody hands on rights that they lack',
      async run(k) {
        await k.do('create', 'rolebinding', 'admins', '--clusterrole=admin', '--user=mal');
        assert.match(
          await k.refused(
            'create',
            'rolebinding',
            'more',
            '--clusterrole=cluster-admin',
            '--user=mal',
            '--as=mal',
          ),
          /rolebindings\.rbac\.authorization\.k8s\.io "more" is forbidden: user "mal" \(groups=\["system:authenticated"\]\) is attempting to grant RBAC permissions not currently held/,
        );
      },
    },
    {
      name: '--as, --as-group',
      async run(k) {
        await k.do('create', 'rolebinding', 'group', '--clusterrole=view', '--group=viewers');
        await k.put(CONFIG_MAPS, configMap('shown'));
        assert.equal(
          await k.do('get', 'cm', 'shown', '-o', 'name', '--as=any', '--as-group=viewers'),
          'configmap/shown\n',
        );
        assert.match(
          await k.refused('get', 'cm', '--as=any'),
          /User "any" cannot list resource "configmaps"/,
        );
      },
    },
    {
      name: 'create token, and its use',
      since: 24,
      async run(k) {
        await k.do('create', 'serviceaccount', 'robot');
        const token = (await k.do('create', 'token', 'robot', '--duration=10m')).trim();
        const words = ['get', 'cm', '--context=sandbox-vic', `--token=${token}`];
        assert.match(
          await k.refused(...words),
          new RegExp(`User "system:serviceaccount:${k.namespace}:robot" cannot list`),
        );
        await k.do(
          'create',
          'rolebinding',
          'robot',
          '--clusterrole=view',
          `--serviceaccount=${k.namespace}:robot`,
        );
        await k.do(...words);
      },
    },
    {
      name: 'a client certificate',
      async run(k) {
        const view = JSON.parse(await k.do('config', 'view', '--raw', '-o', 'json'));
        const admin = view.users.find(({ name }: { name: string }) => name === 'sandbox').user;
        const { 'client-certificate-data': certificate, 'client-key-data': key } = admin;
        const user = {
          name: 'by-certificate',
          user: { 'client-certificate-data': certificate, 'client-key-data': key },
        };
        const context = { ...view.contexts[0].context, user: 'by-certificate' };
        const file = await k.file({
          ...view,
          users: [user],
          contexts: [{ name: 'c', context }],
          'current-context': 'c',
        });
        assert.equal(await k.do('--kubeconfig', file, 'auth', 'can-i', '*', '*'), 'yes\n');
      },
    },
    {
      name: 'certificate approve',
      differs: 'Refused: the sandbox signs no certificates and has no CertificateSigningRequests.',
      async run(k) {
        assert.match(
          await k.refused('certificate', 'approve', 'any'),
          /doesn't have a resource type "certificatesigningrequests"/,
        );
      },
    },
  ],
};
