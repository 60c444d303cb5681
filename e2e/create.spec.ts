import type { Locator, Page } from '@playwright/test';
import type { Cluster } from './support/cluster';
import { logInOverSerial, terminal, typeLine } from './support/consoles';
import { expect, seriousFindings, test } from './support/test';

const editor = (page: Page) => page.getByRole('textbox', { name: 'Manifest of the virtual machine' });
const nameField = (page: Page) => page.getByRole('textbox', { name: 'Name', exact: true });
const image = (page: Page) => page.getByRole('combobox', { name: 'Image', exact: true });
const createButton = (page: Page) =>
  page.getByRole('button', { name: 'Create virtual machine', exact: true });
const secrets = async (cluster: Cluster, namespace: string) =>
  cluster.list<{ metadata: { name: string }; data: Record<string, string> }>(
    `/api/v1/namespaces/${namespace}/secrets`,
  );
const userData = (secret: { data: Record<string, string> } | undefined) =>
  Buffer.from(secret?.data.userdata ?? '', 'base64').toString();

async function open(page: Page, namespace: string, query = ''): Promise<void> {
  await page.goto(`/c/sandbox/create?namespace=${namespace}${query}`);
  await expect(editor(page)).toBeVisible();
}

async function chooseFedora(page: Page): Promise<void> {
  await image(page).click();
  await page
    .getByRole('option', { name: /^Fedora/ })
    .first()
    .click();
  await expect(editor(page)).toContainText('containerDisk');
}

/** Moves on with the Tab key alone until this has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let pressed = 0; pressed < 100; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('the Tab key does not lead there');
}

test('takes the keyboard alone from three fields to a login on a new VM', async ({
  page,
  cluster,
  namespace,
}) => {
  test.setTimeout(400_000);
  await open(page, namespace);
  await tabTo(page, image(page));
  await page.keyboard.type('fedora');
  await expect(page.getByRole('option', { name: /^Fedora/ }).first()).toBeVisible();
  // A container disk: the images of the cluster come first, and a copy of one takes its time.
  const options = await page.getByRole('option').allInnerTexts();
  const wanted = options.findIndex((option) => option.startsWith('Fedora'));
  for (let at = 0; at <= wanted; at += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(editor(page)).toContainText('containerDisk');

  await tabTo(page, nameField(page));
  await page.keyboard.type('by-keyboard');

  await tabTo(page, page.getByRole('combobox', { name: 'Size', exact: true }));
  await page.keyboard.type('u1.small');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');

  const sentence = new RegExp(`Creates VirtualMachine by-keyboard in ${namespace}: 1 vCPU, 2 GiB`);
  await expect(page.getByText(sentence)).toBeVisible();
  await tabTo(page, createButton(page));
  const begun = Date.now();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/vms\/by-keyboard\/diagnose$/);

  const [secret] = (await secrets(cluster, namespace)).filter(({ data }) => data?.userdata);
  const [, password = ''] = /^password: (\S+)$/m.exec(userData(secret)) ?? [];
  expect(password).not.toBe('');
  await page.goto(`/console/sandbox/${namespace}/by-keyboard/serial`);
  await logInOverSerial(page, 'fedora', password);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  await typeLine(page, 'echo $((6*7)) $(hostname)');
  await expect(terminal(page)).toContainText('42 by-keyboard');
  console.log(`From "Create" to the first login: ${seconds} s`);
});

test('keeps form and manifest one, with their comments, and the draft when the tab is closed', async ({
  page,
  context,
  namespace,
}) => {
  await open(page, namespace);
  await chooseFedora(page);
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.insertText('# Mine, and it stays\n');
  await nameField(page).fill('from-form');
  await expect(editor(page)).toContainText('# Mine, and it stays');
  await expect(editor(page)).toContainText('name: from-form');

  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.insertText('broken: [\n');
  await expect(page.getByText(/The manifest can't be read at line \d+/)).toBeVisible();
  await expect(nameField(page)).toBeDisabled();
  await page.keyboard.press('ControlOrMeta+z');
  await expect(nameField(page)).toBeEnabled();

  await page.keyboard.press('ControlOrMeta+f');
  await page.getByRole('textbox', { name: 'Find' }).fill('from-form');
  await page.getByRole('textbox', { name: 'Replace' }).fill('from-text');
  await page.getByRole('button', { name: 'replace all' }).click();
  await page.keyboard.press('Escape');
  await expect(nameField(page)).toHaveValue('from-text');

  await page.getByRole('link', { name: /^CPU and memory/ }).click();
  await expect(page).toHaveURL(/step=size/);
  await page.goBack();
  await expect(nameField(page)).toBeVisible();

  const password = await page.getByRole('textbox', { name: 'Password' }).inputValue();
  const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage }));
  await expect.poll(kept).toContain('from-text');
  expect(password.length).toBeGreaterThan(10);
  expect(await kept()).not.toContain(password);
  await page.close({ runBeforeUnload: false });

  const again = await context.newPage();
  await again.goto(`/c/sandbox/create?namespace=${namespace}`);
  await expect(nameField(again)).toHaveValue('from-text');
  await expect(editor(again)).toContainText('# Mine, and it stays');
  await expect(again.getByText(/new ones were generated/)).toBeVisible();
  await again.getByRole('button', { name: 'Start over' }).click();
  await expect(nameField(again)).not.toHaveValue('from-text');
});

test.describe('a quota', () => {
  test.use({ expectedProblems: /403/ });

  test('is said before anything is sent, and the refusal of the cluster beside it', async ({
    page,
    cluster,
    namespace,
  }) => {
    await cluster.create(`/api/v1/namespaces/${namespace}/resourcequotas`, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'tight' },
      spec: { hard: { 'count/virtualmachines.kubevirt.io': '0', 'requests.memory': '16Gi' } },
    });
    await open(page, namespace);
    await chooseFedora(page);
    const costs = page.getByRole('list', { name: 'What it takes of the quotas' });
    await expect(costs).toContainText('quota tight has 0 of 0 left of count/virtualmachines.kubevirt.io');
    await expect(costs).toContainText(/Takes about [\d.]+ GiB of 16 GiB that quota tight has left/);
    await expect(page.getByText(/exceeded quota: tight/)).toBeVisible();
    expect(await cluster.list(`/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`)).toEqual([]);
  });
});

test('makes several VMs from a pasted table, each with what belongs to it', async ({
  page,
  cluster,
  namespace,
}) => {
  await open(page, namespace);
  await chooseFedora(page);
  await page.getByRole('link', { name: /^Several at once/ }).click();
  await page.getByText('Create several virtual machines').click();
  const table = page.getByRole('textbox', { name: 'Differences from a table' });
  await table.fill(
    'name\tspec.runStrategy\tlabel:tier\tinstancetype\nshop\tHalted\tfront\tu1.small\nTill\tHalted\tback\t',
  );
  const preview = page.getByRole('grid', { name: 'Virtual machines to create' });
  await expect(preview).toContainText('Till');
  await page.getByRole('button', { name: 'Create 2 virtual machines' }).click();
  await expect(page.getByText('Something in the names or the table is to be put right.')).toBeVisible();

  await table.fill(
    'name\tspec.runStrategy\tlabel:tier\tinstancetype\nshop\tHalted\tfront\tu1.small\ntill\tHalted\tback\t',
  );
  await page.getByRole('button', { name: 'Create 2 virtual machines' }).click();
  await expect(page.getByText('Created 2 virtual machines').first()).toBeVisible();
  const shop = await cluster.vm(namespace, 'shop');
  expect(shop).toMatchObject({
    metadata: { labels: { tier: 'front' } },
    spec: { runStrategy: 'Halted', instancetype: { name: 'u1.small' } },
  });
  expect(await cluster.vm(namespace, 'till')).toMatchObject({ metadata: { labels: { tier: 'back' } } });
  const names = (await secrets(cluster, namespace)).map(({ metadata }) => metadata.name);
  expect(names.filter((name) => name.startsWith('shop-'))).toHaveLength(1);
  expect(names.filter((name) => name.startsWith('till-'))).toHaveLength(1);
});

test('saves a template without its secrets, and makes a VM from it', async ({ page, cluster, namespace }) => {
  await open(page, namespace);
  await chooseFedora(page);
  await nameField(page).fill('pattern');
  const password = await page.getByRole('textbox', { name: 'Password' }).inputValue();
  await page.getByRole('button', { name: 'Save as template' }).click();
  const save = page.getByRole('dialog', { name: 'Save as template' });
  await save.getByRole('textbox', { name: 'Name of the template' }).fill('small');
  await expect(save.getByText(/NAME, IMAGE, INSTANCETYPE, PASSWORD/)).toBeVisible();
  await save.getByRole('button', { name: 'Save template' }).click();
  await expect(save.getByText(`Template small is saved in ${namespace}.`)).toBeVisible();
  await save.getByRole('button', { name: 'Close' }).last().click();
  const stored = JSON.stringify(await cluster.get(`/api/v1/namespaces/${namespace}/configmaps/small`));
  expect(stored).toContain('portlight.io/template');
  expect(stored).not.toContain(password);

  await page.getByRole('button', { name: 'Templates' }).click();
  await page.getByRole('button', { name: 'Use template small' }).click();
  await expect(page.getByRole('heading', { name: 'Template small' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill('made');
  await page.getByRole('textbox', { name: 'INSTANCETYPE' }).fill('u1.small');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(nameField(page)).toHaveValue('made');
  await createButton(page).click();
  await expect(page).toHaveURL(/\/vms\/made\/diagnose$/);
  expect(await cluster.vm(namespace, 'made')).toMatchObject({
    spec: { instancetype: { name: 'u1.small' } },
  });
  const [secret] = (await secrets(cluster, namespace)).filter(({ metadata }) =>
    metadata.name.startsWith('made-'),
  );
  expect(userData(secret)).toMatch(/^password: [a-z2-9]{4}(-[a-z2-9]{4}){3}$/m);

  await page.goto(`/c/sandbox/create?namespace=${namespace}`);
  await page.getByRole('button', { name: 'Templates' }).click();
  await page.getByRole('button', { name: 'Delete template small' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await cluster.until('the template is gone', async () => {
    const left = await cluster.get(`/api/v1/namespaces/${namespace}/configmaps/small`);
    return left === undefined;
  });
});

for (const [theme, width] of [
  ['light', 1440],
  ['dark', 1440],
  ['light', 400],
  ['dark', 400],
] as const) {
  test(`makes VMs accessibly: ${theme}, ${width} pixels`, async ({ page, namespace }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`/c/sandbox/create?namespace=${namespace}`);
    await image(page).click();
    await page
      .getByRole('option', { name: /^Fedora/ })
      .first()
      .click();
    await expect(page.getByText(/Creates VirtualMachine/)).toBeVisible();
    const look = async (what: string) => {
      expect(await seriousFindings(page), what).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${what} is wider than the window`).toBeLessThanOrEqual(0);
    };
    await look('basics');
    await page.getByRole('link', { name: /^Several at once/ }).click();
    await page.getByText('Create several virtual machines').click();
    await expect(page.getByRole('grid', { name: 'Virtual machines to create' })).toBeVisible();
    await look('several');
    if (width === 400) {
      await page.getByRole('button', { name: 'YAML', exact: true }).click();
      await expect(editor(page)).toBeVisible();
      await look('manifest');
    }
  });
}
