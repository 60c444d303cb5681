import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import { logInOverSerial, screen, terminal, typeLine } from './support/consoles';
import { expect, test } from './support/test';

// A dropped or refused console socket is noted by the browser itself; here it is what is provoked.
test.use({ expectedProblems: /WebSocket connection to .* failed|status of (404|409|500|400)/ });

const consoleUrl = (namespace: string, name: string, kind: 'vnc' | 'serial') =>
  `/console/sandbox/${namespace}/${name}/${kind}`;

/** Notes every heading that the page shows, however shortly; returns the way to read them. */
async function titlesFromNowOn(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const titles = new Set<string>();
    new MutationObserver(() => {
      for (const { textContent } of document.querySelectorAll('h1, h2, h3'))
        if (textContent) titles.add(textContent.trim());
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
    return titles;
  });
  return () => seen.evaluate((titles) => [...titles]);
}

test('follows a VM through stopped, starting, running and paused, with a way out of each', async ({
  page,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'states', { runStrategy: 'Halted' }));
  await page.goto(consoleUrl(namespace, 'states', 'serial'));
  await expect(page.getByRole('heading', { name: 'The virtual machine is stopped' })).toBeVisible();
  const titles = await titlesFromNowOn(page);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(terminal(page)).toContainText('states login:', { timeout: 180_000 });
  expect(await titles()).toContain('The virtual machine is starting');

  await page.goto(consoleUrl(namespace, 'states', 'vnc'));
  await expect(screen(page)).toBeVisible();
  const pause = await cluster.call(
    'PUT',
    `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/states/pause`,
    {},
  );
  expect(pause.status).toBe(200);
  await expect(page.getByRole('heading', { name: 'The virtual machine is paused' })).toBeVisible();
  await page.getByRole('button', { name: 'Unpause', exact: true }).click();
  await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible();
  await expect.poll(() => cluster.printableStatus(namespace, 'states')).toBe('Running');
});

test('gives way when somebody else opens the console, and takes it over again', async ({
  page,
  context,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'shared'));
  await cluster.until(
    'it runs',
    async () => (await cluster.printableStatus(namespace, 'shared')) === 'Running',
  );
  await page.goto(consoleUrl(namespace, 'shared', 'serial'));
  await logInOverSerial(page, 'fedora', 'fedora');

  const other = await context.newPage();
  await other.goto(consoleUrl(namespace, 'shared', 'serial'));
  // Whoever comes late sees what was said before.
  await expect(terminal(other)).toContainText('shared login:');
  await expect(page.getByRole('heading', { name: 'This console was opened somewhere else' })).toBeVisible();

  await page.getByRole('button', { name: 'Take over' }).click();
  await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible();
  await expect(other.getByRole('heading', { name: 'This console was opened somewhere else' })).toBeVisible();
  await page.getByRole('textbox', { name: /^Serial console of/ }).focus();
  await typeLine(page, 'echo mine-$((1+1))');
  await expect(terminal(page)).toContainText('mine-2');
});

test('says which field keeps a VM from having a screen', async ({ page, cluster, namespace }) => {
  const vm = smallVm(namespace, 'headless');
  Object.assign(vm.spec.template.spec.domain.devices, { autoattachGraphicsDevice: false });
  await cluster.create(VMS(namespace), vm);
  await cluster.until(
    'it runs',
    async () => (await cluster.printableStatus(namespace, 'headless')) === 'Running',
  );
  await page.goto(consoleUrl(namespace, 'headless', 'vnc'));
  await expect(page.getByRole('heading', { name: 'The virtual machine has no screen' })).toBeVisible();
  await expect(page.getByText(/autoattachGraphicsDevice/).first()).toBeVisible();
});

test('comes back with the new guest after the old one went at once', async ({ page, cluster, namespace }) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'crashes'));
  await cluster.until(
    'it runs',
    async () => (await cluster.printableStatus(namespace, 'crashes')) === 'Running',
  );
  await page.goto(consoleUrl(namespace, 'crashes', 'serial'));
  await expect(terminal(page)).toContainText('crashes login:', { timeout: 120_000 });
  const before = (await cluster.vmi(namespace, 'crashes'))?.metadata.uid;
  await logInOverSerial(page, 'fedora', 'fedora');
  // The kernel's own emergency switch: the machine is off without a word.
  await typeLine(page, "sudo sh -c 'echo o > /proc/sysrq-trigger'");
  const after = await cluster.until('a new instance runs', async () => {
    const vmi = await cluster.vmi(namespace, 'crashes');
    const phase = (vmi?.status as { phase?: string } | undefined)?.phase;
    return vmi && vmi.metadata.uid !== before && phase === 'Running' ? vmi : undefined;
  });
  expect(after.metadata.uid).not.toBe(before);
  await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible({ timeout: 120_000 });
});

test('keeps its last line in sight on a narrow window', async ({ page, cluster, namespace }) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'narrow'));
  await cluster.until(
    'it runs',
    async () => (await cluster.printableStatus(namespace, 'narrow')) === 'Running',
  );
  await page.setViewportSize({ width: 400, height: 900 });
  await page.goto(consoleUrl(namespace, 'narrow', 'serial'));
  await expect(terminal(page)).toContainText('narrow login:', { timeout: 120_000 });
  await expect(page.getByText('narrow login:').last()).toBeInViewport({ ratio: 1 });
  await expect(page.getByText(/Click the console to type|Keys go to the virtual machine/)).toBeInViewport();
});

test('opens from the VM’s page, both kinds, each with an address', async ({ page, cluster, namespace }) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'tabbed'));
  await cluster.until(
    'it runs',
    async () => (await cluster.printableStatus(namespace, 'tabbed')) === 'Running',
  );
  await page.goto(`/c/sandbox/ns/${namespace}/vms/tabbed/console?console=serial`);
  await expect(terminal(page)).toContainText('tabbed login:', { timeout: 120_000 });
  await page.getByRole('button', { name: 'Screen', exact: true }).click();
  await expect(page).toHaveURL(/console=vnc/);
  await expect(screen(page)).toBeVisible();
});
