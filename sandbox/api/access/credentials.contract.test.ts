import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createCluster } from '../store';
import { startTestApi, type TestApi } from '../testing/test-api';

let api: TestApi;
let directory: string;
let late = 0;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tokens-'));
  const cluster = createCluster({ directory: undefined, now: () => new Date(Date.now() + late) });
  api = await startTestApi({ cluster, kubeconfig: path.join(directory, 'kubeconfig') });
});
afterAll(async () => {
  await api.close();
  await rm(directory, { recursive: true });
});

const ACCOUNT = '/api/v1/namespaces/dev/serviceaccounts/default';
const PODS = '/api/v1/namespaces/dev/pods';
const request = (spec: object, account = ACCOUNT, user = 'admin') =>
  api.ask('POST', `${account}/token`, {
    user,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec },
  });
const review = async (spec: object) => {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
  return (await api.ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body })).body;
};
const whoami = async (user: string) =>
  (
    await api.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      user,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    })
  ).body.status.userInfo;

describe("a service account's token", () => {
  it('is issued on request, for at least ten minutes', async () => {
    const { status, body } = await request({ expirationSeconds: 600 });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'TokenRequest',
      metadata: { name: 'default', namespace: 'dev' },
      spec: { audiences: ['https://kubernetes.default.svc'], expirationSeconds: 600, boundObjectRef: null },
    });
    const left = Date.parse(body.status.expirationTimestamp) - Date.now();
    expect(left).toBeGreaterThan(595_000);
    expect((await request({ expirationSeconds: 599 })).body.message).toBe(
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    );
    expect((await request({}, ACCOUNT.replace('/default', '/nobody'))).body.message).toBe(
      'serviceaccounts "nobody" not found',
    );
    expect((await request({}, ACCOUNT, 'vic')).status).toBe(403);
    expect((await request({}, ACCOUNT, 'dana')).status).toBe(201);
  });

  it('says who somebody is, and may what its account may', async () => {
    const { token } = (await request({})).body.status;
    const name = 'system:serviceaccount:dev:default';
    const account = (await api.ask('GET', ACCOUNT)).body;
    expect(await whoami(token)).toEqual({
      username: name,
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:dev', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)] },
    });
    expect((await api.ask('GET', PODS, { user: token })).body.message).toBe(
      `pods is forbidden: User "${name}" cannot list resource "pods" in API group "" in the namespace "dev"`,
    );
    await api.ask('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings', {
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'accounts' },
        roleRef: { kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'dev' }],
      },
    });
    expect((await api.ask('GET', PODS, { user: token })).status).toBe(200);
  });

  it('ends with its time, its account and what it is bound to', async () => {
    const make = (kind: string, name: string, more: object = {}) =>
      api.ask('POST', `/api/v1/namespaces/dev/${kind.toLowerCase()}s`, {
        body: { apiVersion: 'v1', kind, metadata: { name }, ...more },
      });
    await make('ServiceAccount', 'robot');
    const robot = ACCOUNT.replace('default', 'robot');
    const { token } = (await request({}, robot)).body.status;
    await make('Pod', 'p', {
      spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'i' }] },
    });
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p' };
    const bound = (await request({ boundObjectRef }, robot)).body.status.token;
    expect((await whoami(bound)).extra).toMatchObject({ 'authentication.kubernetes.io/pod-name': ['p'] });
    expect((await request({ boundObjectRef })).body.message).toBe(
      'cannot bind token for serviceaccount "default" to pod running with different serviceaccount name.',
    );
    await api.ask('DELETE', `${PODS}/p`, { body: { gracePeriodSeconds: 0 } });
    expect(await review({ token: bound })).toMatchObject({
      status: { user: {}, error: '[invalid bearer token, service account token has been invalidated]' },
    });
    late = 3_700_000;
    expect((await api.ask('GET', PODS, { user: token })).body.message).toBe('Unauthorized');
    expect((await review({ token })).status.error).toBe(
      '[invalid bearer token, service account token has expired]',
    );
    late = 0;
    expect((await review({ token })).status.authenticated).toBe(true);
    await api.ask('DELETE', robot);
    await make('ServiceAccount', 'robot');
    expect((await review({ token })).status.error).toContain('does not match claim');
    expect((await api.ask('GET', PODS, { user: token })).status).toBe(401);
  });

  it('is for its audiences, and can be checked by others', async () => {
    const { token } = (await request({ audiences: ['vault'] })).body.status;
    expect((await review({ token, audiences: ['vault', 'x'] })).status).toMatchObject({
      authenticated: true,
      audiences: ['vault'],
    });
    expect((await review({ token })).status).toEqual({
      user: {},
      error:
        '[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["https://kubernetes.default.svc"]]',
    });
    expect((await review({ token: 'nobody' })).status).toEqual({ user: {}, error: 'invalid bearer token' });
    const configuration = await api.ask('GET', '/.well-known/openid-configuration');
    expect(configuration.body).toMatchObject({ issuer: 'https://kubernetes.default.svc' });
    const keys = await api.ask('GET', new URL(configuration.body.jwks_uri).pathname);
    expect(keys.headers.get('content-type')).toBe('application/jwk-set+json');
    const [jwk] = JSON.parse(keys.text).keys as JsonWebKey[];
    const [head, claims, signature = ''] = token.split('.');
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify('sha256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
    const forged = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    expect((await api.ask('GET', PODS, { user: `${forged}.${claims}.` })).status).toBe(401);
  });

  it('can be a Secret that the cluster fills, and ends with it', async () => {
    const secret = (name: string, account: string) => ({
      body: {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/service-account-token',
        metadata: { name, annotations: { 'kubernetes.io/service-account.name': account } },
      },
    });
    const secrets = '/api/v1/namespaces/dev/secrets';
    await api.ask('POST', secrets, secret('forever', 'default'));
    const { data } = (await api.ask('GET', `${secrets}/forever`)).body;
    const token = Buffer.from(data.token, 'base64').toString();
    expect(Object.keys(data).sort()).toEqual(['ca.crt', 'namespace', 'token']);
    expect((await whoami(token)).username).toBe('system:serviceaccount:dev:default');
    await api.ask('DELETE', `${secrets}/forever`);
    expect((await review({ token })).status.error).toContain('Token has been invalidated');
    await api.ask('POST', secrets, secret('orphan', 'nobody'));
    expect((await api.ask('GET', `${secrets}/orphan`)).status).toBe(404);
  });
});

describe('a client certificate', () => {
  const connect = async (tls: object, headers: Record<string, string> = {}) => {
    const agent = new Agent({ connect: { ca: api.server.ca, ...tls } });
    try {
      const response = await fetch(`${api.server.url}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
        method: 'POST',
        dispatcher: agent,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
      });
      return (await response.json()) as { status: { userInfo: unknown }; message?: string };
    } finally {
      await agent.destroy();
    }
  };
  const identity = () => {
    const [user] = parse(readFileSync(path.join(directory, 'kubeconfig'), 'utf8')).users;
    const pem = (text: string) => Buffer.from(text, 'base64').toString();
    return { cert: pem(user.user['client-certificate-data']), key: pem(user.user['client-key-data']) };
  };

  it("of the kubeconfig is the administrator's", async () => {
    expect((await connect(identity())).status.userInfo).toEqual({
      username: 'admin',
      groups: ['system:masters', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)],
      },
    });
  });

  it('of another authority is worth nothing, but a token beside it is', async () => {
    const other = await startTestApi({ kubeconfig: path.join(directory, 'other') });
    const [user] = parse(readFileSync(path.join(directory, 'other'), 'utf8')).users;
    await other.close();
    const pem = (name: string) => Buffer.from(user.user[name], 'base64').toString();
    const foreign = { cert: pem('client-certificate-data'), key: pem('client-key-data') };
    expect((await connect(foreign)).message).toBe('Unauthorized');
    const authorization = `Bearer ${api.server.tokens.vic}`;
    expect((await connect(foreign, { authorization })).status.userInfo).toMatchObject({ username: 'vic' });
  });
});
