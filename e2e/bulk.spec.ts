import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import { Cluster } from './support/cluster';
import { type LaunchedConsole, launchConsole } from './support/launch';
import { test as base, expect, seriousFindings } from './support/test';

interface Control {
  fault: (fault: Record<string, unknown>) => Promise<void>;
  clear: () => Promise<void>;
}

interface WorkerFixtures {
  /** A console of this worker's own on a sandbox without guests, whose API goes wrong when told to. */
  bulkConsole: LaunchedConsole;
}

const test = base.extend<{ control: Control }, WorkerFixtures>({
  bulkConsole: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from this pattern
    async ({}, use, info) => {
      const directory = path.resolve(`.cache/e2e/bulk-${info.workerIndex}`);
      rmSync(directory, { recursive: true, force: true });
      const launched = await launchConsole(directory, {
        PORTLIGHT_SANDBOX_EMPTY: '1',
        PORTLIGHT_SANDBOX_GUESTS: 'off',
        PORTLIGHT_SANDBOX_CONTROL: '1',
      });
      await use(launched);
      await launched.stop();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  baseURL: async ({ bulkConsole }, use) => use(bulkConsole.url),
  cluster: async ({ bulkConsole }, use) => use(new Cluster(bulkConsole.kubeconfig)),
  control: async ({ bulkConsole }, use) => {
    const file = path.join(path.dirname(bulkConsole.kubeconfig), 'control.json');
    const { url, token } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; token: string };
    const ask = async (method: string, body?: unknown) => {
      const answer = await fetch(`${url}/faults`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (!answer.ok) throw new Error(`${method} /faults: ${answer.status} ${await answer.text()}`);
    };
    await use({ fault: (fault) => ask('POST', fault), clear: () => ask('DELETE') });
    await ask('DELETE');
  },
});

// The browser notes each refusal that these tests provoke.
test.use({
  expectedProblems: /Failed to load resource: the server responded with a status of (403|429|500)/,
});

const named = (count: number, first = 1) =>
  Array.from({ length: count }, (_, index) => `vm-${String(first + index).padStart(2, '0')}`);
const bar = (page: Page) => page.getByRole('group', { name: 'Selected virtual machines' });
const tasks = (page: Page) => page.getByRole('region', { name: 'Tasks' });

async function makeVms(cluster: Cluster, namespace: string, halted: string[], running: string[] = []) {
  for (const name of halted) {
    await cluster.create(VMS(namespace), smallVm(namespace, name, { runStrategy: 'Halted' }));
  }
  for (const name of running) await cluster.create(VMS(namespace), smallVm(namespace, name));
  await cluster.until('they are as they are meant to be', async () =>
    (await statuses(cluster, namespace, running)).every((status) => status === 'Running'),
  );
}

async function statuses(cluster: Cluster, namespace: string, names: string[]): Promise<string[]> {
  const vms = await cluster.list<{ metadata: { name: string }; status?: { printableStatus?: string } }>(
    VMS(namespace),
  );
  return names.map(
    (name) => vms.find(({ metadata }) => metadata.name === name)?.status?.printableStatus ?? 'none',
  );
}

/** Opens the list of these namespaces and selects all that match. */
async function selectAll(page: Page, namespaces: string, count: number, context = 'sandbox') {
  await page.goto(`/c/${context}/vms?ns=${namespaces}`);
  await page.getByLabel('Select all that match').click();
  await expect(bar(page)).toContainText(`${count} selected`);
}

async function unfoldTasks(page: Page) {
  const button = tasks(page).getByRole('button', { name: /^Tasks/ });
  if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
  await tasks(page).getByRole('tab', { name: 'Yours' }).waitFor();
}

test('starts those that can be started, leaves the rest out with the reason, and says what became of each', async ({
  page,
  cluster,
  namespace,
}) => {
  const halted = named(4);
  const running = named(2, 5);
  await makeVms(cluster, namespace, halted, running);
  await selectAll(page, namespace, 6);
  await expect(bar(page).getByRole('button', { name: 'Stop 2 of 6' })).toBeVisible();
  await bar(page).getByRole('button', { name: 'Start 4 of 6' }).click();
  const dialog = page.getByRole('dialog', { name: 'Start: 4 virtual machines' });
  await dialog.getByRole('button', { name: '2 virtual machines are left out' }).click();
  await expect(dialog.getByText('It is running already. (2)')).toBeVisible();
  await expect(dialog.getByText(`${namespace}/vm-05`)).toBeVisible();
  await dialog.getByRole('button', { name: 'Start 4' }).click();

  await unfoldTasks(page);
  const row = tasks(page).getByRole('row').filter({ hasText: '6 virtual machines' });
  await expect(row).toContainText('Started 4 virtual machines: 4 of 4');
  await row.getByRole('button', { name: 'Show each' }).click();
  const list = tasks(page).getByRole('group', { name: /^Virtual machines of this task/ });
  await expect(list.getByRole('listitem').filter({ hasText: 'vm-01' })).toContainText('Done');
  await expect(list.getByRole('listitem').filter({ hasText: 'vm-05' })).toContainText(
    'It is running already.',
  );
  expect(await statuses(cluster, namespace, [...halted, ...running])).toEqual(Array(6).fill('Running'));
});

test('leaves out a namespace where a right is missing, and says which', async ({
  page,
  cluster,
  namespace,
}) => {
  const closed = `${namespace}-closed`;
  await cluster.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: closed },
  });
  await makeVms(cluster, namespace, named(2));
  await makeVms(cluster, closed, named(1, 9));
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces';
  for (const [where, role] of [
    [namespace, 'kubevirt.io:admin'],
    [closed, 'kubevirt.io:view'],
  ]) {
    await cluster.create(`${roles}/${where}/rolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'bulk', namespace: where },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'vic' }],
    });
  }
  await selectAll(page, `${namespace},${closed}`, 3, 'sandbox-vic');
  await bar(page).getByRole('button', { name: 'Start 2 of 3' }).click();
  const dialog = page.getByRole('dialog', { name: 'Start: 2 virtual machines' });
  await dialog.getByRole('button', { name: '1 virtual machine is left out' }).click();
  await expect(dialog.getByText(`needs update on virtualmachines/start in ${closed}`)).toBeVisible();
  await dialog.getByRole('button', { name: 'Start 2' }).click();
  await unfoldTasks(page);
  await expect(tasks(page)).toContainText('Started 2 virtual machines: 2 of 2');
  expect(await statuses(cluster, closed, named(1, 9))).toEqual(['Stopped']);
  expect(await statuses(cluster, namespace, named(2))).toEqual(['Running', 'Running']);
  await cluster.call('DELETE', `/api/v1/namespaces/${closed}`);
});

test('keeps the words of a failure in the middle, waits when the API is busy, and retries the failed', async ({
  page,
  cluster,
  namespace,
  control,
}) => {
  const names = named(6);
  await makeVms(cluster, namespace, names);
  const start = (name: string) => `/namespaces/${namespace}/virtualmachines/${name}/start`;
  await control.fault({ path: start('vm-03'), status: 500, message: 'the webhook fell over', times: 1 });
  await control.fault({ path: start('vm-04'), status: 429, retryAfterSeconds: 1, times: 1 });
  await selectAll(page, namespace, 6);
  await bar(page).getByRole('button', { name: 'Start 6' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start 6' }).click();
  await unfoldTasks(page);
  const row = tasks(page).getByRole('row').filter({ hasText: '6 virtual machines' });
  const retry = row.getByRole('button', { name: 'Retry the 1 failed' });
  await expect(retry).toBeVisible();
  await row.getByRole('button', { name: 'Show each' }).click();
  await expect(tasks(page).getByRole('listitem').filter({ hasText: 'vm-03' })).toContainText(
    'the webhook fell over',
  );
  await expect
    .poll(() => statuses(cluster, namespace, names))
    .toEqual(['Running', 'Running', 'Stopped', 'Running', 'Running', 'Running']);
  await retry.click();
  await expect(row).toContainText('Started 6 virtual machines: 6 of 6');
  expect(await statuses(cluster, namespace, names)).toEqual(Array(6).fill('Running'));
});

test('stops in the middle and goes on later, also after a reload', async ({
  page,
  cluster,
  namespace,
  control,
}) => {
  const names = named(20);
  await makeVms(cluster, namespace, names);
  // Slow enough for somebody to think again.
  await control.fault({ path: `/namespaces/${namespace}/virtualmachines/.*/start`, delayMs: 2_000 });
  await selectAll(page, namespace, 20);
  await bar(page).getByRole('button', { name: 'Start 20' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start 20' }).click();
  await unfoldTasks(page);
  const row = tasks(page).getByRole('row').filter({ hasText: '20 virtual machines' });
  await row.getByRole('button', { name: /^Stop: / }).click();
  const goOn = row.getByRole('button', { name: /^Go on with the \d+ not started/ });
  await expect(goOn).toBeVisible();
  // What has begun ends.
  await expect(row.getByRole('progressbar')).toHaveCount(0);
  const all = await statuses(cluster, namespace, names);
  const begun = all.filter((status) => status === 'Running').length;
  expect(begun).toBeGreaterThan(0);
  expect(begun).toBeLessThan(20);
  await expect(row).toContainText(`${begun} of 20`);
  await expect(goOn).toContainText(`${20 - begun}`);
  await control.clear();
  await control.fault({ path: `/namespaces/${namespace}/virtualmachines/.*/start`, delayMs: 10_000 });
  await goOn.click();
  await expect(row.getByRole('progressbar')).toBeVisible();

  // Eight are under way, and the API has not answered any of them.
  await page.reload();
  await unfoldTasks(page);
  // Of what had begun it looks whether it was done; the rest waits for somebody.
  await expect(row.getByRole('progressbar')).toHaveCount(0);
  await control.clear();
  await row.getByRole('button', { name: /^(Go on with|Do again what is not done|Retry)/ }).click();
  await expect(row).toContainText(/Started \d+ virtual machines/, { timeout: 60_000 });
  expect(await statuses(cluster, namespace, names)).toEqual(Array(20).fill('Running'));
});

test('has the number typed before many are deleted, and moves and tags many by the keyboard', async ({
  page,
  cluster,
  namespace,
}) => {
  await makeVms(cluster, namespace, named(3));
  await selectAll(page, namespace, 3);
  await bar(page).getByRole('button', { name: 'More actions for the selected virtual machines' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Add tag 3' }).focus();
  await page.keyboard.press('Enter');
  const tagging = page.getByRole('dialog', { name: 'Add tag: 3 virtual machines' });
  await expect(tagging.getByRole('combobox', { name: 'Tag' })).toBeFocused();
  await page.keyboard.type('prod');
  await page.keyboard.press('Enter');
  await expect(tagging).toBeHidden();
  await expect
    .poll(async () => {
      const vms = await cluster.list<{ metadata: { labels?: Record<string, string> } }>(VMS(namespace));
      return vms.map(({ metadata }) => metadata.labels?.['tag.portlight.io/prod']);
    })
    .toEqual(['', '', '']);

  await bar(page).getByRole('button', { name: 'More actions for the selected virtual machines' }).click();
  await page.getByRole('menuitem', { name: 'Delete 3' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete: 3 virtual machines' });
  const confirm = dialog.getByRole('button', { name: 'Delete 3' });
  await expect(confirm).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByRole('textbox', { name: 'Type 3 to confirm' }).fill('3');
  await confirm.click();
  await unfoldTasks(page);
  await expect(tasks(page)).toContainText('Deleted 3 virtual machines: 3 of 3');
  expect(await cluster.list(VMS(namespace))).toEqual([]);
});

for (const [theme, width] of [
  ['light', 1440],
  ['dark', 400],
] as const) {
  test(`bar, dialog and panel are accessible and fit: ${theme}, ${width} pixels`, async ({
    page,
    cluster,
    namespace,
  }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    await makeVms(cluster, namespace, named(3), named(2, 4));
    const isFine = async (what: string) => {
      expect(await seriousFindings(page), what).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${what} is wider than the window`).toBeLessThanOrEqual(0);
    };
    await selectAll(page, namespace, 5);
    await isFine('bar');
    await bar(page).getByRole('button', { name: 'Stop 2 of 5' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: '3 virtual machines are left out' }).click();
    await isFine('dialog');
    await dialog.getByRole('button', { name: 'Stop 2' }).click();
    await unfoldTasks(page);
    await tasks(page).getByRole('button', { name: 'Show each' }).click();
    await isFine('panel');
    await tasks(page).getByRole('tab', { name: 'Cluster' }).click();
    await expect(tasks(page).getByRole('grid', { name: 'Events of virtual machines' })).toContainText(
      namespace,
    );
    await isFine('cluster');
  });
}
