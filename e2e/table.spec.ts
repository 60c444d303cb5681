import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import { Cluster } from './support/cluster';
import { type LaunchedConsole, launchConsole } from './support/launch';
import { expect, seriousFindings, test } from './support/test';

// One console for the file, on a cluster of many machines that are only states.
test.describe.configure({ mode: 'default' });

const COUNT = 2_500;
const directory = path.resolve('.cache/e2e/table');
let served: LaunchedConsole;
let cluster: Cluster;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  rmSync(directory, { recursive: true, force: true });
  served = await launchConsole(directory, {}, ['--vms', String(COUNT)]);
  cluster = new Cluster(served.kubeconfig);
});
test.afterAll(async () => {
  await served?.stop();
});

const grid = (page: Page) => page.getByRole('grid', { name: 'Virtual machines' });
const rows = (page: Page) =>
  grid(page)
    .getByRole('row')
    .filter({ has: page.getByRole('link') });
const heads = (page: Page) => grid(page).getByRole('columnheader');

async function open(page: Page, query = ''): Promise<void> {
  await page.goto(`${served.url}/c/sandbox/vms${query}`);
  await expect(rows(page).first()).toBeVisible();
  // What is sent with the page stays until the live rows are there; keys count from then on.
  await page.waitForLoadState('networkidle');
}

/** Names as the API lists them, in the list's order. */
async function listed(): Promise<string[]> {
  const { items } = (await cluster.call('GET', '/apis/kubevirt.io/v1/virtualmachines')).json();
  const all = items as { metadata: { name: string } }[];
  const { compare } = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  return all.map(({ metadata }) => metadata.name).sort(compare);
}

test('scrolls to the last of all rows, with the right place told for each', async ({ page }) => {
  const names = await listed();
  await open(page);
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(names.length + 1));
  await rows(page).first().focus();
  await page.keyboard.press('End');
  const last = grid(page).getByRole('row').last();
  await expect(last).toHaveAttribute('aria-rowindex', String(names.length + 1));
  await expect(last).toBeFocused();
  await expect(last.getByRole('link')).toHaveText(names.at(-1) ?? '');
  expect(await grid(page).getByRole('row').count()).toBeLessThan(80);

  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/vms/${names.at(-1)}$`));
  await page.goBack();
  await expect(grid(page).getByRole('row').last().getByRole('link')).toHaveText(names.at(-1) ?? '');
});

test('selects by keyboard, over rows that are not loaded, and all that match', async ({ page }) => {
  await open(page);
  const told = page.getByText(/virtual machines? (is|are) selected$/);
  await rows(page).first().focus();
  await page.keyboard.press('Space');
  await expect(told).toHaveText('1 virtual machine is selected');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(told).toHaveText('3 virtual machines are selected');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(told).toHaveText('2 virtual machines are selected');
  await page.keyboard.press('Shift+End');
  await expect(told).toHaveText(
    `${(await listed()).length} virtual machines are selected`.replace(/\B(?=(\d{3})+ )/, ','),
  );
  await page.keyboard.press('Escape');
  await expect(page.getByText('Nothing is selected')).toBeAttached();

  await page.keyboard.press('Control+a');
  await expect(page.getByRole('checkbox', { name: 'Select all that match' })).toBeChecked();
  await expect(rows(page).last()).toHaveAttribute('aria-selected', 'true');
  await rows(page).last().getByRole('checkbox').click();
  await expect(told).toHaveText(/^2,\d{3} virtual machines are selected$/);
  await expect(page.getByRole('checkbox', { name: 'Select all that match' })).not.toBeChecked();
});

test('keeps rows where they are while the pointer is over them', async ({ page }) => {
  await open(page);
  const first = rows(page).first();
  const name = (await first.getByRole('link').textContent()) ?? '';
  await first.hover();
  const namespace = 'aaa-table';
  await cluster.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  await cluster.create(VMS(namespace), smallVm(namespace, '0-before-all', { runStrategy: 'Halted' }));
  await expect(page.getByText('The order has changed.')).toBeVisible();
  await expect(first.getByRole('link')).toHaveText(name);
  await page.getByRole('heading', { level: 1 }).hover();
  await expect(first.getByRole('link')).toHaveText('0-before-all');

  // What goes keeps its place, too, until the pointer leaves.
  await first.hover();
  await cluster.call('DELETE', `${VMS(namespace)}/0-before-all`);
  await expect(grid(page).getByRole('row').nth(1)).toContainText('Deleted');
  await page.getByRole('heading', { level: 1 }).hover();
  await expect(first.getByRole('link')).toHaveText(name);
});

test('has its columns in the address, and remembers them', async ({ page }) => {
  await open(page, '?cols=name,memory:200,labels');
  await expect(heads(page)).toHaveText(['', 'Name', 'Memory', 'Labels', /Actions/]);
  await page.getByRole('button', { name: 'Memory', exact: true }).focus();
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page).toHaveURL(/cols=name,memory:216,labels/);
  await page.keyboard.press('Control+ArrowLeft');
  await expect(page).toHaveURL(/cols=memory:216,name,labels/);

  await page.getByRole('button', { name: 'Columns' }).click();
  const dialog = page.getByRole('dialog', { name: 'Columns of the list' });
  await dialog.getByRole('checkbox', { name: 'Labels' }).uncheck();
  await dialog.getByRole('checkbox', { name: 'Node', exact: true }).check();
  expect(await seriousFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page).toHaveURL(/cols=memory:216,name,node/);

  // Another visit, without the address.
  await open(page);
  await expect(heads(page)).toHaveText(['', 'Memory', 'Name', 'Node', /Actions/]);
  await page.getByRole('button', { name: 'Columns' }).click();
  await dialog.getByRole('button', { name: 'Reset' }).click();
  await expect(page).not.toHaveURL(/cols/);
});

test('draws a column wider with the pointer', async ({ page }) => {
  await open(page);
  const head = heads(page).filter({ hasText: 'Node' });
  const before = await head.boundingBox();
  if (!before) throw new Error('The column has no place.');
  await page.mouse.move(before.x + before.width - 3, before.y + before.height / 2);
  await page.mouse.down();
  await page.mouse.move(before.x + before.width + 77, before.y + before.height / 2, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(new RegExp(`node:${Math.round(before.width + 80)}`));
});

test('exports what matches: the same that the API lists', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Export' }).click();
  const coming = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /CSV/ }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/^virtual-machines-sandbox-.*\.csv$/);
  const [head = '', ...lines] = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  const place = head.split(',').indexOf('name');
  expect(lines.map((line) => line.split(',')[place])).toEqual(await listed());
});

for (const [theme, width] of [
  ['light', 1440],
  ['dark', 400],
] as const) {
  test(`is accessible, fits and does not jump: ${theme}, ${width} pixels`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    await page.addInitScript(() => {
      const seen = { shift: 0 };
      Object.assign(window, { seen });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await open(page);
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const shift = await page.evaluate(() => (window as unknown as { seen: { shift: number } }).seen.shift);
    expect(shift).toBeLessThan(0.02);
  });
}
