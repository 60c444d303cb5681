import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { startProvider, type TestProvider } from '../server/testing/oidc-provider';
import { Cluster } from './support/cluster';
import { freePort, type LaunchedConsole, launchConsole } from './support/launch';
import { test as base, expect } from './support/test';

interface Signing {
  provider: TestProvider;
  console: LaunchedConsole;
  cluster: Cluster;
}

const SECRET = 'a-secret-of-the-specs';
const GROUP = 'vm-people';

/** A provider, a cluster that trusts it, and a console where people sign in at it. */
const test = base.extend<object, { signing: Signing }>({
  signing: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from this pattern
    async ({}, use) => {
      const port = await freePort();
      const origin = `http://127.0.0.1:${port}`;
      const provider = await startProvider({
        clients: [
          {
            client_id: 'console',
            client_name: 'Portlight',
            client_secret: SECRET,
            redirect_uris: [`${origin}/auth/callback`],
            post_logout_redirect_uris: [`${origin}/`],
            grant_types: ['authorization_code', 'refresh_token'],
            backchannel_logout_uri: `${origin}/auth/back-channel/oidc`,
            backchannel_logout_session_required: true,
          },
        ],
        users: [
          { id: 'olga', email: 'olga@example.org', groups: [GROUP] },
          { id: 'piet', email: 'piet@example.org', groups: [GROUP] },
        ],
        lifetimes: { idToken: 40 },
      });
      const folder = mkdtempSync(path.join(tmpdir(), 'portlight-signing-'));
      writeFileSync(path.join(folder, 'secret'), SECRET);
      const method = {
        kind: 'oidc',
        label: 'the test provider',
        issuer: provider.issuer,
        clientId: 'console',
        clientSecretFile: 'secret',
        scopes: ['openid', 'email', 'groups', 'offline_access'],
        prompt: 'consent',
      };
      writeFileSync(path.join(folder, 'portlight.yaml'), JSON.stringify({ signIn: [method] }));
      const launched = await launchConsole(
        path.join(folder, 'sandbox'),
        {
          PORTLIGHT_SANDBOX_OIDC_ISSUER_URL: provider.issuer,
          PORTLIGHT_SANDBOX_OIDC_CLIENT_ID: 'console',
          PORTLIGHT_SANDBOX_OIDC_USERNAME_CLAIM: 'email',
          PORTLIGHT_SANDBOX_OIDC_GROUPS_CLAIM: 'groups',
        },
        ['--vms', '12', '--config', path.join(folder, 'portlight.yaml'), '--port', String(port)],
      );
      const cluster = new Cluster(launched.kubeconfig);
      await cluster.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: GROUP },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: GROUP }],
      });
      await use({ provider, console: launched, cluster });
      await launched.stop();
      await provider.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  baseURL: async ({ signing }, use) => use(signing.console.url),
});

/** Fills in the provider's forms. */
async function agree(page: Page, user: string): Promise<void> {
  await page.getByRole('textbox', { name: 'User name' }).fill(user);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
}

async function signIn(page: Page, cluster: Cluster, user: string): Promise<void> {
  await page.goto(`/c/${cluster.name}/vms`);
  await page.getByRole('link', { name: 'Sign in with the test provider' }).click();
  await agree(page, user);
  await expect(page.getByRole('heading', { level: 1, name: 'Virtual machines' })).toBeVisible();
}

const tokenRequests = ({ requests }: TestProvider) => requests.filter((each) => each === '/token').length;

async function createVm(cluster: Cluster, namespace: string, name: string): Promise<void> {
  await cluster.create(`/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name },
    spec: { runStrategy: 'Halted', template: { spec: { domain: { devices: {} } } } },
  });
}

test('signs in at a provider, stays signed in beyond the token, and signs out there too', async ({
  page,
  signing: { provider, cluster },
}) => {
  const { metadata } = await cluster.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `signing-${Date.now().toString(36)}` },
  });
  await signIn(page, cluster, 'olga');
  await expect(page.getByRole('button', { name: 'olga@example.org' })).toBeVisible();
  await page.goto(`/c/${cluster.name}/vms?ns=${metadata.name}`);
  await createVm(cluster, metadata.name, 'seen-at-once');
  await expect(page.getByRole('link', { name: 'seen-at-once' })).toBeVisible();

  await test.step('the token is renewed while the list is open', async () => {
    // The fifth time: the token that the list was opened with is over by then.
    const before = tokenRequests(provider);
    await expect.poll(() => tokenRequests(provider), { timeout: 120_000 }).toBeGreaterThan(before + 4);
    await createVm(cluster, metadata.name, 'seen-later');
    await expect(page.getByRole('link', { name: 'seen-later' })).toBeVisible();
  });

  await test.step('signing out ends the session at the provider', async () => {
    expect(provider.sessions('olga')).toBe(1);
    await page.getByRole('button', { name: 'olga@example.org' }).click();
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Sign out of the test provider' })).toBeVisible();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('link', { name: 'Sign in with the test provider' })).toBeVisible();
    expect(provider.sessions('olga')).toBe(0);
  });
});

test.describe('a session that the provider ends', () => {
  // What the page asks at that moment is refused.
  test.use({ expectedProblems: /status of 401/ });

  test('says that the session is over when the provider ends it, and goes on after signing in again', async ({
    page,
    context,
    signing: { provider, cluster },
  }) => {
    await signIn(page, cluster, 'piet');
    // Only what was really read is kept: until then the rows are placeholders.
    await createVm(cluster, 'default', 'before-it');
    await expect(page.getByRole('link', { name: 'before-it' })).toBeVisible();
    const rows = page.getByRole('row');
    const shown = await rows.count();
    expect(await provider.endSessions('piet')).toEqual({ told: 1, failed: [] });
    const over = page.getByRole('alert', { name: 'Your session for sandbox has ended' });
    await expect(over).toContainText('it was signed out');
    await expect(rows).toHaveCount(shown);
    await over.getByRole('button', { name: 'Sign in again' }).click();
    const popup = context.waitForEvent('page');
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in with the test provider' }).click();
    await agree(await popup, 'piet');
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(over).toBeHidden();
    await createVm(cluster, 'default', 'after-it');
    await expect(page.getByRole('link', { name: 'after-it' })).toBeVisible();
  });
});
