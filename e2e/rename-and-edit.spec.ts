import { smallVm, VMS } from './manifests/vm';
import { expect, seriousFindings, test } from './support/test';

test('renames a stopped VM, and says what does not come along', async ({ page, cluster, namespace }) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'before', { runStrategy: 'Halted' }));
  await page.goto(`/c/sandbox/ns/${namespace}/vms/before`);
  await page.getByRole('button', { name: 'Actions for before' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rename before' });
  await expect(dialog).toContainText('Snapshots stay, and go on naming the old VM as their source.');
  expect(await seriousFindings(page)).toEqual([]);
  await dialog.getByRole('textbox', { name: 'New name' }).fill('after');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(page).toHaveURL(new RegExp(`/ns/${namespace}/vms/after$`));
  await expect(page.getByRole('heading', { level: 1, name: 'after' })).toBeVisible();
  expect(await cluster.vm(namespace, 'before')).toBeUndefined();
  expect((await cluster.vm(namespace, 'after'))?.spec).toMatchObject({ runStrategy: 'Halted' });
});

test('edits several VMs at once, each previewed before', async ({ page, cluster, namespace }) => {
  for (const name of ['one', 'two']) {
    await cluster.create(VMS(namespace), smallVm(namespace, name, { runStrategy: 'Halted' }));
  }
  await page.goto(`/c/sandbox/vms?ns=${namespace}`);
  await expect(page.getByRole('link', { name: 'two', exact: true })).toBeVisible();
  await page.getByRole('checkbox', { name: 'Select one' }).check();
  await page.getByRole('checkbox', { name: 'Select two' }).check();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Edit 2' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit: 2 virtual machines' });
  await dialog.getByLabel('Run strategy').selectOption('Manual');
  for (const name of ['one', 'two']) {
    await expect(dialog).toContainText(new RegExp(`${name}[^]*Halted[^]*Manual`));
  }
  expect(await seriousFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Edit 2' }).click();
  await expect(dialog).toBeHidden();
  for (const name of ['one', 'two']) {
    await cluster.until(`${name} has it`, async () => {
      const spec = (await cluster.vm(namespace, name))?.spec as { runStrategy?: string } | undefined;
      return spec?.runStrategy === 'Manual';
    });
  }
});
