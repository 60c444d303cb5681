import { smallVm, VMS } from './manifests/vm';
import { expect, seriousFindings, test } from './support/test';

test('finds a namespace, and runs an action on a VM that it finds, by keyboard alone', async ({
  page,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), smallVm(namespace, `sought-${namespace}`, { runStrategy: 'Halted' }));
  await page.goto('/c/sandbox/vms');
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Search all clusters' });
  await field.fill(namespace);
  await expect(page.getByRole('group', { name: 'Namespaces' }).getByRole('option').first()).toContainText(
    namespace,
  );

  await field.fill(`sought-${namespace}`);
  const found = page.getByRole('option', { name: new RegExp(`^sought-${namespace}`) });
  await expect(found).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Tab');
  const actions = page.getByRole('group', { name: `Actions for sought-${namespace}` });
  await expect(actions.getByRole('option', { name: /^Start/ })).toHaveAttribute('aria-selected', 'true');
  await expect(actions.getByRole('option', { name: /^Stop/ })).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('Enter');
  await expect.poll(() => cluster.printableStatus(namespace, `sought-${namespace}`)).not.toBe('Stopped');
});

test('asks before it deletes, on the VM’s own page', async ({ page, cluster, namespace }) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'doomed', { runStrategy: 'Halted' }));
  await page.goto(`/c/sandbox/ns/${namespace}/vms/doomed?action=delete`);
  await expect(page.getByRole('dialog')).toContainText('doomed');
  await expect(page).not.toHaveURL(/action=/);
  await page.keyboard.press('Escape');
  // What needs no confirmation is never done by an address.
  await page.goto(`/c/sandbox/ns/${namespace}/vms/doomed?action=start`);
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(await cluster.printableStatus(namespace, 'doomed')).toBe('Stopped');
});

test('shows all shortcuts, and goes to pages by them', async ({ page }) => {
  await page.goto('/c/sandbox/vms');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('Shift+?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText(
    'Select all that match',
  );
  expect(await seriousFindings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page).toHaveURL(/\/c\/sandbox\/screens$/);
});
