import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startApiServer } from './server';
import { createCluster } from './store';
import { startTestApi, type TestApi, vmManifest } from './testing/test-api';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const VMS = '/apis/kubevirt.io/v1/namespaces/dev/virtualmachines';
const review = (user: string, kind: string, spec: object, group = 'authorization.k8s.io') =>
  api.ask('POST', `/apis/${group}/v1/${kind.toLowerCase()}s`, {
    user,
    body: { apiVersion: `${group}/v1`, kind, spec },
  });
const may = async (user: string, resourceAttributes: object) =>
  (await review(user, 'SelfSubjectAccessReview', { resourceAttributes })).body.status;

describe('who somebody is', () => {
  it('is nobody without a token, refused with a wrong one, and told on request', async () => {
    const anonymous = await api.ask('GET', VMS, { user: 'anonymous' });
    expect(anonymous.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'virtualmachines.kubevirt.io is forbidden: User "system:anonymous" cannot list resource "virtualmachines" in API group "kubevirt.io" in the namespace "dev"',
      reason: 'Forbidden',
      details: { group: 'kubevirt.io', kind: 'virtualmachines' },
      code: 403,
    });
    expect((await api.ask('GET', VMS, { user: 'wrong-token' })).body).toMatchObject({
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
    expect((await api.ask('GET', '/healthz', { user: 'anonymous' })).text).toBe('ok');
    expect((await api.ask('GET', '/apis', { user: 'anonymous' })).body.message).toBe(
      'forbidden: User "system:anonymous" cannot get path "/apis"',
    );
    const self = await review('dana', 'SelfSubjectReview', {}, 'authentication.k8s.io');
    expect(self.body.status.userInfo).toEqual({ username: 'dana', groups: ['system:authenticated'] });
  });

  it('is told to browsers in a sub-protocol, with another beside it', async () => {
    const encoded = Buffer.from(api.server.tokens.vic ?? '').toString('base64url');
    const carrier = `base64url.bearer.authorization.k8s.io.${encoded}`;
    const ask = (protocols: string) =>
      api.ask('GET', VMS, { user: 'anonymous', headers: { 'sec-websocket-protocol': protocols } });
    expect((await ask(`${carrier}, plain.kubevirt.io`)).status).toBe(200);
    expect((await ask(carrier)).status).toBe(401);
    expect((await ask(`${carrier}, ${carrier}, x`)).status).toBe(401);
  });

  it('may be somebody else for those who may impersonate', async () => {
    const headers = { 'impersonate-user': 'vic' };
    expect((await api.ask('POST', VMS, { headers, body: vmManifest('a') })).body.message).toContain(
      'User "vic" cannot create',
    );
    expect((await api.ask('GET', VMS, { headers, user: 'dana' })).body.message).toBe(
      'users "vic" is forbidden: User "dana" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
  });

  it('acts as a service account, with a uid and extras, as far as each may be impersonated', async () => {
    const whoami = (headers: Record<string, string>, user = 'admin') =>
      api.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        user,
        headers,
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      });
    const account = await whoami({ 'impersonate-user': 'system:serviceaccount:dev:default' });
    expect(account.body.status.userInfo).toEqual({
      username: 'system:serviceaccount:dev:default',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:dev', 'system:authenticated'],
    });
    const extra = { 'impersonate-user': 'joe', 'impersonate-uid': '7', 'impersonate-extra-a%2fB': 'x' };
    expect((await whoami(extra)).body.status.userInfo).toEqual({
      username: 'joe',
      uid: '7',
      groups: ['system:authenticated'],
      extra: { 'a/b': ['x'] },
    });
    // The edit role lets its holders act as the accounts of their namespace, and as nobody else.
    const elsewhere = { 'impersonate-user': 'system:serviceaccount:default:default' };
    expect((await whoami({ 'impersonate-user': 'system:serviceaccount:dev:default' }, 'dana')).status).toBe(
      201,
    );
    expect((await whoami(elsewhere, 'dana')).body.message).toBe(
      'serviceaccounts "default" is forbidden: User "dana" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "default"',
    );
    const nobody = await whoami({ 'impersonate-group': 'g' });
    expect([nobody.status, nobody.text]).toEqual([
      500,
      'Internal Server Error: "/apis/authentication.k8s.io/v1/selfsubjectreviews": requested [{Group  g    }] without impersonating a user\n',
    ]);
  });
});

describe('what somebody may', () => {
  it('is to edit one namespace and nothing else, for dana', async () => {
    expect((await api.ask('POST', VMS, { user: 'dana', body: vmManifest('hers') })).status).toBe(201);
    const elsewhere = await api.ask('GET', VMS.replace('/dev/', '/default/'), { user: 'dana' });
    expect(elsewhere.body.message).toBe(
      'virtualmachines.kubevirt.io is forbidden: User "dana" cannot list resource "virtualmachines" in API group "kubevirt.io" in the namespace "default"',
    );
    const namespaces = await api.ask('GET', '/api/v1/namespaces', { user: 'dana' });
    expect(namespaces.body.message).toBe(
      'namespaces is forbidden: User "dana" cannot list resource "namespaces" in API group "" at the cluster scope',
    );
    const collection = await api.ask('DELETE', VMS, { user: 'dana' });
    expect(collection.body.message).toContain('cannot deletecollection resource "virtualmachines"');
  });

  it('is to look, for vic', async () => {
    expect((await api.ask('GET', `${VMS}/hers`, { user: 'vic' })).status).toBe(200);
    expect((await api.ask('DELETE', `${VMS}/hers`, { user: 'vic' })).body.message).toBe(
      'virtualmachines.kubevirt.io "hers" is forbidden: User "vic" cannot delete resource "virtualmachines" in API group "kubevirt.io" in the namespace "dev"',
    );
  });

  it('can be asked', async () => {
    const start = {
      group: 'subresources.kubevirt.io',
      resource: 'virtualmachines',
      subresource: 'start',
      verb: 'update',
      namespace: 'dev',
    };
    expect(await may('dana', start)).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "dana-edit/dev" of ClusterRole "edit" to User "dana"',
    });
    expect(await may('vic', start)).toEqual({ allowed: false });
    const vnc = {
      group: 'subresources.kubevirt.io',
      resource: 'virtualmachineinstances',
      subresource: 'vnc',
      verb: 'get',
      namespace: 'dev',
    };
    expect((await may('dana', vnc)).allowed).toBe(true);
    expect((await may('vic', vnc)).allowed).toBe(false);
    expect((await may('dana', { ...start, subresource: 'migrate' })).allowed).toBe(false);
    expect((await may('admin', { verb: '*', resource: '*', group: '*' })).allowed).toBe(true);
    const unclear = await review('vic', 'SubjectAccessReview', {});
    expect(unclear.status).toBe(403);
    expect((await review('admin', 'SubjectAccessReview', {})).body.message).toBe(
      '.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]',
    );
    const other = await review('admin', 'SubjectAccessReview', {
      user: 'vic',
      resourceAttributes: { ...vnc },
    });
    expect(other.body.status).toEqual({ allowed: false });
    const rules = await review('vic', 'SelfSubjectRulesReview', { namespace: 'dev' });
    expect(rules.body.status.incomplete).toBe(false);
    expect(rules.body.status.resourceRules).toContainEqual({
      apiGroups: ['kubevirt.io'],
      resources: ['kubevirts'],
      verbs: ['get', 'list'],
    });
  });

  it('follows the roles and bindings as they change, aggregated ones too', async () => {
    const leases = { group: 'example.com', resource: 'things', verb: 'get', namespace: 'dev' };
    expect((await may('vic', leases)).allowed).toBe(false);
    await api.ask('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'things:view', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
        rules: [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }],
      },
    });
    expect((await may('vic', leases)).allowed).toBe(true);
    // view is part of edit.
    expect((await may('dana', leases)).allowed).toBe(true);
    await api.ask('DELETE', '/apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings/vic-view');
    expect((await may('vic', leases)).allowed).toBe(false);
  });
});

describe('discovery', () => {
  it('lists groups and resources, legacy and aggregated', async () => {
    const list = (await api.ask('GET', '/apis/kubevirt.io/v1')).body;
    expect(list.resources).toContainEqual(
      expect.objectContaining({
        name: 'virtualmachines',
        singularName: 'virtualmachine',
        namespaced: true,
        kind: 'VirtualMachine',
        shortNames: ['vm', 'vms'],
        categories: ['all'],
      }),
    );
    expect(list.resources).toContainEqual(
      expect.objectContaining({ name: 'virtualmachines/status', verbs: ['get', 'patch', 'update'] }),
    );
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const aggregated = await api.ask('GET', '/apis', { headers: { accept } });
    expect(aggregated.headers.get('content-type')).toBe(
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    );
    const groups = aggregated.body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(groups).toEqual(expect.arrayContaining(['kubevirt.io', 'apps', 'subresources.kubevirt.io']));
    const sub = (await api.ask('GET', '/apis/subresources.kubevirt.io/v1')).body.resources;
    expect(sub).toContainEqual({
      name: 'virtualmachines/start',
      singularName: '',
      namespaced: true,
      kind: '',
      verbs: null,
    });
    const nothing = await api.ask('GET', '/apis/example.com/v1');
    expect([nothing.status, nothing.text]).toEqual([404, '404 page not found\n']);
  });

  it('has a definition for every custom resource', async () => {
    const crd = await api.ask(
      'GET',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/virtualmachines.kubevirt.io',
    );
    expect(crd.body.status.conditions).toMatchObject([
      { type: 'NamesAccepted', status: 'True' },
      { type: 'Established', status: 'True' },
    ]);
  });
});

describe('a restart', () => {
  it('keeps objects, tokens, certificate and port, and ends open watches first', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'api-'));
    const kubeconfig = path.join(directory, 'kubeconfig');
    try {
      const cluster = createCluster({ directory });
      const first = await startTestApi({ cluster, directory, kubeconfig });
      await first.ask('POST', VMS, { body: vmManifest('kept') });
      let arrived: () => void = () => undefined;
      const running = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const watching = first.watch(`${VMS}?watch=true`, () => {
        arrived();
        return false;
      });
      await running;
      const written = await readFile(kubeconfig, 'utf8');
      await first.server.close();
      expect(await watching).toMatchObject([{ type: 'ADDED' }]);
      const again = createCluster({ directory });
      const second = await startApiServer({ cluster: again, directory, kubeconfig });
      expect(await readFile(kubeconfig, 'utf8')).toBe(written);
      expect(again.get('virtualmachines.kubevirt.io', 'dev', 'kept')).toEqual(
        cluster.get('virtualmachines.kubevirt.io', 'dev', 'kept'),
      );
      expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
      const contexts = parse(written).contexts.map(({ name }: { name: string }) => name);
      expect(contexts).toEqual(['sandbox', 'sandbox-dana', 'sandbox-vic']);
      await first.agent.destroy();
      await second.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
