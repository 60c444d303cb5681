import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import { launchConsole } from './support/launch';
import { expect, seriousFindings, test } from './support/test';

interface Vm {
  metadata: { namespace: string };
  status?: { printableStatus?: string };
}

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const ALL_VMS = '/apis/kubevirt.io/v1/virtualmachines';

/** How many VMs the page says have this status. */
async function countOf(page: Page, status: string): Promise<number> {
  const link = card(page, 'Virtual machines').getByRole('link', { name: new RegExp(`^${status} ?\\d+$`) });
  const text = (await link.count()) === 0 ? '0' : ((await link.textContent()) ?? '');
  return Number(/\d+$/.exec(text)?.[0] ?? Number.NaN);
}

test('is where one lands, and its numbers are the cluster’s, in the HTML and as they change', async ({
  page,
  request,
  cluster,
  namespace,
}) => {
  // Of several clusters the one that was used last.
  // The page notes it once it is alive, which its heading does not tell: one that was left too early is opened again.
  await expect(async () => {
    await page.goto('/c/sandbox/vms');
    await expect(page.getByRole('heading', { level: 1, name: 'Virtual machines' })).toBeVisible();
    await page.waitForLoadState('networkidle');
    await page.goto('/');
    expect(page.url()).toMatch(/\/c\/sandbox$/);
  }).toPass();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Overview' })).toHaveAttribute(
    'aria-current',
    'page',
  );
  const stopped = async () =>
    (await cluster.list<Vm>(ALL_VMS)).filter(({ status }) => status?.printableStatus === 'Stopped').length;
  await expect(async () => expect(await countOf(page, 'Stopped')).toBe(await stopped())).toPass();
  const html = await (await request.get('/c/sandbox')).text();
  expect(html).toMatch(/\d+ virtual machines?/);

  // Somebody makes one elsewhere: it counts here without a reload.
  await cluster.create(VMS(namespace), smallVm(namespace, 'counted', { runStrategy: 'Halted' }));
  await cluster.until('it is stopped', async () => {
    return (await cluster.printableStatus(namespace, 'counted')) === 'Stopped';
  });
  await expect(async () => expect(await countOf(page, 'Stopped')).toBe(await stopped())).toPass();
});

test('leads from each number to the list of exactly those', async ({ page }) => {
  await page.goto('/c/sandbox');
  const link = card(page, 'Virtual machines').getByRole('link', { name: /^Running ?\d+$/ });
  await expect(link).toBeVisible();
  const href = (await link.getAttribute('href')) ?? '';
  expect(href).toContain('status%3ARunning');
  await expect(async () => {
    await page.goto('/c/sandbox');
    const running = await countOf(page, 'Running');
    expect(running).toBeGreaterThan(0);
    await page.goto(href);
    // The heading of the table is a row as well.
    const rows = page.getByRole('grid', { name: 'Virtual machines' }).getByRole('row');
    await expect(rows).toHaveCount(running + 1, { timeout: 5_000 });
  }).toPass();
});

test('says in a sentence what is wrong with a VM, and leads to it', async ({ page, cluster, namespace }) => {
  const vm = smallVm(namespace, 'nowhere-to-run', { runStrategy: 'Always' }) as {
    spec: { template: { spec: Record<string, unknown> } };
  };
  vm.spec.template.spec.nodeSelector = { 'example.com/no-such': 'node' };
  await cluster.create(VMS(namespace), vm);
  await cluster.until('it cannot be placed', async () => {
    return (await cluster.printableStatus(namespace, 'nowhere-to-run')) === 'ErrorUnschedulable';
  });
  await page.goto('/c/sandbox');
  const attention = card(page, 'Needs attention');
  const item = attention.getByRole('listitem').filter({ hasText: 'nowhere-to-run' });
  await expect(item).toContainText('No node matches what it asks for.');
  await item.getByRole('link', { name: 'nowhere-to-run' }).click();
  await expect(page).toHaveURL(new RegExp(`/ns/${namespace}/vms/nowhere-to-run$`));
});

test('shows what is used, as metrics.k8s.io measures it', async ({ page, cluster }) => {
  await page.goto('/c/sandbox');
  const metrics = '/apis/metrics.k8s.io/v1beta1/pods?labelSelector=kubevirt.io%3Dvirt-launcher';
  const measured = await cluster.until('guests are measured', async () => {
    const pods = await cluster.list<{ metadata: { labels: Record<string, string> } }>(metrics);
    return pods.length > 0 && pods;
  });
  const names = measured.map(({ metadata }) => metadata.labels['vm.kubevirt.io/name'] ?? '');
  const top = card(page, 'Top consumers').getByRole('list', { name: 'Most memory' });
  await expect(top.getByRole('listitem').first()).toBeVisible({ timeout: 90_000 });
  for (const link of await top.getByRole('link').all()) expect(names).toContain(await link.textContent());
  const nodes = page.getByRole('grid', { name: 'Node load' });
  await expect(nodes.getByRole('row')).toHaveCount(1 + (await cluster.list('/api/v1/nodes')).length);
  await expect(nodes.getByRole('img', { name: /^Memory: [\d.]+ [MG]iB used/ }).first()).toBeVisible();
});

test('shows dana the numbers of her namespace alone, and says so', async ({ page, cluster }) => {
  await page.goto('/c/sandbox-dana/vms?ns=dev');
  await expect(page.getByRole('link', { name: 'build-runner' })).toBeVisible();
  await page.goto('/c/sandbox-dana');
  await expect(page.getByRole('note')).toHaveText(
    'These are the numbers of the one namespace that you may see: dev.',
  );
  const own = async () =>
    (await cluster.list<Vm>(ALL_VMS)).filter(({ metadata }) => metadata.namespace === 'dev').length;
  await expect(async () => {
    const total = card(page, 'Virtual machines').getByRole('link', { name: /virtual machines?$/ });
    expect(Number.parseInt((await total.textContent()) ?? '', 10)).toBe(await own());
  }).toPass();
  await expect(card(page, 'Node load')).toContainText('You may not list nodes');
  await expect(card(page, 'Needs attention')).toContainText('Nodes and components are not looked at');
  await expect(page.getByText('web-frontend')).toHaveCount(0);
});

for (const [width, colorScheme] of [
  [1440, 'light'],
  [1440, 'dark'],
  [400, 'light'],
] as const) {
  test(`is accessible at ${width} pixels, ${colorScheme}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await page.goto('/c/sandbox');
    await expect(
      card(page, 'Virtual machines').getByRole('link', { name: /virtual machines?$/ }),
    ).toBeVisible();
    await expect(page.getByRole('grid', { name: 'Node load' })).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
  });
}

test.describe('a cluster without VMs and without metrics', () => {
  test('shows three ways to the first VM, says that nothing is measured, and changes with the first', async ({
    page,
  }, info) => {
    const console_ = await launchConsole(info.outputPath('empty'), {
      PORTLIGHT_SANDBOX_EMPTY: '1',
      PORTLIGHT_SANDBOX_KUBEVIRT_ONLY: '1',
      PORTLIGHT_SANDBOX_GUESTS: 'off',
    });
    try {
      await page.goto(`${console_.url}/c/sandbox`);
      const ways = page.getByRole('region', { name: 'No virtual machines yet' });
      await expect(ways.getByRole('heading', { level: 3 })).toHaveText([
        'From an example',
        'From YAML',
        'With kubectl',
      ]);
      await expect(card(page, 'Top consumers')).toContainText('This cluster does not measure usage');
      await ways.getByRole('link', { name: 'Choose an example' }).click();
      await page.getByRole('button', { name: 'Create virtual machine' }).click();
      await expect(page).toHaveURL(/\/diagnose$/);
      await page
        .getByRole('navigation', { name: 'Navigation' })
        .getByRole('link', { name: 'Overview' })
        .click();
      await expect(
        card(page, 'Virtual machines').getByRole('link', { name: '1 virtual machine' }),
      ).toBeVisible();
      await expect(ways).toBeHidden();
    } finally {
      // A page that is still open would miss its server.
      await page.goto('about:blank');
      await console_.stop();
    }
  });
});
