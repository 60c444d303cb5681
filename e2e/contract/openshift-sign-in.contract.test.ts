import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox } from '@/sandbox/testing';
import { FormBrowser, signInAt } from '@/server/testing/form-browser';
import { startOpenShift, type TestOpenShift } from '@/server/testing/openshift';
import { ProviderConsole } from './provider-console';

let openshift: TestOpenShift;
let sandbox: TestSandbox;
let console_: ProviderConsole;

beforeAll(async () => {
  const port = await ProviderConsole.port();
  sandbox = await TestSandbox.start();
  openshift = await startOpenShift({
    api: sandbox,
    tokens: sandbox.tokens,
    client: {
      id: 'portlight',
      secret: 'a-secret-of-the-test',
      redirectUri: `http://127.0.0.1:${port}/auth/callback`,
    },
  });
  const openShift = { kind: 'openshift', clientId: 'portlight', clientSecretFile: 'secret' };
  const cluster = { server: openshift.url, caFile: 'ca.pem' };
  console_ = await ProviderConsole.start(
    port,
    [
      { ...cluster, name: 'lab', signIn: [{ ...openShift, caFile: 'oauth-ca.pem' }] },
      { ...cluster, name: 'wary', signIn: [openShift] },
      {
        ...cluster,
        name: 'wrong',
        signIn: [{ ...openShift, caFile: 'oauth-ca.pem', clientSecretFile: 'other' }],
      },
      { name: 'plain', server: sandbox.url, caFile: 'sandbox-ca.pem', signIn: [openShift] },
    ],
    {
      secret: 'a-secret-of-the-test',
      other: 'no-secret-of-the-test',
      'ca.pem': openshift.ca,
      'oauth-ca.pem': openshift.oauthCa,
      'sandbox-ca.pem': sandbox.ca,
    },
  );
});
afterAll(async () => {
  await console_.stop();
  await openshift.close();
  await sandbox.close();
});

const browserOf = () => new FormBrowser([openshift.ca, openshift.oauthCa]);

async function signIn(user: string, cluster = 'lab', answer = 'yes') {
  const browser = browserOf();
  const start = `${console_.origin}/auth/c/${cluster}/start/openshift?return=/c/${cluster}/vms`;
  const back = await signInAt(browser, start, user, `${console_.origin}/auth/callback`, answer);
  const answered = await browser.request(back);
  return { browser, location: answered.headers.get('location') };
}

describe("signing in at OpenShift's OAuth server", () => {
  it('makes everybody the user that the cluster knows, and deletes their token when they sign out', async () => {
    const [dana, vic] = [await signIn('dana'), await signIn('vic')];
    expect(dana.location).toBe('/c/lab/vms');
    const { clusters } = (await console_.ask(dana.browser, 'GET', '/auth/session')).body;
    expect(clusters[0]).toMatchObject({ name: 'lab', signedIn: true, user: 'dana', method: 'openshift' });
    // There is nothing to renew it with.
    expect(clusters[0].renewAt).toBeUndefined();
    expect((await console_.list(dana.browser, 'lab')).status).toBe(200);
    expect((await console_.list(vic.browser, 'lab', 'kube-system')).status).toBe(403);
    expect(openshift.tokens()).toBe(2);
    const kept = dana.browser.copy();
    expect((await console_.ask(dana.browser, 'POST', '/auth/c/lab/sign-out', {})).body).toEqual({});
    expect(openshift.tokens()).toBe(1);
    expect((await console_.list(kept, 'lab')).status).toBe(401);
    expect((await console_.list(vic.browser, 'lab')).status).toBe(200);
  });

  it('says what keeps it from that', async () => {
    expect((await signIn('dana', 'lab', 'no')).location).toContain('/sign-in/lab?error=consent-denied');
    expect((await signIn('dana', 'wrong')).location).toContain('/sign-in/wrong?error=client-refused');
    // The authority of the API's certificate does not vouch for the OAuth server's.
    expect((await signIn('dana', 'wary')).location).toContain('/sign-in/wary?error=provider-untrusted');
    const browser = browserOf();
    const plain = await browser.request(`${console_.origin}/auth/c/plain/start/openshift`);
    expect(plain.headers.get('location')).toBe('/sign-in/plain?error=provider-misconfigured');
  });
});
