import { smallVm, VMS } from './manifests/vm';
import { replaceInEditor } from './support/editor';
import { expect, test } from './support/test';

test.use({ expectedProblems: /Failed to load resource: the server responded with a status of 4\d\d/ });

const halted = (namespace: string, name: string) => smallVm(namespace, name, { runStrategy: 'Halted' });
const yamlUrl = (namespace: string, name: string) => `/c/sandbox/ns/${namespace}/vms/${name}/yaml`;

test('saves an edit as the difference, and sends nothing when nothing changed', async ({
  page,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), halted(namespace, 'edited'));
  await page.goto(yamlUrl(namespace, 'edited'));
  const save = page.getByRole('button', { name: 'Save', exact: true });
  await expect(save).toHaveAttribute('aria-disabled', 'true');

  await replaceInEditor(page, 'edited', 'guest: 256Mi', 'guest: 300Mi');
  await save.click();
  await expect(page.getByText('Saved.')).toBeVisible();
  const vm = await cluster.vm(namespace, 'edited');
  expect(vm?.spec).toMatchObject({ template: { spec: { domain: { memory: { guest: '300Mi' } } } } });
});

test('takes in what others changed meanwhile, and asks where both changed the same', async ({
  page,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), halted(namespace, 'shared'));
  const theirs = (memory: string) =>
    cluster.call(
      'PATCH',
      `${VMS(namespace)}/shared`,
      { spec: { template: { spec: { domain: { memory: { guest: memory } } } } } },
      'application/merge-patch+json',
    );
  await page.goto(yamlUrl(namespace, 'shared'));
  await replaceInEditor(page, 'shared', 'guest: 256Mi', 'guest: 320Mi');
  expect((await theirs('384Mi')).status).toBe(200);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const conflict = page.getByRole('heading', { name: 'Somebody else changed this meanwhile' });
  await expect(conflict).toBeVisible();
  await page.getByRole('button', { name: 'Save my side' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  const vm = await cluster.vm(namespace, 'shared');
  expect(vm?.spec).toMatchObject({ template: { spec: { domain: { memory: { guest: '320Mi' } } } } });
});

test('shows a refusal at its line, in KubeVirt’s words', async ({ page, cluster, namespace }) => {
  await cluster.create(VMS(namespace), halted(namespace, 'refused'));
  await page.goto(yamlUrl(namespace, 'refused'));
  await replaceInEditor(page, 'refused', 'name: cloudinit', 'name: root');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Problems' })).toContainText(/must not have the same Name/);
  expect(JSON.stringify((await cluster.vm(namespace, 'refused'))?.spec)).toContain('cloudinit');
});
