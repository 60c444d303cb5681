import { describe, expect, it } from 'vitest';
import { type AccessCheck, checkOfRefusal } from './access';
import { checkCommand, grantCommands, roleFor } from './role';

const SUB = 'subresources.kubevirt.io';
const start: AccessCheck = {
  verb: 'update',
  group: SUB,
  resource: 'virtualmachines',
  subresource: 'start',
  namespace: 'shop',
};
const remove: AccessCheck = {
  verb: 'delete',
  group: 'kubevirt.io',
  resource: 'virtualmachines',
  namespace: 'shop',
};

describe('the role that would allow it', () => {
  it('is a Role for one right, bound to the user as the cluster names them', () => {
    expect(roleFor([start], 'vic')).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'update-virtualmachines-start', namespace: 'shop' },
        rules: [{ apiGroups: [SUB], resources: ['virtualmachines/start'], verbs: ['update'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'update-virtualmachines-start-vic', namespace: 'shop' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'Role',
          name: 'update-virtualmachines-start',
        },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'vic' }],
      },
    ]);
  });

  it('is a ClusterRole across the cluster, and without a user no binding', () => {
    const list = { verb: 'list', group: '', resource: 'namespaces' };
    expect(roleFor([list], undefined)).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'list-namespaces' },
        rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list'] }],
      },
    ]);
  });

  it('binds a service account as such', () => {
    expect(roleFor([start], 'system:serviceaccount:ci:bot')[1]).toMatchObject({
      metadata: { name: 'update-virtualmachines-start-system:serviceaccount:ci:bot' },
      subjects: [{ kind: 'ServiceAccount', name: 'bot', namespace: 'ci' }],
    });
  });

  it('puts verbs and resources together, keeps namespaces and names of objects apart, and repeats nothing', () => {
    const pods = (verb: string, namespace: string, name?: string) => ({
      verb,
      group: '',
      resource: 'pods',
      namespace,
      name,
    });
    const objects = roleFor(
      [
        pods('watch', 'a'),
        pods('list', 'a'),
        pods('list', 'a'),
        { ...pods('list', 'a'), resource: 'events' },
        { ...pods('watch', 'a'), resource: 'events' },
        pods('get', 'b', 'web'),
      ],
      'vic',
    );
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`)).toEqual([
      'Role a',
      'RoleBinding a',
      'Role b',
      'RoleBinding b',
    ]);
    expect(objects[0]?.rules).toEqual([
      { apiGroups: [''], resources: ['pods', 'events'], verbs: ['list', 'watch'] },
    ]);
    expect(objects[2]?.rules).toEqual([
      { apiGroups: [''], resources: ['pods'], resourceNames: ['web'], verbs: ['get'] },
    ]);
  });

  it('never has the name of a role with other rules', () => {
    const sets = [[start], [remove], [start, remove], [{ ...start, name: 'web' }]];
    const names = sets.map((checks) => roleFor(checks, 'vic')[0]?.metadata.name);
    expect(new Set(names).size).toBe(4);
    const users = ['a b', 'a/b', 'a-b'].map((user) => roleFor([start], user)[1]?.metadata.name);
    expect(new Set(users).size).toBe(3);
    expect(users.join('')).not.toMatch(/[/%\s]/);
  });

  it('is made by kubectl commands where kubectl can name the resource', () => {
    const binding = roleFor([remove], "o'neil")[1]?.metadata.name;
    expect(grantCommands([remove], "o'neil")).toEqual([
      'kubectl create role delete-virtualmachines --verb=delete --resource=virtualmachines.kubevirt.io -n shop',
      `kubectl create rolebinding ${binding} --role=delete-virtualmachines --user='o'\\''neil' -n shop`,
    ]);
    expect(grantCommands([start], 'vic')).toBeUndefined();
    expect(
      grantCommands([remove, { ...remove, verb: 'list', resource: 'pods', group: '' }], 'v'),
    ).toBeUndefined();
  });
});

describe('asking kubectl', () => {
  it('uses can-i where it knows the resource, and a review where it does not', () => {
    expect(checkCommand(remove)).toBe('kubectl auth can-i delete virtualmachines.kubevirt.io -n shop');
    expect(checkCommand({ verb: 'list', group: '', resource: 'namespaces' })).toBe(
      'kubectl auth can-i list namespaces --all-namespaces',
    );
    expect(checkCommand({ ...remove, namespace: undefined, name: 'web' })).toBe(
      'kubectl auth can-i delete virtualmachines.kubevirt.io/web --all-namespaces',
    );
    expect(checkCommand(start)).toMatch(/^echo '\{.*"subresource":"start".*\}' \| kubectl create --raw/);
  });
});

describe('a refusal by the API server', () => {
  it('says what was missing', () => {
    const message = (rest: string) => `x is forbidden: User "vic" cannot ${rest}`;
    expect(
      checkOfRefusal(
        message('list resource "virtualmachines" in API group "kubevirt.io" at the cluster scope'),
      ),
    ).toEqual({ verb: 'list', group: 'kubevirt.io', resource: 'virtualmachines' });
    expect(
      checkOfRefusal(
        message(`update resource "virtualmachines/start" in API group "${SUB}" in the namespace "shop"`),
      ),
    ).toEqual(start);
    expect(
      checkOfRefusal(
        message('get resource "pods" in API group "" in the namespace "a": RBAC: role not found'),
      ),
    ).toEqual({ verb: 'get', group: '', resource: 'pods', namespace: 'a' });
  });

  it('is no matter of roles when it is about something else', () => {
    expect(checkOfRefusal('pods "x" is forbidden: exceeded quota: small')).toBeUndefined();
    expect(checkOfRefusal('forbidden: User "vic" cannot get path "/metrics"')).toBeUndefined();
  });
});
