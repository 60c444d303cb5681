import type { Locator, Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import type { Cluster, Obj } from './support/cluster';
import { expect, seriousFindings, test } from './support/test';

const FOLDER = 'portlight.io/folder';

interface Labelled extends Obj {
  metadata: Obj['metadata'] & { labels?: Record<string, string> };
}

/** Halted VMs with these labels: nothing boots. */
async function makeVms(cluster: Cluster, namespace: string, vms: Record<string, Record<string, string>>) {
  for (const [name, labels] of Object.entries(vms)) {
    const vm = smallVm(namespace, name, { runStrategy: 'Halted' });
    await cluster.create(VMS(namespace), { ...vm, metadata: { ...vm.metadata, labels } });
  }
}

const labelsOf = async (cluster: Cluster, namespace: string, name: string) =>
  ((await cluster.vm(namespace, name)) as Labelled | undefined)?.metadata.labels ?? {};
const tree = (page: Page) => page.getByRole('tree');
const entry = (page: Page, name: string, total?: number): Locator =>
  tree(page).getByRole('treeitem', {
    name: new RegExp(`^${name}, ${total === undefined ? '' : `${total || 'no'} virtual machine`}`),
  });
const link = (page: Page, name: string) =>
  page.getByRole('grid', { name: 'Virtual machines' }).getByRole('link', { name, exact: true });

/** Shows one namespace among however many there are. */
async function findNamespace(page: Page, namespace: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Find a namespace' }).fill(namespace);
  await expect(entry(page, namespace)).toBeVisible();
}

test('counts as the API does, and narrows the list by each view', async ({ page, cluster, namespace }) => {
  await makeVms(cluster, namespace, {
    one: { [FOLDER]: 'web.blue', tier: 'front', app: namespace },
    two: { [FOLDER]: 'web', tier: 'front', [`tag.portlight.io/${namespace}`]: '' },
    three: { tier: 'back' },
  });
  const listed = await cluster.list<Labelled>(VMS(namespace));
  const count = (is: (labels: Record<string, string>) => boolean) =>
    listed.filter(({ metadata }) => is(metadata.labels ?? {})).length;
  await page.goto('/c/sandbox/vms');
  await findNamespace(page, namespace);

  await test.step('by namespace and folder', async () => {
    await entry(page, namespace, listed.length).focus();
    await page.keyboard.press('ArrowRight');
    const inWeb = count((labels) => /^web(\.|$)/.test(labels[FOLDER] ?? ''));
    await entry(page, 'web', inWeb).click();
    await expect(page).toHaveURL(new RegExp(`ns=${namespace}&q=folder%3Aweb`));
    await expect(link(page, 'three')).toBeHidden();
    await expect(link(page, 'one')).toBeVisible();
    await expect(link(page, 'two')).toBeVisible();
    // Not a click: the middle of an open entry is one of those inside it.
    await entry(page, namespace).press('Enter');
    await expect(link(page, 'three')).toBeVisible();
  });

  const view = page.getByRole('combobox', { name: 'Tree by' });
  await test.step('by tag and by label', async () => {
    await view.selectOption('Tag or label');
    await entry(page, namespace, 1).click();
    await expect(link(page, 'one')).toBeHidden();
    await expect(link(page, 'two')).toBeVisible();
    await entry(page, 'All in the chosen namespaces').click();
    await page.getByRole('combobox', { name: 'Label' }).selectOption('tier');
    await entry(
      page,
      'front',
      count(({ tier }) => tier === 'front'),
    ).click();
    await expect(link(page, 'three')).toBeHidden();
    await expect(link(page, 'one')).toBeVisible();
    await entry(page, 'All in the chosen namespaces').click();
  });

  await test.step('by application and by node', async () => {
    await view.selectOption('Application');
    await entry(
      page,
      namespace,
      count(({ app }) => app === namespace),
    ).click();
    await expect(link(page, 'two')).toBeHidden();
    await expect(link(page, 'one')).toBeVisible();
    await entry(page, 'All in the chosen namespaces').click();
    await view.selectOption('Node');
    await entry(page, 'On no node', listed.length).click();
    await expect(page).toHaveURL(/node%3Anone/);
    await expect(link(page, 'three')).toBeVisible();
  });

  await page.reload();
  await expect(view).toHaveValue('node');
  await expect(entry(page, 'On no node')).toHaveAttribute('aria-selected', 'true');
});

test('is used with the keyboard alone', async ({ page, cluster, namespace }) => {
  await makeVms(cluster, namespace, { one: { [FOLDER]: 'alpha' }, two: { [FOLDER]: 'beta.inner' } });
  await page.goto('/c/sandbox/vms');
  await findNamespace(page, namespace);
  await entry(page, 'All virtual machines').focus();
  await page.keyboard.press('End');
  await expect(entry(page, namespace)).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(entry(page, 'alpha')).toBeVisible();
  await page.keyboard.type('be');
  await expect(entry(page, 'beta')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(entry(page, 'inner')).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Rename…' }).press('Enter');
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('New one');
  await page.getByRole('button', { name: 'Use New-one' }).press('Enter');
  await name.press('Enter');
  await expect(entry(page, 'New-one', 1)).toBeVisible();
  await expect.poll(() => labelsOf(cluster, namespace, 'two')).toEqual({ [FOLDER]: 'New-one.inner' });
  expect(await labelsOf(cluster, namespace, 'one')).toEqual({ [FOLDER]: 'alpha' });

  // What a folder holds moves up when the folder goes.
  await entry(page, 'New-one').focus();
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Delete folder…' }).press('Enter');
  await page.getByRole('button', { name: 'Delete folder' }).press('Enter');
  await expect.poll(() => labelsOf(cluster, namespace, 'two')).toEqual({ [FOLDER]: 'inner' });
});

test('takes VMs that are dragged onto a folder, and changes nothing else', async ({
  page,
  cluster,
  namespace,
}) => {
  await makeVms(cluster, namespace, { one: { keep: 'me' }, two: {} });
  const before = (await cluster.vm(namespace, 'one')) as Labelled;
  await page.goto(`/c/sandbox/vms?ns=${namespace}`);
  await findNamespace(page, namespace);

  // A folder that nothing is in is kept in mind by this browser alone.
  await entry(page, namespace).focus();
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'New folder…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('target');
  await page.getByRole('button', { name: 'Create folder' }).click();
  await expect(entry(page, 'target', 0)).toBeVisible();

  await link(page, 'one').dragTo(entry(page, 'target'));
  await expect(entry(page, 'target', 1)).toBeVisible();
  await link(page, 'two').dragTo(entry(page, 'target'));
  await expect(entry(page, 'target', 2)).toBeVisible();
  await expect(page.getByText('Moved two to target').first()).toBeVisible();

  expect(await labelsOf(cluster, namespace, 'two')).toEqual({ [FOLDER]: 'target' });
  const after = (await cluster.vm(namespace, 'one')) as Labelled;
  expect(after.metadata.labels).toEqual({ keep: 'me', [FOLDER]: 'target' });
  expect(after.spec).toEqual(before.spec);

  await test.step('and the menu of a VM takes it out again', async () => {
    await page.getByRole('button', { name: 'Actions for one' }).click();
    await page.getByRole('menuitem', { name: 'Move to folder…' }).click();
    await page.getByRole('combobox', { name: 'Folder' }).fill('');
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await expect.poll(() => labelsOf(cluster, namespace, 'one')).toEqual({ keep: 'me' });
  });
});

test('has folder, tags and labels changed on the page of a VM', async ({ page, cluster, namespace }) => {
  await makeVms(cluster, namespace, { one: { 'tag.portlight.io/old': '' } });
  await page.goto(`/c/sandbox/ns/${namespace}/vms/one`);
  await page.getByRole('button', { name: 'Remove tag old' }).click();
  await page.getByRole('button', { name: 'Add tag' }).click();
  await page.getByRole('textbox', { name: 'Tag' }).fill('gold');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'Remove tag gold' })).toBeVisible();
  await expect.poll(() => labelsOf(cluster, namespace, 'one')).toEqual({ 'tag.portlight.io/gold': '' });
});

test('tells a viewer before the drop why nothing can be moved', async ({ page, cluster, namespace }) => {
  await makeVms(cluster, namespace, { one: {}, two: { [FOLDER]: 'web' } });
  await cluster.create(`/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'vic' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kubevirt.io:view' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'vic' }],
  });
  await page.goto(`/c/sandbox-vic/vms?ns=${namespace}`);
  await entry(page, namespace, 2).focus();
  await page.keyboard.press('ArrowRight');
  const folder = await entry(page, 'web', 1).boundingBox();
  const row = await link(page, 'one').boundingBox();
  if (!folder || !row) throw new Error('the list or the tree is not drawn');
  await page.mouse.move(row.x + 5, row.y + 5);
  await page.mouse.down();
  await page.mouse.move(folder.x + 40, folder.y + 10, { steps: 6 });
  const why = new RegExp(`You may not .*needs patch on virtualmachines in ${namespace}`);
  await expect(tree(page).locator('..').getByText(why).first()).toBeVisible();
  await page.mouse.up();
  expect(await labelsOf(cluster, namespace, 'one')).toEqual({});

  await page.getByRole('button', { name: 'Actions for one' }).click();
  const move = page.getByRole('menuitem', { name: /^Move to folder/ });
  await expect(move).toHaveAttribute('aria-disabled', 'true');
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
    await page.goto('/c/sandbox/vms');
    if (width < 900) await page.getByRole('button', { name: 'Folders and tree' }).click();
    await expect(tree(page).getByRole('treeitem').nth(1)).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
}
