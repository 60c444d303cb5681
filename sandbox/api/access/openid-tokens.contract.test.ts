import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlain, type RequestListener } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadServerIdentity } from '../certificates';
import { startTestApi, type TestApi } from '../testing/test-api';
import { type OpenIdFlag, readOpenIdOptions } from './openid-options';

const CLIENT = 'console';
const REVIEWS = '/apis/authentication.k8s.io/v1';

/** The two documents that an issuer publishes, and what signs in its name. */
class Issuer {
  up = true;
  private constructor(
    private readonly server: Server,
    readonly url: string,
    private keys: Awaited<ReturnType<typeof makeKey>>[],
  ) {}

  static async start(tls?: { key: string; cert: string }): Promise<Issuer> {
    const answer: RequestListener = (request, response) => {
      if (!issuer.up) response.writeHead(503).end();
      else if (request.url === '/.well-known/openid-configuration') {
        response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }));
      } else response.end(JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) }));
    };
    const server = tls ? createTls(tls, answer) : createPlain(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const issuer = new Issuer(server, url, [await makeKey('one')]);
    return issuer;
  }

  async replaceKey(): Promise<void> {
    this.keys = [await makeKey('two')];
  }

  sign(claims: JWTPayload, header: object = {}): Promise<string> {
    const [key] = this.keys;
    if (!key) throw new Error('no key');
    const seconds = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: this.url,
      aud: CLIENT,
      sub: 'u-1',
      iat: seconds,
      exp: seconds + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: key.jwk.kid, ...header })
      .sign(key.privateKey);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

async function makeKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}

let issuer: Issuer;
let api: TestApi | undefined;
beforeEach(async () => {
  issuer = await Issuer.start();
});
afterEach(async () => {
  await api?.close();
  api = undefined;
  await issuer.stop();
});

async function startApi(flags: Partial<Record<OpenIdFlag, string>> = {}): Promise<TestApi> {
  const openId = readOpenIdOptions(
    { 'oidc-issuer-url': issuer.url, 'oidc-client-id': CLIENT, ...flags },
    process.env,
  );
  api = await startTestApi(openId ? { openId } : {});
  return api;
}

/** Who the API takes the token's bearer for; undefined for a 401. */
async function whoIs(token: string) {
  const answer = await api?.ask('POST', `${REVIEWS}/selfsubjectreviews`, {
    user: token,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
  return answer?.status === 401 ? undefined : answer?.body.status.userInfo;
}

async function problemOf(token: string): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  const answer = await api?.ask('POST', `${REVIEWS}/tokenreviews`, { body });
  return answer?.body.status.error;
}

describe("an OpenID Connect provider's user", () => {
  it("is known by the issuer and the subject, and has the roles' rights", async () => {
    await startApi();
    const token = await issuer.sign({});
    expect(await whoIs(token)).toEqual({
      username: `${issuer.url}#u-1`,
      groups: ['system:authenticated'],
    });
    const vms = '/apis/kubevirt.io/v1/namespaces/dev/virtualmachines';
    expect((await api?.ask('GET', vms, { user: token }))?.status).toBe(403);
    await api?.ask('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings', {
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'u-1' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: `${issuer.url}#u-1` }],
      },
    });
    expect((await api?.ask('GET', vms, { user: token }))?.status).toBe(200);
  });

  it('takes names and groups from the claims that the flags name, with their prefixes', async () => {
    await startApi({
      'oidc-username-claim': 'name',
      'oidc-username-prefix': 'sso:',
      'oidc-groups-claim': 'teams',
      'oidc-groups-prefix': 'team:',
    });
    expect(await whoIs(await issuer.sign({ name: 'ann', teams: ['a', 'b'], jti: 'j1' }))).toEqual({
      username: 'sso:ann',
      groups: ['team:a', 'team:b', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=j1'] },
    });
    expect((await whoIs(await issuer.sign({ name: 'ann', teams: 'a' }))).groups).toEqual([
      'team:a',
      'system:authenticated',
    ]);
    expect(await problemOf(await issuer.sign({ name: 'ann', teams: [1] }))).toContain('parse groups claim');
    expect(await problemOf(await issuer.sign({}))).toContain(
      'parse username claims "name": claim not present',
    );
  });

  it('is known by a verified address without a prefix', async () => {
    await startApi({ 'oidc-username-claim': 'email' });
    const email = 'ann@example.org';
    expect((await whoIs(await issuer.sign({ email }))).username).toBe(email);
    expect((await whoIs(await issuer.sign({ email, email_verified: true }))).username).toBe(email);
    expect(await problemOf(await issuer.sign({ email, email_verified: false }))).toContain(
      'oidc: email not verified',
    );
  });

  it('is nobody with a token for others, of others, out of date, or signed otherwise', async () => {
    await startApi({ 'oidc-username-prefix': '-' });
    const past = Math.floor(Date.now() / 1000) - 5;
    const other = await Issuer.start();
    const refused = [
      await issuer.sign({ aud: 'somebody-else' }),
      await issuer.sign({ exp: past }),
      await issuer.sign({ exp: undefined }),
      await issuer.sign({ nbf: past + 3600 }),
      await other.sign({}),
      await other.sign({ iss: issuer.url }),
      (await issuer.sign({})).replace(/\.[^.]*$/, '.'),
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await issuer.sign({})).split('.')[1]}.`,
    ];
    for (const token of refused) expect(await whoIs(token)).toBeUndefined();
    expect(await whoIs(await issuer.sign({ aud: ['somebody-else', CLIENT] }))).toMatchObject({
      username: 'u-1',
    });
    await other.stop();
  });

  it('is believed once the provider is up, and with keys that it changed', async () => {
    issuer.up = false;
    await startApi({ 'oidc-username-prefix': '-' });
    const token = await issuer.sign({});
    expect(await whoIs(token)).toBeUndefined();
    expect(await problemOf(token)).toContain('oidc: authenticator not initialized');
    issuer.up = true;
    expect((await whoIs(token)).username).toBe('u-1');
    await issuer.replaceKey();
    const newer = await issuer.sign({});
    await expect.poll(async () => (await whoIs(newer))?.username, { timeout: 10_000 }).toBe('u-1');
    expect(await whoIs(token)).toBeUndefined();
  });
});

describe('an issuer behind TLS', () => {
  it('is believed when the named authority vouches for it, and only then', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'openid-'));
    const identity = loadServerIdentity(folder);
    const caFile = path.join(folder, 'issuer-ca.pem');
    writeFileSync(caFile, identity.ca);
    await issuer.stop();
    issuer = await Issuer.start({ key: identity.key, cert: identity.certificate });
    await startApi({ 'oidc-ca-file': caFile });
    expect((await whoIs(await issuer.sign({}))).username).toBe(`${issuer.url}#u-1`);
    await api?.close();
    await startApi();
    expect(await problemOf(await issuer.sign({}))).toContain('not initialized');
    rmSync(folder, { recursive: true });
  });
});

describe('the flags', () => {
  const read = (flags: Partial<Record<OpenIdFlag, string>>, env: Record<string, string> = {}) =>
    readOpenIdOptions(flags, env);

  it('come from variables too, and none means none', () => {
    expect(read({})).toBeUndefined();
    const env = {
      PORTLIGHT_SANDBOX_OIDC_ISSUER_URL: 'https://sso.example.org',
      PORTLIGHT_SANDBOX_OIDC_CLIENT_ID: 'a',
      PORTLIGHT_SANDBOX_OIDC_GROUPS_CLAIM: 'groups',
    };
    expect(read({ 'oidc-client-id': 'b' }, env)).toEqual({
      issuer: 'https://sso.example.org',
      clientId: 'b',
      usernameClaim: 'sub',
      usernamePrefix: 'https://sso.example.org#',
      groupsClaim: 'groups',
      groupsPrefix: '',
    });
  });

  it.each([
    [{ 'oidc-issuer-url': 'https://a' }, 'must be specified together'],
    [{ 'oidc-groups-claim': 'groups' }, 'must be specified together'],
    [{ 'oidc-issuer-url': 'http://sso.example.org', 'oidc-client-id': 'a' }, 'URL scheme must be https'],
    [{ 'oidc-issuer-url': 'sso', 'oidc-client-id': 'a' }, 'URL must be parseable'],
  ])('%j is refused', (flags, message) => {
    expect(() => read(flags)).toThrow(message);
  });
});
