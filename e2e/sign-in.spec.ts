import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import type { Cluster } from './support/cluster';
import { replaceInEditor } from './support/editor';
import { launchConsoleOn } from './support/launch';
import { expect, type Person, signIn, test } from './support/people';
import { seriousFindings } from './support/test';

// A token that is refused, a session that is over and a right that is missing show in the browser's console as such.
test.use({ expectedProblems: /Failed to load resource: the server responded with a status of 4\d\d/ });

const userOf = (person: Person) => (person === 'admin' ? 'sandbox' : `sandbox-${person}`);
const tokenField = (page: Page) => page.getByLabel('Token', { exact: true });
const signInHeading = (page: Page) => page.getByRole('heading', { name: 'Sign in to sandbox' });
const vmsHeading = (page: Page) =>
  page.getByRole('heading', { name: 'Virtual machines', level: 1, exact: true });

async function enterToken(page: Page, cluster: Cluster, person: Person): Promise<void> {
  await tokenField(page).fill(cluster.tokenOf(userOf(person)));
  await tokenField(page).press('Enter');
}

test('asks who one is, says what is wrong with a token, and goes on to where one wanted to be', async ({
  page,
  cluster,
}) => {
  await page.goto('/c/sandbox/vms?q=web');
  await expect(signInHeading(page)).toBeVisible();
  const field = tokenField(page);
  await field.fill('kubectl create token dana');
  await field.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'This is a command' })).toBeVisible();
  await field.fill('nobodys-token');
  await field.press('Enter');
  const refusal = page.getByRole('alert').filter({ hasText: 'The cluster does not accept this token.' });
  await expect(refusal).toContainText('Unauthorized');
  await expect(field).toBeFocused();

  const token = cluster.tokenOf('sandbox-dana');
  await field.fill(`  Bearer ${token}`);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(/\/c\/sandbox\/vms\?q=web$/);
  await expect(vmsHeading(page)).toBeVisible();
  await expect(page.getByRole('button', { name: 'User: dana' })).toBeVisible();
  const readable = await page.evaluate(() =>
    JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, document.body.innerHTML]),
  );
  expect(readable).not.toContain(token);

  // Signed in already: the page for it leads on, and nowhere else.
  await page.goto('/sign-in/sandbox?return=//evil.example/');
  await expect(page).toHaveURL(/^http:\/\/127\.0\.0\.1:\d+\/c\/sandbox$/);
});

test('can be used with the keyboard alone, wide and narrow, light and dark', async ({ page, cluster }) => {
  await page.goto('/c/sandbox/create');
  const field = tokenField(page);
  await expect(field).toBeFocused();
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 400]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      expect(await seriousFindings(page), `${colorScheme} ${width}`).toEqual([]);
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      expect(isWide, `scrolls sideways at ${width}`).toBe(false);
    }
  }
  await page.keyboard.insertText(cluster.tokenOf('sandbox-vic'));
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Show the token' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(field).toHaveAttribute('type', 'text');
  await field.press('Enter');
  await expect(page).toHaveURL(/\/c\/sandbox\/create$/);
  // The page is there before its scripts are.
  await expect(async () => {
    await page.getByRole('button', { name: 'User: vic', expanded: false }).press('Enter');
    await expect(page.getByText(/^\d+ groups?$/)).toBeVisible({ timeout: 5_000 });
  }).toPass();
  await expect(page.getByRole('menuitem', { name: 'What may I do?' })).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
});

test('signs out of both tabs, shows nothing of before on Back, and says who came instead', async ({
  page,
  context,
  cluster,
  signInConsole,
}) => {
  await signIn(context, cluster, signInConsole.url, 'admin');
  await page.goto('/c/sandbox/vms');
  const other = await context.newPage();
  await other.goto('/c/sandbox/vms');
  await expect(vmsHeading(other)).toBeVisible();
  await expect(vmsHeading(page)).toBeVisible();

  await page.getByRole('button', { name: 'User: admin' }).click();
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
  await expect(signInHeading(page)).toBeVisible();
  const over = other.getByRole('alert').filter({ hasText: 'you signed out in another tab' });
  await expect(over).toBeVisible();
  await page.goto('/c/sandbox/vms');
  await page.goBack();
  await expect(signInHeading(page)).toBeVisible();
  await expect(vmsHeading(page)).toBeHidden();

  await enterToken(page, cluster, 'vic');
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  const changed = other.getByRole('dialog', { name: 'You are now vic' });
  await expect(changed).toContainText('opened as admin');
  await changed.getByRole('button', { name: 'Go on as vic' }).click();
  await expect(over).toBeHidden();
  await expect(other.getByRole('button', { name: 'User: vic' })).toBeVisible();
});

test('keeps what is unsaved when the session ends, signs in again in place, and saves it', async ({
  page,
  cluster,
  namespace,
}) => {
  const config = path.join(mkdtempSync(path.join(tmpdir(), 'portlight-')), 'portlight.yaml');
  writeFileSync(config, 'signIn:\n  - kind: token\nsession:\n  idleMinutes: 0.5\n');
  const console = await launchConsoleOn(cluster.kubeconfig, ['--config', config]);
  try {
    await cluster.create(VMS(namespace), smallVm(namespace, 'kept', { runStrategy: 'Halted' }));
    await page.goto(`${console.url}/c/sandbox/ns/${namespace}/vms/kept/yaml`);
    await enterToken(page, cluster, 'admin');
    await replaceInEditor(page, 'kept', 'guest: 256Mi', 'guest: 300Mi');
    // The editor draws only the lines that are in view; that it differs from the server's object it says below.
    const unsaved = page.getByText('Changed, not saved');
    await expect(unsaved).toBeVisible();

    // Nobody does anything: it is announced, and then it is so. The page stays.
    await expect(page.getByRole('button', { name: 'Stay signed in' })).toBeVisible({ timeout: 60_000 });
    const over = page.getByRole('alert').filter({ hasText: 'nobody used it for a while' });
    await expect(over).toBeVisible({ timeout: 60_000 });
    await expect(unsaved).toBeVisible();

    // Saving needs a session: the dialog comes up by itself, and what was written is not sent before.
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign in to sandbox' });
    await expect(dialog).toContainText('You were signed in as admin.');
    expect(await seriousFindings(page)).toEqual([]);
    await enterToken(page, cluster, 'admin');
    await expect(dialog).toBeHidden();
    await expect(over).toBeHidden();
    await expect(unsaved).toBeVisible();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Saved.')).toBeVisible();
    const vm = await cluster.vm(namespace, 'kept');
    expect(vm?.spec).toMatchObject({ template: { spec: { domain: { memory: { guest: '300Mi' } } } } });
  } finally {
    await console.stop();
  }
});
