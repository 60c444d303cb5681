import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await bind('dana-admin', 'admin');
});
afterAll(() => api.close());

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const apiVersion = 'rbac.authorization.k8s.io/v1';
const subjects = [{ kind: 'User', name: 'dana' }];
const role = (name: string, rules: object[], user = 'dana') =>
  api.ask('POST', `${RBAC}/namespaces/dev/roles`, {
    user,
    body: { apiVersion, kind: 'Role', metadata: { name }, rules },
  });
const bind = (name: string, clusterRole: string, user = 'admin') =>
  api.ask('POST', `${RBAC}/namespaces/dev/rolebindings`, {
    user,
    body: {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: { kind: 'ClusterRole', name: clusterRole },
      subjects,
    },
  });

describe('rights that somebody hands on', () => {
  it('are their own', async () => {
    const vms = { apiGroups: ['kubevirt.io'], resources: ['virtualmachines'] };
    expect((await role('ok', [{ ...vms, verbs: ['get', 'create'] }])).status).toBe(201);
    const refused = await role('more', [
      { ...vms, verbs: ['get', 'approve'] },
      { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['get', 'list'] },
    ]);
    expect([refused.status, refused.body.message]).toEqual([
      403,
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "dana" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["nodes"], Verbs:["get" "list"]}\n' +
        '{APIGroups:["kubevirt.io"], Resources:["virtualmachines"], Verbs:["approve"]}',
    ]);
    const patch = await api.ask('PATCH', `${RBAC}/namespaces/dev/roles/ok`, {
      user: 'dana',
      body: { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(patch.status).toBe(403);
  });

  it('are bound only by who has them, or may bind', async () => {
    expect((await bind('view-too', 'view', 'dana')).status).toBe(201);
    const migrate = await bind('migrate', 'kubevirt.io:migrate', 'dana');
    expect(migrate.body.message).toContain(
      '{APIGroups:["subresources.kubevirt.io"], Resources:["virtualmachines/migrate"], Verbs:["update"]}',
    );
    expect((await bind('none', 'missing', 'dana')).body.message).toBe(
      'clusterroles.rbac.authorization.k8s.io "missing" not found',
    );
    await api.ask('POST', `${RBAC}/namespaces/dev/roles`, {
      body: {
        apiVersion,
        kind: 'Role',
        metadata: { name: 'binder' },
        rules: [
          {
            apiGroups: ['rbac.authorization.k8s.io'],
            resources: ['clusterroles'],
            resourceNames: ['kubevirt.io:migrate'],
            verbs: ['bind'],
          },
        ],
      },
    });
    await api.ask('POST', `${RBAC}/namespaces/dev/rolebindings`, {
      body: {
        apiVersion,
        kind: 'RoleBinding',
        metadata: { name: 'binder' },
        roleRef: { kind: 'Role', name: 'binder' },
        subjects,
      },
    });
    expect((await bind('migrate', 'kubevirt.io:migrate', 'dana')).status).toBe(201);
  });

  it('stay with the role that they were bound to', async () => {
    const where = `${RBAC}/namespaces/dev/rolebindings/dana-admin`;
    const stored = (await api.ask('GET', where)).body;
    expect(stored.subjects).toEqual([{ ...subjects[0], apiGroup: 'rbac.authorization.k8s.io' }]);
    const changed = { ...stored, roleRef: { ...stored.roleRef, name: 'edit' } };
    expect((await api.ask('PUT', where, { body: changed })).body.message).toBe(
      'RoleBinding.rbac.authorization.k8s.io "dana-admin" is invalid: roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"edit"}: cannot change roleRef',
    );
  });

  it('are well formed', async () => {
    expect((await role('bad', [{ apiGroups: [''], verbs: [] }], 'admin')).body.message).toBe(
      'Role.rbac.authorization.k8s.io "bad" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].resources: Required value: resource rules must supply at least one resource]',
    );
  });
});

describe('roles that are not there', () => {
  it('stand in every refusal, and in the list of rules', async () => {
    await api.ask('POST', `${RBAC}/namespaces/default/rolebindings`, {
      body: {
        apiVersion,
        kind: 'RoleBinding',
        metadata: { name: 'lost' },
        roleRef: { kind: 'ClusterRole', name: 'gone' },
        subjects: [{ kind: 'User', name: 'vic' }],
      },
    });
    const problem = 'clusterrole.rbac.authorization.k8s.io "gone" not found';
    const listed = await api.ask('GET', '/api/v1/namespaces/default/pods', { user: 'vic' });
    expect(listed.body.message).toBe(
      `pods is forbidden: User "vic" cannot list resource "pods" in API group "" in the namespace "default": RBAC: ${problem}`,
    );
    const rules = await api.ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
      user: 'vic',
      body: { spec: { namespace: 'default' } },
    });
    expect(rules.body).toMatchObject({
      metadata: {},
      spec: {},
      status: { incomplete: true, evaluationError: problem },
    });
  });
});
