import type { Browser, Page } from '@playwright/test';
import { mappingsAt } from '@/lib/k8s/json';
import { smallVm, VMS } from './manifests/vm';
import { replaceInEditor } from './support/editor';
import { expect, test } from './support/test';

test.describe.configure({ timeout: 420_000 });

// A patch that meets another's is refused, which the browser notes.
test.use({ expectedProblems: /Failed to load resource: the server responded with a status of 4\d\d/ });

const vmUrl = (namespace: string, name: string, tab: string) =>
  `/c/sandbox/ns/${namespace}/vms/${name}/${tab}`;

/** Somebody else, in a browser of their own. */
async function somebodyElse(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ baseURL: process.env.PORTLIGHT_E2E_URL });
  return context.newPage();
}

async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
}

test('two people edit one VM at once, by text and by form, and neither loses a change', async ({
  page,
  browser,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'shared', { runStrategy: 'Halted' }));
  const other = await somebodyElse(browser);
  await page.goto(vmUrl(namespace, 'shared', 'yaml'));
  await other.goto(vmUrl(namespace, 'shared', 'configuration?section=general'));

  // Both begin before either saves: one adds a disk with its volume, …
  await replaceInEditor(
    page,
    'shared',
    'interfaces:',
    '- name: mine # the scratch disk\\n            disk:\\n              bus: sata\\n          interfaces:',
  );
  await replaceInEditor(
    page,
    'shared',
    'volumes:',
    'volumes:\\n      - name: mine\\n        emptyDisk:\\n          capacity: 1Gi',
  );
  // … the other says what it is for, and changes another volume of the same list.
  const description = other.getByRole('textbox', { name: 'Description' });
  await expect(async () => {
    await description.fill('Used by two');
    await expect(other.getByText('1 change', { exact: true })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await other
    .getByRole('link', { name: 'YAML', exact: true })
    .or(other.getByRole('tab', { name: 'YAML' }))
    .first()
    .click();
  await replaceInEditor(other, 'shared', 'fedora:latest', 'fedora:40');

  await save(other);
  await save(page);
  const vm = await cluster.vm(namespace, 'shared');
  expect(vm?.metadata).toMatchObject({ annotations: { description: 'Used by two' } });
  const guest = ['spec', 'template', 'spec'];
  const disks = mappingsAt(vm, [...guest, 'domain', 'devices', 'disks']);
  expect(disks.map(({ name }) => name)).toEqual(['root', 'cloudinit', 'mine']);
  const volumes = mappingsAt(vm, [...guest, 'volumes']);
  expect(volumes).toHaveLength(3);
  expect(volumes).toContainEqual({ name: 'mine', emptyDisk: { capacity: '1Gi' } });
  expect(JSON.stringify(volumes)).toContain('fedora:40');
  await other.context().close();
});

test('two people change the same field: both sides are shown, and the choice holds', async ({
  page,
  browser,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'contested', { runStrategy: 'Halted' }));
  const other = await somebodyElse(browser);
  for (const [who, memory] of [
    [page, '300Mi'],
    [other, '320Mi'],
  ] as const) {
    await who.goto(vmUrl(namespace, 'contested', 'yaml'));
    await replaceInEditor(who, 'contested', 'guest: 256Mi', `guest: ${memory}`);
  }
  await save(other);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Somebody else changed this meanwhile' })).toBeVisible();
  await expect(page.getByText('Both changed: spec.template.spec.domain.memory.guest.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'On the server now' })).toContainText('guest: 320Mi');
  await expect(page.getByRole('textbox', { name: 'Yours, to be saved' })).toContainText('guest: 300Mi');
  await page.getByRole('button', { name: 'Save my side' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  const vm = await cluster.vm(namespace, 'contested');
  expect(vm?.spec).toMatchObject({ template: { spec: { domain: { memory: { guest: '300Mi' } } } } });
  // Whoever was first follows; the editor holds only the lines in view.
  await expect(other.getByRole('textbox', { name: 'YAML of VirtualMachine contested' })).toContainText(
    'generation: 3',
  );
  await other.context().close();
});
