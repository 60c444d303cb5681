import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KeyRing } from '@/lib/auth/key-ring';
import { readOpenIdOptions } from '@/sandbox/api/access/openid-options';
import { TestSandbox } from '@/sandbox/testing';
import { FormBrowser, signInAt } from '@/server/testing/form-browser';
import { startProvider, type TestProvider } from '@/server/testing/oidc-provider';
import { ProviderConsole } from './provider-console';

const START = '/auth/c/lab/start/oidc';

let provider: TestProvider;
let sandbox: TestSandbox;
let console_: ProviderConsole;
/** Another one with the same keys and the same configuration. */
let replica: ProviderConsole;

beforeAll(async () => {
  const [port, otherPort] = [await ProviderConsole.port(), await ProviderConsole.port()];
  const origin = `http://127.0.0.1:${port}`;
  provider = await startProvider({
    clients: [
      {
        client_id: 'console',
        client_secret: 'a-secret-of-the-test',
        redirect_uris: [`${origin}/auth/callback`],
        post_logout_redirect_uris: [`${origin}/`],
        grant_types: ['authorization_code', 'refresh_token'],
        backchannel_logout_uri: `${origin}/auth/back-channel/oidc`,
        backchannel_logout_session_required: true,
      },
      // A client that the cluster does not take tokens of.
      {
        client_id: 'stranger',
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${origin}/auth/callback`],
        grant_types: ['authorization_code'],
      },
    ],
    users: [
      { id: 'olga', email: 'olga@example.org', groups: ['dev-team'] },
      { id: 'piet', email: 'piet@example.org', groups: [] },
    ],
    // A token is renewed when half a minute is left of it: from its tenth second on.
    lifetimes: { idToken: 40 },
  });
  const openId = readOpenIdOptions(
    {
      'oidc-issuer-url': provider.issuer,
      'oidc-client-id': 'console',
      'oidc-username-claim': 'email',
      'oidc-groups-claim': 'groups',
      'oidc-groups-prefix': 'sso:',
    },
    {},
  );
  sandbox = await TestSandbox.start(openId ? { openId } : {});
  const subject = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name });
  await sandbox.ask('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'dev-team' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [subject('sso:dev-team'), subject('id:dev-team')],
  });
  const oidc = {
    kind: 'oidc',
    issuer: provider.issuer,
    clientId: 'console',
    clientSecretFile: 'secret',
    scopes: ['openid', 'email', 'groups', 'offline_access'],
    prompt: 'consent',
  };
  const clusters = [
    {
      name: 'lab',
      server: sandbox.url,
      caFile: 'ca.pem',
      signIn: [oidc, { kind: 'oidc', id: 'stranger', issuer: provider.issuer, clientId: 'stranger' }],
    },
  ];
  const acted = {
    ...clusters[0],
    name: 'acted',
    impersonation: { tokenFile: 'token', usernamePrefix: 'id:', groupsPrefix: 'id:' },
    signIn: [{ ...oidc, impersonate: true, usernameClaim: 'email', groupsClaim: 'groups' }],
  };
  const files = { token: sandbox.tokens.admin ?? '', secret: 'a-secret-of-the-test', 'ca.pem': sandbox.ca };
  const ring = new KeyRing();
  const peers = (other: number) => ({ ring, peers: [`127.0.0.1:${other}`] });
  console_ = await ProviderConsole.start(port, [...clusters, acted], files, peers(otherPort));
  replica = await ProviderConsole.start(otherPort, clusters, files, peers(port));
});
afterAll(async () => {
  await Promise.all([console_.stop(), replica.stop()]);
  await sandbox.close();
  await provider.stop();
});
afterEach(() => {
  provider.available = true;
  provider.beforeToken = undefined;
});

/** Signs in, and returns the browser and where it landed. */
async function signIn(user: string, { start = START, answer = 'yes', browser = new FormBrowser() } = {}) {
  const back = await signInAt(
    browser,
    console_.origin + start,
    user,
    `${console_.origin}/auth/callback`,
    answer,
  );
  const answered = await browser.request(back);
  return { browser, back, status: answered.status, location: answered.headers.get('location') ?? '' };
}

const whoIs = async (browser: FormBrowser, cluster = 0) =>
  (await console_.ask(browser, 'GET', '/auth/session')).body.clusters[cluster];

describe('signing in at a provider', () => {
  it('makes everybody the user that the cluster knows, with the rights of their groups', async () => {
    const olga = await signIn('olga', { start: `${START}?return=${encodeURIComponent('/c/lab/vms?q=a')}` });
    expect(olga).toMatchObject({ status: 302, location: '/c/lab/vms?q=a' });
    expect(await whoIs(olga.browser)).toMatchObject({
      signedIn: true,
      user: 'olga@example.org',
      method: 'oidc',
    });
    expect((await console_.list(olga.browser, 'lab')).status).toBe(200);
    const piet = await signIn('piet');
    expect((await whoIs(piet.browser)).user).toBe('piet@example.org');
    const refused = await console_.list(piet.browser, 'lab');
    expect(refused).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
    expect(refused.body.message).toContain('User "piet@example.org" cannot list');
  });

  it('leads to no other site, and takes each answer once, in the browser that began', async () => {
    for (const evil of ['https://evil.example', '//evil.example', '/\\evil.example', '/auth/callback']) {
      const { location } = await signIn('olga', { start: `${START}?return=${encodeURIComponent(evil)}` });
      expect(location).toBe('/');
    }
    const { back, browser } = await signIn('olga');
    for (const other of [browser, new FormBrowser()]) {
      const again = await other.request(back);
      expect(again.headers.get('location')).toBe('/sign-in/lab?error=attempt-unknown');
    }
  });

  it('says why it failed, in the page and not in the address', async () => {
    const { browser, location } = await signIn('olga', { answer: 'no', start: `${START}?return=/c/lab/vms` });
    expect(location).toBe('/sign-in/lab?error=consent-denied&return=%2Fc%2Flab%2Fvms');
    const told = { cluster: 'lab', problem: 'consent-denied', said: 'access_denied: The person refused' };
    expect((await console_.ask(browser, 'GET', '/auth/failure')).body).toEqual(told);
    expect((await console_.ask(browser, 'GET', '/auth/failure')).body).toEqual({});
    expect((await whoIs(browser)).signedIn).toBe(false);
  });

  it('says that the cluster does not take the token', async () => {
    const { browser, location } = await signIn('olga', { start: '/auth/c/lab/start/stranger' });
    expect(location).toBe('/sign-in/lab?error=cluster-refused');
    expect((await whoIs(browser)).signedIn).toBe(false);
  });

  it('says that the provider is away', async () => {
    const browser = new FormBrowser();
    const begun = await browser.open(console_.origin + START, provider.issuer);
    provider.available = false;
    const back = `${console_.origin}/auth/callback?code=x&state=${new URL(begun.url).searchParams.get('state')}`;
    const answer = await browser.request(`${back}&iss=${encodeURIComponent(provider.issuer)}`);
    expect(answer.headers.get('location')).toBe('/sign-in/lab?error=provider-unreachable');
  });
});

const tokenRequests = () => provider.requests.filter((path) => path === '/token').length;
const untilDue = async (browser: FormBrowser, cluster = 0) => {
  await expect
    .poll(async () => (await whoIs(browser, cluster)).renewAt - Date.now(), { timeout: 30_000 })
    .toBeLessThan(0);
};

describe('somebody for whom a service account acts', () => {
  it('has the rights of their own name and groups, and keeps them when the provider renews', async () => {
    const [olga, piet] = [
      await signIn('olga', { start: '/auth/c/acted/start/oidc' }),
      await signIn('piet', { start: '/auth/c/acted/start/oidc' }),
    ];
    expect(await whoIs(olga.browser, 1)).toMatchObject({ name: 'acted', user: 'id:olga@example.org' });
    const refused = await console_.list(piet.browser, 'acted');
    expect(refused.body.message).toContain('User "id:piet@example.org" cannot list');
    await untilDue(olga.browser, 1);
    const before = tokenRequests();
    expect((await console_.list(olga.browser, 'acted')).status).toBe(200);
    expect(tokenRequests()).toBe(before + 1);
    expect((await whoIs(olga.browser, 1)).renewAt).toBeGreaterThan(Date.now());
  });
});

describe('a session with a provider', () => {
  it('is renewed once, however many ask at that moment with the old cookie', async () => {
    const { browser } = await signIn('olga');
    await untilDue(browser);
    const before = tokenRequests();
    const old = browser.copy();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => console_.list(index % 2 ? browser : browser.copy(), 'lab')),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(tokenRequests()).toBe(before + 1);
    // Somebody whose answer got lost comes with the old cookie, and is given the new one.
    expect((await console_.list(old, 'lab')).status).toBe(200);
    expect(tokenRequests()).toBe(before + 1);
    expect(old.cookies(console_.origin)).not.toBe('');
    expect((await whoIs(old)).renewAt).toBe((await whoIs(browser)).renewAt);
  });

  it('outlasts a moment without the provider', async () => {
    const { browser } = await signIn('olga');
    await untilDue(browser);
    provider.available = false;
    expect((await console_.list(browser, 'lab')).status).toBe(200);
    provider.available = true;
    const before = tokenRequests();
    expect((await console_.ask(browser, 'POST', '/auth/c/lab/renew', {})).status).toBe(200);
    expect(tokenRequests()).toBe(before + 1);
  });

  it('ends when the provider refuses to renew it', async () => {
    const { browser } = await signIn('piet');
    // Without a back-channel: as when the console was away when the provider told.
    provider.forget('piet');
    await untilDue(browser);
    const over = await console_.list(browser, 'lab');
    expect(over).toMatchObject({ status: 401, body: { reason: 'SignInNeeded' } });
    const before = tokenRequests();
    expect((await console_.list(browser, 'lab')).status).toBe(401);
    expect(tokenRequests()).toBe(before);
  });

  it('ends at the provider too when somebody signs out', async () => {
    const { browser } = await signIn('olga');
    const sessions = provider.sessions('olga');
    const out = await console_.ask(browser, 'POST', '/auth/c/lab/sign-out', {});
    expect(out.status).toBe(200);
    const asked = await browser.open(out.body.redirect);
    expect(asked.html).toContain('Sign out of the test provider');
    expect((await browser.submit(asked, { logout: 'yes' }, `${console_.origin}/`)).url).toBe(
      `${console_.origin}/`,
    );
    expect(provider.sessions('olga')).toBe(sessions - 1);
    expect((await console_.list(browser, 'lab')).status).toBe(401);
  });

  it('ends at once when the provider says so, and only then', async () => {
    const [olga, piet] = [await signIn('olga'), await signIn('piet')];
    const { told, failed } = await provider.endSessions('olga');
    expect(failed).toEqual([]);
    expect(told).toBeGreaterThan(0);
    expect(await console_.list(olga.browser, 'lab')).toMatchObject({
      status: 401,
      body: { reason: 'SignInNeeded', details: { causes: [{ reason: 'SignedOut' }] } },
    });
    expect((await console_.list(piet.browser, 'lab')).status).toBe(403);
    const again = await signIn('olga');
    expect((await console_.list(again.browser, 'lab')).status).toBe(200);
  });

  it('is known to every replica, and so is its end', async () => {
    const [olga, piet] = [await signIn('olga'), await signIn('piet')];
    const atReplica = async (browser: FormBrowser) => {
      const where = '/api/k8s/lab/apis/kubevirt.io/v1/namespaces/dev/virtualmachines';
      const cookie = browser.cookies(console_.origin);
      return (await fetch(replica.origin + where, { headers: { cookie } })).status;
    };
    expect([await atReplica(olga.browser), await atReplica(piet.browser)]).toEqual([200, 403]);
    // The provider tells the one whose address it has.
    await provider.endSessions('olga');
    await expect.poll(() => atReplica(olga.browser)).toBe(401);
    await console_.ask(piet.browser, 'POST', '/auth/c/lab/sign-out', { everywhere: true });
    await expect.poll(() => atReplica(piet.browser)).toBe(401);
  });

  it('is not ended by anybody else', async () => {
    const { browser } = await signIn('olga');
    const tell = (body: string, type = 'application/x-www-form-urlencoded') =>
      new FormBrowser().request(`${console_.origin}/auth/back-channel/oidc`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
    const forged = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(
      JSON.stringify({ iss: provider.issuer, aud: 'console', sub: 'olga' }),
    ).toString('base64url')}.`;
    for (const answer of [
      await tell(''),
      await tell(`logout_token=${forged}`),
      await tell('{}', 'application/json'),
    ]) {
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
    }
    expect((await console_.list(browser, 'lab')).status).toBe(200);
  });
});
