import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { ABILITIES, checkOf } from '@/lib/kinds/abilities';
import { smallVm, VMS } from './manifests/vm';
import { Cluster } from './support/cluster';
import { expect, seriousFindings, test } from './support/test';

const PEOPLE = { sandbox: 'admin', 'sandbox-dana': 'dana', 'sandbox-vic': 'vic' };
const START =
  'You may not start virtual machines (needs update on virtualmachines/start in dev). Select it to see the role that would allow it.';
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('gridcell', { name, exact: true }) });
const settled = (page: Page) => expect(page.getByText(/^\d+ of \d+ allowed$/)).toBeVisible();

for (const [context, user] of Object.entries(PEOPLE)) {
  test(`tells ${user} of every page and action what the API says`, async ({ page, cluster }) => {
    await page.goto(`/c/${context}/access?namespace=dev`);
    await settled(page);
    await expect(page.getByRole('definition').filter({ hasText: user }).first()).toBeVisible();
    const self = new Cluster(cluster.kubeconfig, context);
    for (const { label, needs } of ABILITIES) {
      const verdicts = await Promise.all(
        needs.map(async (access) => {
          const answer = await self.call('POST', REVIEWS, {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SelfSubjectAccessReview',
            spec: { resourceAttributes: checkOf(access, 'dev') },
          });
          return (answer.json().status as { allowed: boolean }).allowed;
        }),
      );
      const verdict = verdicts.every(Boolean) ? 'Allowed' : 'Not allowed';
      await expect(row(page, wordsOf(label)), wordsOf(label)).toContainText(verdict);
    }
  });
}

/** The catalogue's own words: `access.ability.listVms` is in access.json. */
function wordsOf(label: string): string {
  const [file = '', ...keys] = label.split('.');
  let found: unknown = JSON.parse(readFileSync(`lib/messages/en/${file}.json`, 'utf8'));
  for (const key of keys) found = (found as Record<string, unknown>)[key];
  return String(found);
}

test('leads from a menu entry that one may not use to the role, by keyboard alone', async ({ page }) => {
  await page.goto('/c/sandbox-vic/vms?ns=dev');
  const menu = page.getByRole('button', { name: 'Actions for build-runner' });
  await menu.focus();
  await page.keyboard.press('Enter');
  const start = page.getByRole('menuitem', { name: /^Start/ });
  await expect(start).toHaveAttribute('aria-disabled', 'true');
  await start.focus();
  await expect(start).toHaveAccessibleDescription(START);
  await page.keyboard.press('Enter');

  const dialog = page.getByRole('dialog', { name: 'The role that would allow it' });
  await expect(dialog.getByRole('group', { name: 'Role as YAML' })).toContainText('virtualmachines/start');
  await expect(dialog).toContainText('The cluster sandbox-vic knows you as vic.');
  expect(await seriousFindings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(menu).toBeFocused();
});

test('shows rights that are given and taken, without a reload', async ({ page, cluster, namespace }) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'watched', { runStrategy: 'Halted' }));
  await cluster.kubectl('-n', namespace, 'create', 'rolebinding', 'look', '--clusterrole=view', '--user=vic');
  await cluster.kubectl(
    '-n',
    namespace,
    'create',
    'rolebinding',
    'kv',
    '--clusterrole=kubevirt.io:view',
    '--user=vic',
  );
  await page.goto(`/c/sandbox-vic/ns/${namespace}/vms/watched`);
  const start = page.getByRole('button', { name: 'Start', exact: true });
  await expect(start).toHaveAttribute('aria-disabled', 'true');
  // What is aria-disabled is not for the pointer of a test, but it keeps the focus and answers.
  await start.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'The role that would allow it' });
  const code = dialog.getByRole('group', { name: 'Role as YAML' }).getByRole('code');
  await expect(code).toContainText('kind: RoleBinding');
  const yaml = (await code.textContent()) ?? '';
  await page.keyboard.press('Escape');

  await cluster.apply(yaml);
  await expect(start).not.toHaveAttribute('aria-disabled', 'true', { timeout: 45_000 });
  await cluster.kubectl('-n', namespace, 'delete', 'rolebinding', 'update-virtualmachines-start-vic');
  await expect(start).toHaveAttribute('aria-disabled', 'true', { timeout: 45_000 });
});

test.describe('a right that was taken', () => {
  // The browser notes every refused request.
  test.use({ expectedProblems: /403/ });

  test('says at once why, when a right was taken a moment ago', async ({ page, cluster, namespace }) => {
    await cluster.create(VMS(namespace), smallVm(namespace, 'lost', { runStrategy: 'Halted' }));
    await cluster.kubectl(
      '-n',
      namespace,
      'create',
      'rolebinding',
      'all',
      '--clusterrole=edit',
      '--user=vic',
    );
    await cluster.kubectl(
      '-n',
      namespace,
      'create',
      'rolebinding',
      'kv',
      '--clusterrole=kubevirt.io:edit',
      '--user=vic',
    );
    // Until the answer is there everything can be pressed; the right must be taken after it.
    const answered = page.waitForResponse((answer) => answer.url().includes('/api/access/') && answer.ok());
    await page.goto(`/c/sandbox-vic/ns/${namespace}/vms/lost`);
    const start = page.getByRole('button', { name: 'Start', exact: true });
    await answered;
    await expect(start).not.toHaveAttribute('aria-disabled', 'true');
    await cluster.kubectl('-n', namespace, 'delete', 'rolebinding', 'kv', 'all');
    await start.click();
    await expect(start).toHaveAttribute('aria-disabled', 'true', { timeout: 10_000 });
    await page.getByRole('button', { name: /^Tasks/ }).click();
    await expect(page.getByRole('region', { name: 'Tasks' })).toContainText(
      `You may not start virtual machines (needs update on virtualmachines/start in ${namespace}).`,
    );
  });
});

test('says which document of a manifest one may not create, before it is sent', async ({ page }) => {
  await page.goto('/c/sandbox-vic/create/yaml?namespace=dev');
  await page.getByRole('button', { name: /example/i }).click();
  await page.getByRole('menuitem').first().click();
  const sentence = 'You may not create virtual machines (needs create on virtualmachines in dev)';
  await expect(page.getByRole('listitem').filter({ hasText: sentence })).toBeVisible();
  const create = page.getByRole('button', { name: 'Create', exact: true });
  await expect(create).toHaveAttribute('aria-disabled', 'true');
  await create.press('Enter');
  await expect(page.getByRole('dialog', { name: 'The role that would allow it' })).toContainText(sentence);
});

for (const [path, sentence] of [
  [
    '/c/sandbox-vic/vms',
    'You may not list virtual machines (needs list on virtualmachines in all namespaces).',
  ],
  [
    '/c/sandbox-vic/ns/production/vms/web',
    'You may not list virtual machines (needs list on virtualmachines in production).',
  ],
] as const) {
  test(`says on a page that one may not see which right it takes: ${path}`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByText(sentence)).toBeVisible();
    await page.getByRole('button', { name: 'Show the role that would allow it' }).first().click();
    await expect(page.getByRole('dialog')).toContainText('virtualmachines');
  });
}

test('keeps namespace, filters and picked rows in the URL, and writes the role for them', async ({
  page,
}) => {
  await page.goto('/c/sandbox-vic/access');
  await page.getByRole('combobox', { name: 'Namespace' }).fill('dev');
  await expect(page).toHaveURL(/namespace=dev/);
  await settled(page);
  await page.getByRole('button', { name: 'Not allowed', exact: true }).click();
  await page.getByRole('textbox', { name: 'Filter by action, verb or resource' }).fill('delete');
  await page.getByRole('checkbox', { name: 'Add to the role: Delete' }).check();
  const role = page.getByRole('group', { name: 'Role as YAML' });
  await expect(role).toContainText('name: delete-virtualmachines');
  await page.getByRole('textbox', { name: 'Filter rules' }).fill('selfsubjectaccessreviews');
  await expect(page.getByText(/^1 of \d+ rules$/)).toBeVisible();

  await page.reload();
  await expect(role).toContainText('name: delete-virtualmachines');
  await expect(page.getByRole('checkbox', { name: 'Add to the role: Delete' })).toBeChecked();
  await expect(page.getByText(/^1 of \d+ rules$/)).toBeVisible();
  await expect(row(page, 'Start')).toBeHidden();
});

for (const [theme, width] of [
  ['light', 1440],
  ['dark', 400],
] as const) {
  test(`is accessible and fits: ${theme}, ${width} pixels`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    await page.goto('/c/sandbox-vic/access?namespace=dev&pick=start,list-nodes');
    await settled(page);
    await expect(page.getByRole('heading', { name: 'Your rules' })).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
}
