import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { parse } from 'yaml';
import { Cluster } from './support/cluster';
import { freePort, type LaunchedConsole, launchConsole } from './support/launch';
import { expect, seriousFindings, test } from './support/test';

// One console for the file: its sandbox is served under several names, and nothing here needs a guest.
test.describe.configure({ mode: 'default' });

const directory = path.resolve('.cache/e2e/clusters');
let served: LaunchedConsole;
let cluster: Cluster;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  rmSync(directory, { recursive: true, force: true });
  const config = path.resolve('.cache/e2e/clusters.yaml');
  writeFileSync(
    config,
    `clusters:
- {name: east, kubeconfig: ${directory}/kubeconfig, context: sandbox}
- {name: west, kubeconfig: ${directory}/kubeconfig, context: sandbox, signIn: [{kind: token}]}
- {name: far, server: "https://127.0.0.1:${await freePort()}", insecureSkipTlsVerify: true}
- {name: broken, kubeconfig: nowhere}
- {name: spare-1, kubeconfig: ${directory}/kubeconfig, context: sandbox-vic}
- {name: spare-2, kubeconfig: ${directory}/kubeconfig, context: sandbox-vic}
`,
  );
  served = await launchConsole(directory, { PORTLIGHT_SANDBOX_GUESTS: 'off', PORTLIGHT_CONFIG: config });
  cluster = new Cluster(served.kubeconfig);
});
test.afterAll(async () => {
  await served?.stop();
});

const open = (page: Page, url: string) => page.goto(`${served.url}${url}`);
const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const palette = (page: Page) => page.getByRole('dialog', { name: 'Search all clusters' });
const field = (page: Page) => palette(page).getByRole('combobox');
const group = (page: Page, name: string) => palette(page).getByRole('group', { name, exact: true });

test('shows all clusters first: how they do, who one is there, and what runs', async ({ page }) => {
  await open(page, '/');
  await expect(page).toHaveURL(/\/clusters$/);
  const vms = await cluster.list('/apis/kubevirt.io/v1/virtualmachines');
  await expect(row(page, 'east')).toContainText('Answers');
  await expect(row(page, 'east')).toContainText(`${vms.length} in all`);
  await expect(row(page, 'east')).toContainText(/Kubernetes v1\.\d+/);
  await expect(row(page, 'east')).toContainText(/KubeVirt v1\.\d+/);
  await expect(row(page, 'west').getByRole('link', { name: 'Sign in to west' })).toHaveAttribute(
    'href',
    '/sign-in/west?return=%2Fc%2Fwest',
  );
  await expect(row(page, 'far')).toContainText('Does not answer');
  await expect(row(page, 'far')).toContainText('connection refused');
  await expect(row(page, 'far')).toContainText('Certificate not checked');
  await expect(row(page, 'broken')).toContainText('Not usable as configured');
});

test('switches between clusters, keeps the kind of page, and opens with the last one', async ({ page }) => {
  await open(page, '/c/east/create');
  await page.getByRole('button', { name: 'Cluster: east, answers' }).press('Enter');
  const sandbox = page.getByRole('menuitem', { name: /sandbox As sandbox\b/ });
  await expect(page.getByRole('menuitem', { name: /^Does not answer far/ })).toContainText(
    'Certificate not checked',
  );
  await expect(page.getByRole('menuitem', { name: /west/ })).toContainText('Sign in');
  await page.keyboard.press('Escape');
  await expect(sandbox).toBeHidden();
  await page.keyboard.press('Enter');
  await sandbox.click();
  await expect(page).toHaveURL(/\/c\/sandbox\/create$/);
  await expect(page.getByRole('button', { name: 'Cluster: sandbox, answers' })).toBeVisible();

  await open(page, '/');
  await expect(page).toHaveURL(/\/c\/sandbox$/);
});

test('finds one of many clusters by typing, with the keyboard alone', async ({ page }) => {
  await open(page, '/c/east/vms');
  const toggle = page.getByRole('button', { name: 'Cluster: east, answers' });
  await toggle.press('Enter');
  const filter = page.getByRole('textbox', { name: 'Filter clusters' });
  await expect(filter).toBeFocused();
  await page.keyboard.type('spare');
  await expect(page.getByRole('menuitem', { name: /east/ })).toBeHidden();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: /spare-1/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/c\/spare-2\/vms$/);
});

test('finds a VM in every cluster that one is signed in to, and names those it did not search', async ({
  page,
}) => {
  await open(page, '/c/east/vms');
  await page.getByRole('heading', { name: 'Virtual machines' }).waitFor();
  await page.keyboard.press('Control+k');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type('web-front');
  await expect(
    group(page, 'Virtual machines in east').getByRole('option', { name: /^web-frontend/ }),
  ).toBeVisible();
  await expect(group(page, 'Virtual machines in sandbox').getByRole('option')).toHaveCount(1);
  const missing = palette(page).getByRole('region', { name: /^Not searched/ });
  await expect(missing).toContainText('west: nobody is signed in.');
  await expect(missing).toContainText('sandbox-vic: you may not list virtual machines in all namespaces.');
  await expect(missing).toContainText('broken');
  await expect(palette(page).getByRole('status')).toHaveText(/entries$/);
  await expect(field(page)).toHaveAttribute('aria-activedescendant', /-0$/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/c\/east\/ns\/production\/vms\/web-frontend$/);

  // What was opened last is offered without a word typed.
  await page.getByRole('heading', { name: 'web-frontend', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Virtual machines' }).first().click();
  await page.getByRole('heading', { name: 'Virtual machines', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(group(page, 'Opened last').getByRole('option', { name: /^web-frontend/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(palette(page)).toBeHidden();
});

test('runs an action of the VM at hand, and says why another cannot be used', async ({ page }) => {
  const status = () => cluster.printableStatus('production', 'web-frontend');
  await cluster.until('it runs', async () => (await status()) === 'Running');
  await open(page, '/c/east/ns/production/vms/web-frontend');
  await page.getByRole('heading', { name: 'web-frontend', level: 1 }).waitFor();
  await page.keyboard.press('/');
  const actions = group(page, 'Actions for web-frontend');
  const start = actions.getByRole('option', { name: /^Start/ });
  await expect(start).toHaveAttribute('aria-disabled', 'true');
  await expect(start).toContainText(/running/i);
  // Playwright waits for what is disabled; a person just clicks.
  await start.click({ force: true });
  await expect(palette(page)).toBeVisible();

  await field(page).fill('pause');
  await expect(actions.getByRole('option', { name: 'Pause', exact: true })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(palette(page)).toBeHidden();
  await cluster.until('it is paused', async () => (await status()) === 'Paused');
  await expect(page.getByRole('status').filter({ hasText: 'Paused' }).first()).toBeAttached();
});

test('searches the namespaces that one has looked at where the whole cluster may not be listed', async ({
  page,
}) => {
  await open(page, '/c/sandbox-vic/vms?ns=dev');
  await page.getByRole('link', { name: 'build-runner', exact: true }).waitFor();
  await page.keyboard.press('/');
  await field(page).fill('build-run');
  await expect(
    group(page, 'Virtual machines in sandbox-vic').getByRole('option', { name: /^build-runner/ }),
  ).toBeVisible();
  await expect(palette(page).getByRole('region', { name: /^Not searched/ })).toContainText(
    'sandbox-vic: only dev, since you may not list virtual machines in all namespaces.',
  );
});

test('keeps to itself where somebody types', async ({ page }) => {
  await open(page, '/c/east/vms');
  const filter = page.getByRole('combobox', { name: 'Filter virtual machines' });
  await filter.pressSequentially('a/b');
  await expect(filter).toHaveValue('a/b');
  await expect(palette(page)).toBeHidden();

  await open(page, '/c/east/create/yaml');
  const editor = page.getByRole('textbox', { name: /YAML|manifest/i }).first();
  await editor.click();
  await page.keyboard.press('Control+k');
  await page.keyboard.press('/');
  await expect(palette(page)).toBeHidden();
});

test('searches a cluster from the moment somebody signs in to it', async ({ page }) => {
  await open(page, '/search');
  await page.getByRole('textbox', { name: 'Search all clusters' }).fill('web-frontend');
  await expect(page).toHaveURL(/\/search\?q=web-frontend$/);
  await expect(page.getByRole('grid', { name: /in east that match/ })).toContainText('production');
  await expect(page.getByText('west: nobody is signed in.')).toBeVisible();

  const config = parse(readFileSync(served.kubeconfig, 'utf8')) as {
    users: { name: string; user: { token: string } }[];
  };
  const token = config.users.find(({ name }) => name === 'sandbox')?.user.token;
  const code = await page.evaluate(async (secret) => {
    const response = await fetch('/auth/c/west/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: secret }),
    });
    return response.status;
  }, token);
  expect(code).toBe(200);
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Search all clusters' })).toHaveValue('web-frontend');
  await expect(page.getByRole('grid', { name: /in west that match/ })).toContainText('production');
  await expect(page.getByText('west: nobody is signed in.')).toBeHidden();

  await page.getByRole('textbox', { name: 'Search all clusters' }).fill('no such thing');
  await expect(page.getByRole('heading', { name: 'Nothing matches “no such thing”' })).toBeVisible();
});

for (const [theme, width] of [
  ['light', 1440],
  ['dark', 400],
] as const) {
  test(`is accessible and fits: ${theme}, ${width} pixels`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    const fits = async (what: string) => {
      expect(await seriousFindings(page), what).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${what} is wider than the window`).toBeLessThanOrEqual(0);
    };
    await open(page, '/clusters');
    await expect(row(page, 'far')).toContainText('Does not answer');
    await fits('the overview');
    await page.getByRole('button', { name: 'All clusters, choose one' }).click();
    await page.getByRole('menuitem', { name: /west/ }).waitFor();
    await fits('the switcher');
    await open(page, '/search?q=web');
    await page.getByRole('grid', { name: /in east that match/ }).waitFor();
    await fits('the results');
    await open(page, '/c/east/ns/production/vms/web-frontend');
    await page.getByRole('heading', { name: 'web-frontend', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await field(page).fill('a');
    await group(page, 'Virtual machines in east').waitFor();
    await fits('the palette');
  });
}
