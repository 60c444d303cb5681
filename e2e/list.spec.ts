import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import { expect, seriousFindings, test } from './support/test';

const halted = (namespace: string, name: string) => smallVm(namespace, name, { runStrategy: 'Halted' });
const listUrl = (namespace: string) => `/c/sandbox/vms?ns=${namespace}`;
const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const names = (page: Page) => page.getByRole('grid', { name: 'Virtual machines' }).getByRole('link');

test('shows a VM that kubectl makes, and its end, without a reload', async ({ page, cluster, namespace }) => {
  await page.goto(listUrl(namespace));
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();

  await cluster.create(VMS(namespace), halted(namespace, 'from-outside'));
  await expect(row(page, 'from-outside')).toContainText('Stopped');

  await cluster.kubectl('-n', namespace, 'delete', 'vm', 'from-outside');
  await expect(row(page, 'from-outside')).toBeHidden();
});

test('keeps filter, namespaces and sort in the URL', async ({ page, cluster, namespace }) => {
  for (const name of ['alpha', 'beta', 'gamma'])
    await cluster.create(VMS(namespace), halted(namespace, name));
  await page.goto(listUrl(namespace));
  await expect(names(page)).toHaveText(['alpha', 'beta', 'gamma']);

  await page.getByRole('button', { name: 'Name', exact: true }).click();
  await expect(names(page)).toHaveText(['gamma', 'beta', 'alpha']);
  await page.getByRole('combobox', { name: 'Filter virtual machines' }).fill('a alp');
  await expect(names(page)).toHaveText(['alpha']);
  await expect(page).toHaveURL(/alp/);

  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Filter virtual machines' })).toHaveValue('a alp');
  await expect(names(page)).toHaveText(['alpha']);

  await page.getByRole('combobox', { name: 'Filter virtual machines' }).fill('nothing like it');
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  // One of the chips, one in place of the rows.
  await page.getByRole('button', { name: 'Clear filters' }).last().click();
  await expect(page).toHaveURL(/\/c\/sandbox\/vms/);
});

test('has every column and each row’s menu in sight at 1440 pixels', async ({ page }) => {
  await page.goto('/c/sandbox/vms');
  await expect(page.getByRole('button', { name: 'Actions for orders-db' })).toBeInViewport({ ratio: 1 });
});

test('has the first rows in the HTML itself', async ({ request, cluster, namespace }) => {
  await cluster.create(VMS(namespace), halted(namespace, 'in-the-html'));
  await expect(async () => {
    const html = await (await request.get(listUrl(namespace))).text();
    expect(html).toContain('in-the-html');
  }).toPass();
});

test('says why a viewer may not start a VM, and the cluster agrees', async ({ page, cluster }) => {
  const answer = await cluster
    .kubectl(
      '--context',
      'sandbox-vic',
      'auth',
      'can-i',
      'update',
      'virtualmachines/stop.subresources.kubevirt.io',
      '-n',
      'dev',
    )
    .catch((error: { stdout: string }) => error.stdout);
  expect(answer.trim()).toBe('no');

  await page.goto('/c/sandbox-vic/vms?ns=dev');
  await page.getByRole('button', { name: 'Actions for build-runner' }).click();
  const stop = page.getByRole('menuitem', { name: /^Stop/ });
  await expect(stop).toHaveAttribute('aria-disabled', 'true');
  await stop.hover();
  const why = 'You may not stop virtual machines (needs update on virtualmachines/stop in dev). ';
  await expect(stop).toHaveAccessibleDescription(new RegExp(`^${why.replaceAll(/[()]/g, '\\$&')}`));
  // The menu opens with the focus on its first entry, whose own reason leaves as the pointer's comes.
  await expect(page.getByRole('tooltip')).toHaveCount(1);
  await expect(page.getByRole('tooltip')).toContainText(why);
});

test('tells somebody without rights what the cluster said', async ({ page }) => {
  await page.goto('/c/sandbox-vic/vms');
  await expect(page.getByText(/cannot list resource "virtualmachines"/).first()).toBeVisible();
});

for (const [theme, width] of [
  ['light', 1440],
  ['dark', 1440],
  ['light', 400],
  ['dark', 400],
] as const) {
  test(`is accessible and fits: ${theme}, ${width} pixels`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    for (const url of [
      '/c/sandbox/vms',
      '/c/sandbox/ns/production/vms/web-frontend',
      '/c/sandbox/ns/production/vms/web-frontend/events',
      '/c/sandbox/ns/production/vms/web-frontend/yaml',
      '/c/sandbox/create',
      '/c/sandbox/create/yaml',
      '/console/sandbox/staging/mail-relay/serial',
    ]) {
      await page.goto(url);
      await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
      await page.waitForLoadState('networkidle');
      expect(await seriousFindings(page), url).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${url} is wider than the window`).toBeLessThanOrEqual(0);
    }
  });
}
