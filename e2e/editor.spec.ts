import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import { replaceInEditor } from './support/editor';
import { expect, seriousFindings, test } from './support/test';

test.use({ expectedProblems: /Failed to load resource: the server responded with a status of 4\d\d/ });

const CONFIG_MAPS = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`;
const halted = (namespace: string, name: string) => smallVm(namespace, name, { runStrategy: 'Halted' });

const configMap = (namespace: string, name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

const completions = (page: Page) => page.getByRole('listbox', { name: 'Completions' });

/** Types a word and takes the completion of this label, by keyboard. */
async function complete(page: Page, word: string, label: string): Promise<void> {
  await page.keyboard.type(word);
  const option = completions(page).getByRole('option', { name: label }).first();
  await expect(option).toBeVisible();
  await expect(option).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
}

/** Asks for the list until it is there: the code behind it comes with the first editor. */
async function ask(page: Page): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Control+Space');
    await expect(completions(page)).toBeVisible({ timeout: 1_000 });
  }).toPass();
}

test('completes a virtual machine from the first key on, by keyboard, and says what a field is', async ({
  page,
}) => {
  await page.goto('/c/sandbox/create/yaml');
  const editor = page.getByRole('textbox', { name: 'Manifests to create' });
  await editor.focus();
  await ask(page);
  await expect(completions(page).getByRole('option', { name: /^apiVersion/ })).toBeVisible();
  await complete(page, 'VirtualMachine', 'VirtualMachine');
  await expect(editor).toContainText('apiVersion: kubevirt.io/v1');
  await expect(editor).toContainText('kind: VirtualMachine');
  expect(await seriousFindings(page)).toEqual([]);

  await page.keyboard.type('web');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Backspace');
  await complete(page, 'sp', 'spec');
  await complete(page, 'templ', 'template');
  await complete(page, 'spe', 'spec');
  await complete(page, 'dom', 'domain');
  await complete(page, 'dev', 'devices');
  await complete(page, 'disks', 'disks');
  await complete(page, 'na', 'name');
  await page.keyboard.type('root');
  await expect(editor).toContainText('- name: root');

  await page.keyboard.press('F2');
  await expect(
    page.getByText(/spec\.template\.spec\.domain\.devices\.disks\[0\]\.name/).first(),
  ).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
});

test('marks an unknown field at its line, with the one that was meant', async ({
  page,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), halted(namespace, 'misspelt'));
  await page.goto(`/c/sandbox/ns/${namespace}/vms/misspelt/yaml`);
  await replaceInEditor(page, 'misspelt', 'runStrategy:', 'runStrategie:');
  const problems = page.getByRole('region', { name: 'Problems' });
  const line = problems.getByRole('listitem').filter({ hasText: 'runStrategie is not a field' });
  await expect(line).toContainText('runStrategy is');
  await line.getByRole('button', { name: /^Line \d+$/ }).click();
  await expect(page.getByRole('textbox', { name: 'YAML of VirtualMachine misspelt' })).toBeFocused();
});

test('compares with an earlier version of this session and brings it back', async ({
  page,
  cluster,
  namespace,
}) => {
  await cluster.create(CONFIG_MAPS(namespace), configMap(namespace, 'many', { size: 'small' }));
  await page.goto(`/c/sandbox/objects/core/v1/configmaps/${namespace}/many`);
  const editor = page.getByRole('textbox', { name: 'YAML of ConfigMap many' });
  await expect(editor).toContainText('size: small');
  await cluster.call(
    'PATCH',
    `${CONFIG_MAPS(namespace)}/many`,
    { data: { size: 'large' } },
    'application/merge-patch+json',
  );
  await expect(editor).toContainText('size: large');
  await page.getByRole('button', { name: 'Versions' }).click();
  const versions = page.getByRole('combobox', { name: 'Version to compare with' });
  await versions.selectOption({ label: (await versions.locator('option').last().textContent()) ?? '' });
  await expect(page.getByText('size: small')).toBeVisible();
  await page.getByRole('button', { name: 'Restore this version' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  const stored = await cluster.call('GET', `${CONFIG_MAPS(namespace)}/many`);
  expect(stored.json()).toMatchObject({ data: { size: 'small' } });
});

test('applies by server-side apply, and names the owner of a field before taking it over', async ({
  page,
  cluster,
  namespace,
}) => {
  const applied = configMap(namespace, 'owned', { size: 'small' });
  await cluster.call(
    'PATCH',
    `${CONFIG_MAPS(namespace)}/owned?fieldManager=gitops`,
    applied,
    'application/apply-patch+yaml',
  );
  await page.goto(`/c/sandbox/objects/core/v1/configmaps/${namespace}/owned`);
  const editor = page.getByRole('textbox', { name: 'YAML of ConfigMap owned' });
  await editor.click();
  await page.keyboard.press('ControlOrMeta+f');
  await page.getByRole('textbox', { name: 'Find' }).fill('small');
  await page.getByRole('textbox', { name: 'Replace' }).fill('large');
  await page.getByRole('button', { name: 'replace all' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'as a patch' }).click();
  await page.getByRole('menuitem', { name: /by server-side apply/ }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('data.size is owned by gitops.')).toBeVisible();
  expect((await cluster.call('GET', `${CONFIG_MAPS(namespace)}/owned`)).json()).toMatchObject({
    data: { size: 'small' },
  });
  await page.getByRole('button', { name: 'Take them over and save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  expect((await cluster.call('GET', `${CONFIG_MAPS(namespace)}/owned`)).json()).toMatchObject({
    data: { size: 'large' },
  });
});

test('leads from the kinds to an object and saves it', async ({ page, cluster, namespace }) => {
  await cluster.create(CONFIG_MAPS(namespace), configMap(namespace, 'found', { colour: 'red' }));
  await page.goto('/c/sandbox/objects');
  await page.getByRole('textbox', { name: 'Filter kinds' }).fill('configmap');
  await page.getByRole('link', { name: 'ConfigMap', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'ConfigMap', level: 1 })).toBeVisible();
  await page.getByRole('combobox', { name: 'Namespace' }).fill(namespace);
  await page.getByRole('link', { name: 'found', exact: true }).click();
  await page.getByRole('textbox', { name: 'YAML of ConfigMap found' }).click();
  await page.keyboard.press('ControlOrMeta+f');
  await page.getByRole('textbox', { name: 'Find' }).fill('red');
  await page.getByRole('textbox', { name: 'Replace' }).fill('blue');
  await page.getByRole('button', { name: 'replace all' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  expect((await cluster.call('GET', `${CONFIG_MAPS(namespace)}/found`)).json()).toMatchObject({
    data: { colour: 'blue' },
  });
  expect(await seriousFindings(page)).toEqual([]);
});

test('masks the values of a Secret', async ({ page, cluster, namespace }) => {
  await cluster.create(`/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'hidden', namespace },
    stringData: { password: 'not-to-be-seen' },
  });
  await page.goto(`/c/sandbox/objects/core/v1/secrets/${namespace}/hidden`);
  const editor = page.getByRole('textbox', { name: 'YAML of Secret hidden' });
  await expect(editor).toContainText('password: ••••••••');
  await expect(editor).not.toContainText(Buffer.from('not-to-be-seen').toString('base64'));
  await page.getByRole('button', { name: 'as a patch' }).click();
  await expect(page.getByRole('menuitem', { name: /as a whole/ })).toHaveAttribute('aria-disabled', 'true');
});
