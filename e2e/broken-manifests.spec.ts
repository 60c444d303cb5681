import type { Page } from '@playwright/test';
import { brokenManifests } from './manifests/broken';
import { smallVm, VMS } from './manifests/vm';
import { expect, test } from './support/test';

// Chromium notes every refusal that the page asks for; the page shows it, which is what is asserted.
test.use({ expectedProblems: /Failed to load resource: the server responded with a status of 4\d\d/ });

const editor = (page: Page) => page.getByRole('textbox', { name: 'Manifests to create' });
const problems = (page: Page) => page.getByRole('region', { name: 'Problems' });

async function paste(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

// The list is the same for every namespace; titles need it before one exists.
for (const [index, { what }] of brokenManifests('any').entries()) {
  test(`says what is wrong and keeps the text: ${what}`, async ({ page, cluster, namespace }) => {
    const broken = brokenManifests(namespace)[index];
    if (!broken) throw new Error('the list changed while it was read');
    await page.goto('/c/sandbox/create/yaml');
    await paste(page, broken.text);
    if (broken.byCluster) await page.getByRole('button', { name: 'Check' }).click();
    // At its line where there is one to point at, else beside the document.
    const said = page.getByRole('listitem').filter({ hasText: broken.says }).first();
    await expect(said).toBeVisible();
    if (broken.line) await expect(said).toContainText(`Line ${broken.line}`);
    const start = broken.text.split('\n')[0]?.slice(0, 40) ?? '';
    await expect(editor(page)).toContainText(start);
    expect(await cluster.list(VMS(namespace))).toEqual([]);
  });
}

test('says before it is sent which right a viewer lacks to create, and keeps the text', async ({
  page,
  cluster,
}) => {
  await page.goto('/c/sandbox-vic/create/yaml');
  await paste(page, JSON.stringify(smallVm('dev', 'not-mine', { runStrategy: 'Halted' })));
  const sentence = 'You may not create virtual machines (needs create on virtualmachines in dev)';
  await expect(page.getByRole('listitem').filter({ hasText: sentence })).toBeVisible();
  const create = page.getByRole('button', { name: 'Create', exact: true });
  await expect(create).toHaveAttribute('aria-disabled', 'true');
  await create.press('Enter');
  await expect(page.getByRole('dialog', { name: 'The role that would allow it' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(editor(page)).toContainText('not-mine');
  expect(await cluster.vm('dev', 'not-mine')).toBeUndefined();
});

test('gives the work back after a closed tab', async ({ page, context, namespace }) => {
  await page.goto('/c/sandbox/create/yaml');
  await paste(page, `kind: VirtualMachine\nmetadata:\n  name: draft-of-${namespace}\n`);
  await expect(problems(page)).toBeVisible();
  await page.close({ runBeforeUnload: false });
  const again = await context.newPage();
  await again.goto('/c/sandbox/create/yaml');
  await expect(editor(again)).toContainText(`draft-of-${namespace}`);
  await again.close();
});
