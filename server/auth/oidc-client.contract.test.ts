import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OidcClient, type ProviderTokens } from '@/lib/auth/oidc-client';
import type { ProviderError } from '@/lib/auth/provider-error';
import { oidcMethod } from '@/lib/auth/sign-in-method';
import { selfSigned } from '../testing/fake-cluster';
import { FormBrowser, signInAt } from '../testing/form-browser';
import { type ProviderOptions, startProvider, type TestProvider } from '../testing/oidc-provider';

const BACK = 'http://127.0.0.1:3999/auth/callback';
const GONE = 'http://127.0.0.1:3999/';
const LOGOUT = 'http://127.0.0.1:3999/auth/back-channel/oidc';

let provider: TestProvider;
let client: OidcClient;
let folder: string;

const clients: ProviderOptions['clients'] = [
  {
    client_id: 'console',
    client_secret: 'a-secret-of-the-test',
    redirect_uris: [BACK],
    post_logout_redirect_uris: [GONE],
    grant_types: ['authorization_code', 'refresh_token'],
    backchannel_logout_uri: LOGOUT,
    backchannel_logout_session_required: true,
  },
];
const users = [
  { id: 'dana', email: 'dana@example.org', groups: ['dev', 'ops'] },
  { id: 'vic', email: 'vic@example.org', groups: [] },
];

async function start(
  options: Partial<ProviderOptions> = {},
  settings: Record<string, unknown> = {},
): Promise<void> {
  provider = await startProvider({ clients, users, ...options });
  client = clientOf(settings);
}

function clientOf(settings: Record<string, unknown> = {}): OidcClient {
  const method = oidcMethod.parse({
    kind: 'oidc',
    issuer: provider.issuer,
    clientId: 'console',
    clientSecretFile: path.join(folder, 'secret'),
    scopes: ['openid', 'email', 'groups', 'offline_access'],
    prompt: 'consent',
    ...settings,
  });
  return new OidcClient({ ...method, id: 'oidc' });
}

async function signIn(user = 'dana', browser = new FormBrowser()): Promise<ProviderTokens> {
  const { url, pending } = await client.begin(BACK);
  const back = await signInAt(browser, url, user, BACK);
  return client.finish(new URL(back).searchParams, pending);
}

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (cause: ProviderError) => cause.problem,
  );

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'oidc-'));
  writeFileSync(path.join(folder, 'secret'), 'a-secret-of-the-test\n');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await client.close();
  await provider.stop();
  rmSync(folder, { recursive: true });
});

describe('signing in', () => {
  it('gives tokens about whom the provider knows', async () => {
    await start();
    const before = Date.now();
    const tokens = await signIn();
    expect(tokens).toMatchObject({ issuer: provider.issuer, subject: 'dana' });
    expect(tokens.claims).toMatchObject({
      email: 'dana@example.org',
      groups: ['dev', 'ops'],
      aud: 'console',
    });
    expect(tokens.token).toBe(tokens.idToken);
    expect(tokens.expiresAt).toBeGreaterThan(before + 3_590_000);
    expect(tokens.refreshToken).toBeTruthy();
    expect(tokens.providerSid).toBe(decodeJwt(tokens.token).sid);
    expect(provider.requests.filter((path) => path.startsWith('/.well-known'))).toHaveLength(1);
  });

  it('hands on the access token where the cluster wants that one', async () => {
    await start(
      { accessTokenAudience: 'cluster', lifetimes: { accessToken: 120 } },
      { token: 'access_token' },
    );
    const tokens = await signIn();
    expect(decodeJwt(tokens.token)).toMatchObject({ aud: 'cluster', sub: 'dana', iss: provider.issuer });
    expect((tokens.expiresAt ?? 0) - Date.now()).toBeLessThanOrEqual(120_000);
  });

  it('tells why it failed', async () => {
    await start();
    const { url, pending } = await client.begin(BACK);
    const refused = await signInAt(new FormBrowser(), url, 'dana', BACK, 'no');
    const query = new URL(refused).searchParams;
    expect(await problemOf(client.finish(query, pending))).toBe('consent-denied');
    expect(await problemOf(client.finish(query, { ...pending, state: 'another' }))).toBe('attempt-unknown');
  });

  it('takes each code once, with its own verifier and nonce', async () => {
    await start();
    const begin = async () => {
      const { url, pending } = await client.begin(BACK);
      return { pending, query: new URL(await signInAt(new FormBrowser(), url, 'dana', BACK)).searchParams };
    };
    const first = await begin();
    expect(await problemOf(client.finish(first.query, { ...first.pending, verifier: 'x'.repeat(43) }))).toBe(
      'grant-refused',
    );
    const second = await begin();
    expect(await problemOf(client.finish(second.query, { ...second.pending, nonce: 'other' }))).toBe(
      'token-invalid',
    );
    const third = await begin();
    expect(await problemOf(client.finish(third.query, third.pending))).toBe('none');
    expect(await problemOf(client.finish(third.query, third.pending))).toBe('grant-refused');
  });

  it('notices a wrong secret, and takes the right one at once', async () => {
    await start();
    writeFileSync(path.join(folder, 'secret'), 'wrong');
    expect(await problemOf(signIn())).toBe('client-refused');
    rmSync(path.join(folder, 'secret'));
    expect(await problemOf(signIn())).toBe('provider-misconfigured');
    writeFileSync(path.join(folder, 'secret'), 'a-secret-of-the-test');
    expect(await problemOf(signIn())).toBe('none');
  });

  it('notices clocks that differ', async () => {
    await start({ lifetimes: { idToken: 60 } });
    const { url, pending } = await client.begin(BACK);
    const back = await signInAt(new FormBrowser(), url, 'dana', BACK);
    const now = Date.now;
    // The provider answers by its own clock; only then the console looks at its.
    provider.afterToken = () => void vi.spyOn(Date, 'now').mockImplementation(() => now() + 600_000);
    expect(await problemOf(client.finish(new URL(back).searchParams, pending))).toBe('clock-skew');
  });
});

describe('a provider that is not there', () => {
  it('is asked again by the next one', async () => {
    await start();
    provider.available = false;
    expect(await problemOf(client.begin(BACK))).toBe('provider-unreachable');
    provider.available = true;
    expect(await problemOf(client.begin(BACK))).toBe('none');
    provider.available = false;
    // What it published serves; only what needs its answer fails.
    expect(await problemOf(client.begin(BACK))).toBe('none');
    expect(await problemOf(client.refresh({ refreshToken: 'x', subject: 'dana' }))).toBe(
      'provider-unreachable',
    );
  });

  it('is told from one that is somebody else', async () => {
    await start();
    const other = clientOf({ issuer: 'http://127.0.0.1:1' });
    expect(await problemOf(other.begin(BACK))).toBe('provider-unreachable');
    const alias = clientOf({ issuer: provider.issuer.replace('127.0.0.1', 'localhost') });
    expect(await problemOf(alias.begin(BACK))).toBe('provider-misconfigured');
    await Promise.all([other.close(), alias.close()]);
  });

  it('is believed by the authority that the configuration names', async () => {
    const tls = await selfSigned();
    await start({ tls }, {});
    expect(await problemOf(client.begin(BACK))).toBe('provider-untrusted');
    const caFile = path.join(folder, 'ca.pem');
    writeFileSync(caFile, tls.cert);
    const trusting = clientOf({ caFile });
    expect(await problemOf(trusting.begin(BACK))).toBe('none');
    await trusting.close();
  });
});

describe('renewing', () => {
  it('brings new tokens and a new refresh token, and the old one ends the session', async () => {
    await start();
    const first = await signIn();
    const before = { refreshToken: first.refreshToken ?? '', subject: 'dana' };
    const second = await client.refresh(before);
    expect(second).toMatchObject({ subject: 'dana', issuer: provider.issuer });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await problemOf(client.refresh(before))).toBe('grant-refused');
    const after = { refreshToken: second.refreshToken ?? '', subject: 'dana' };
    expect(await problemOf(client.refresh(after))).toBe('grant-refused');
  });

  it('stays with the same person, and with the same refresh token where there is no other', async () => {
    await start({ rotate: false });
    const { refreshToken = '' } = await signIn();
    expect((await client.refresh({ refreshToken, subject: 'dana' })).refreshToken).toBe(refreshToken);
    expect(await problemOf(client.refresh({ refreshToken, subject: 'vic' }))).toBe('token-invalid');
  });
});

describe('signing out', () => {
  it('takes the refresh token from the books, and ends the session at the provider', async () => {
    await start();
    const browser = new FormBrowser();
    const { refreshToken = '' } = await signIn('dana', browser);
    expect(await client.revoke(refreshToken)).toBe(true);
    expect(await problemOf(client.refresh({ refreshToken, subject: 'dana' }))).toBe('grant-refused');
    const url = (await client.endSessionUrl(GONE)) ?? '';
    expect(new URL(url).searchParams.has('id_token_hint')).toBe(false);
    expect(provider.sessions('dana')).toBe(1);
    const asked = await browser.open(url);
    expect((await browser.submit(asked, { logout: 'yes' }, GONE)).url).toBe(GONE);
    expect(provider.sessions('dana')).toBe(0);
  });
});

describe('logout tokens', () => {
  it('are taken once, and nothing else passes for one', async () => {
    const tokens: string[] = [];
    const { createServer } = await import('node:http');
    const sink = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      tokens.push(new URLSearchParams(body).get('logout_token') ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    const { port } = sink.address() as { port: number };
    const uri = `http://127.0.0.1:${port}/`;
    await start({ clients: clients.map((each) => ({ ...each, backchannel_logout_uri: uri })) });
    const { providerSid, idToken = '' } = await signIn();
    expect(await provider.endSessions('dana')).toEqual({ told: 1, failed: [] });
    const [token = ''] = tokens;
    expect(await client.takeLogoutToken(token)).toEqual({ subject: 'dana', providerSid });
    expect(await problemOf(client.takeLogoutToken(token))).toBe('token-invalid');
    expect(await problemOf(client.takeLogoutToken(idToken))).toBe('token-invalid');
    expect(await problemOf(client.takeLogoutToken('nonsense'))).toBe('token-invalid');
    sink.close();
  });
});
