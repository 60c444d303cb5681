import assert from 'node:assert/strict';
import { setHeaderOptions } from '@kubernetes/client-node';
import type { Chapter } from '../operation';
import { type NodeClient, refused } from './client';

const GROUP = 'rbac.authorization.k8s.io';

async function bind({ rbac, namespace }: NodeClient, role: string, kind: string, name: string) {
  const subject = kind === 'ServiceAccount' ? { kind, name, namespace } : { kind, name, apiGroup: GROUP };
  await rbac.createNamespacedRoleBinding({
    namespace,
    body: {
      metadata: { name: `${name}-${role}` },
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
      subjects: [subject],
    },
  });
}

export const access: Chapter<NodeClient> = {
  title: 'Access',
  operations: [
    {
      name: 'the certificate of the kubeconfig',
      async run(client) {
        const { identity } = client.byCertificate();
        const { status } = await identity.createSelfSubjectReview({ body: {} });
        assert.equal(status?.userInfo?.username, 'admin');
        await client.byCertificate().core.listNode();
      },
    },
    {
      name: 'SelfSubjectReview of another context',
      async run(client) {
        const { status } = await client.as('sandbox-dana').identity.createSelfSubjectReview({ body: {} });
        assert.equal(status?.userInfo?.username, 'dana');
        assert.ok(status.userInfo.groups?.includes('system:authenticated'));
      },
    },
    {
      name: 'a wrong token',
      async run(client) {
        await refused(client.withToken('wrong').core.listNode(), 401, /Unauthorized/);
      },
    },
    {
      name: 'SelfSubjectAccessReview, and what it says comes true',
      async run(client) {
        const vic = client.as('sandbox-vic');
        const { namespace } = client;
        const resourceAttributes = { namespace, verb: 'list', resource: 'secrets' };
        const body = { spec: { resourceAttributes } };
        const may = async () => (await vic.access.createSelfSubjectAccessReview({ body })).status?.allowed;
        assert.equal(await may(), false);
        await refused(
          vic.core.listNamespacedSecret({ namespace }),
          403,
          /User "vic" cannot list resource "secrets" in API group "" in the namespace/,
        );
        await bind(client, 'edit', 'User', 'vic');
        assert.equal(await may(), true);
        await vic.core.listNamespacedSecret({ namespace });
      },
    },
    {
      name: 'SelfSubjectRulesReview',
      async run(client) {
        const { namespace } = client;
        await bind(client, 'kubevirt.io:view', 'User', 'vic');
        const { status } = await client.as('sandbox-vic').access.createSelfSubjectRulesReview({
          body: { spec: { namespace } },
        });
        assert.ok(status?.resourceRules.some(({ resources }) => resources?.includes('virtualmachines')));
      },
    },
    {
      name: 'SubjectAccessReview, LocalSubjectAccessReview',
      async run(client) {
        const { access: api, namespace } = client;
        await bind(client, 'view', 'Group', 'readers');
        const resourceAttributes = { namespace, verb: 'get', resource: 'configmaps' };
        const spec = { user: 'any', groups: ['readers'], resourceAttributes };
        const { status } = await api.createSubjectAccessReview({ body: { spec } });
        assert.equal(status?.allowed, true);
        const body = { metadata: { namespace }, spec: { ...spec, groups: [] } };
        const local = await api.createNamespacedLocalSubjectAccessReview({ namespace, body });
        assert.equal(local.status?.allowed, false);
      },
    },
    {
      name: 'TokenRequest, its use and its TokenReview',
      async run(client) {
        const { core, identity, namespace } = client;
        await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'robot' } } });
        const { status } = await core.createNamespacedServiceAccountToken({
          name: 'robot',
          namespace,
          body: { spec: { audiences: [], expirationSeconds: 600 } },
        });
        assert.ok(status?.token && status.expirationTimestamp.getTime() > Date.now());
        const robot = client.withToken(status.token);
        await refused(robot.core.listNamespacedPod({ namespace }), 403, /system:serviceaccount:/);
        await bind(client, 'view', 'ServiceAccount', 'robot');
        await robot.core.listNamespacedPod({ namespace });
        const review = await identity.createTokenReview({ body: { spec: { token: status.token } } });
        assert.equal(review.status?.user?.username, `system:serviceaccount:${namespace}:robot`);
      },
    },
    {
      name: 'TokenReview of a wrong token',
      async run({ identity }) {
        const { status } = await identity.createTokenReview({ body: { spec: { token: 'wrong' } } });
        assert.ok(!status?.authenticated && status?.error);
      },
    },
    {
      name: 'impersonation by header',
      async run(client) {
        const { core, identity, namespace } = client;
        const asEve = setHeaderOptions('Impersonate-User', 'eve');
        const { status } = await identity.createSelfSubjectReview({ body: {} }, asEve);
        assert.equal(status?.userInfo?.username, 'eve');
        await refused(core.listNamespacedPod({ namespace }, asEve), 403, /User "eve" cannot list/);
        const { core: vics } = client.as('sandbox-vic');
        await refused(vics.listNamespacedPod({ namespace }, asEve), 403, /cannot impersonate/);
      },
    },
    {
      name: 'a Role and its rules',
      async run(client) {
        const { rbac, core, namespace } = client;
        const rules = [
          { apiGroups: [''], resources: ['configmaps'], resourceNames: ['shown'], verbs: ['get'] },
        ];
        await rbac.createNamespacedRole({ namespace, body: { metadata: { name: 'one' }, rules } });
        await rbac.createNamespacedRoleBinding({
          namespace,
          body: {
            metadata: { name: 'one' },
            roleRef: { apiGroup: GROUP, kind: 'Role', name: 'one' },
            subjects: [{ kind: 'User', name: 'vic', apiGroup: GROUP }],
          },
        });
        await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'shown' } } });
        const vic = client.as('sandbox-vic').core;
        await vic.readNamespacedConfigMap({ name: 'shown', namespace });
        await refused(vic.readNamespacedConfigMap({ name: 'kube-root-ca.crt', namespace }), 403);
      },
    },
  ],
};
