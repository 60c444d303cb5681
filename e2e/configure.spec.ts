import { smallVm, VMS } from './manifests/vm';
import { logInOverSerial, terminal, typeLine } from './support/consoles';
import { replaceInEditor } from './support/editor';
import { expect, seriousFindings, test } from './support/test';

const configuration = (namespace: string, name: string, rest = '') =>
  `/c/sandbox/ns/${namespace}/vms/${name}/configuration${rest}`;

test('form and YAML show one edit, which survives a reload', async ({ page, cluster, namespace }) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'edited', { runStrategy: 'Halted' }));
  await page.goto(configuration(namespace, 'edited', '?section=general'));
  const description = page.getByRole('textbox', { name: 'Description' });
  // The form follows the server from its first answer on.
  await expect(async () => {
    await description.fill('Written in the form');
    await expect(page.getByText('1 change', { exact: true })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  const tabs = page.getByRole('navigation', { name: 'Sections of this virtual machine' });
  const open = (name: string) =>
    page.getByRole('link', { name, exact: true }).or(tabs.getByRole('tab', { name })).first().click();
  await open('YAML');
  const editor = page.getByRole('textbox', { name: 'YAML of VirtualMachine edited' });
  await expect(editor).toContainText('description: Written in the form');
  await replaceInEditor(page, 'edited', 'Written in the form', 'Written in the text');
  await open('Configuration');
  await expect(description).toHaveValue('Written in the text');

  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await page.getByRole('button', { name: 'Restore your edits' }).click();
  await expect(description).toHaveValue('Written in the text');
  await page.getByRole('button', { name: 'Show changes' }).click();
  await expect(page.getByRole('list', { name: 'Changes', exact: true })).toContainText('Written in the text');
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  const vm = await cluster.vm(namespace, 'edited');
  expect(vm?.metadata).toMatchObject({ annotations: { description: 'Written in the text' } });
});

test('a running guest gets CPUs and a disk live; what takes a restart is pending and put back', async ({
  page,
  cluster,
  namespace,
}) => {
  test.setTimeout(420_000);
  const vm = smallVm(namespace, 'live');
  const { spec } = vm.spec.template;
  await cluster.create(VMS(namespace), {
    ...vm,
    spec: {
      ...vm.spec,
      template: {
        ...vm.spec.template,
        spec: { ...spec, domain: { ...spec.domain, cpu: { sockets: 1, cores: 1, threads: 1 } } },
      },
    },
  });
  await cluster.create(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'scratch' },
    spec: {
      accessModes: ['ReadWriteMany'],
      volumeMode: 'Block',
      resources: { requests: { storage: '64Mi' } },
    },
  });
  await page.goto(configuration(namespace, 'live', '?section=size'));
  await expect(page.getByRole('button', { name: 'Restart', exact: true }).first()).not.toHaveAttribute(
    'aria-disabled',
    'true',
    { timeout: 120_000 },
  );

  // CPUs, by a live migration.
  const cpus = page.getByRole('spinbutton', { name: 'CPUs', exact: true });
  await expect(async () => {
    await cpus.fill('2');
    await cpus.press('Tab');
    await expect(page.getByText('1 change', { exact: true })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await page.getByRole('button', { name: 'Show changes' }).click();
  await expect(page.getByRole('list', { name: 'Changes', exact: true })).toContainText(
    'Applies by live migration',
  );
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();

  // A disk, at once.
  await cluster.call(
    'PATCH',
    `${VMS(namespace)}/live`,
    [
      {
        op: 'add',
        path: '/spec/template/spec/volumes/-',
        value: { name: 'scratch', persistentVolumeClaim: { claimName: 'scratch', hotpluggable: true } },
      },
      {
        op: 'add',
        path: '/spec/template/spec/domain/devices/disks/-',
        value: { name: 'scratch', disk: { bus: 'scsi' } },
      },
    ],
    'application/json-patch+json',
  );
  await page.goto(`/c/sandbox/ns/${namespace}/vms/live/disks`);
  await expect(page.getByRole('row', { name: /^scratch/ }).first()).toContainText('sda', { timeout: 60_000 });

  // What the guest itself says.
  await page.goto(`/console/sandbox/${namespace}/live/serial`);
  await logInOverSerial(page, 'fedora', 'fedora');
  await expect(async () => {
    await typeLine(page, 'clear; grep -c ^processor /proc/cpuinfo; ls /sys/block');
    await expect(terminal(page)).toContainText(/^2[\s\S]*sda/, { timeout: 10_000 });
  }).toPass({ timeout: 120_000 });

  // A change that takes a restart.
  await page.goto(configuration(namespace, 'live', '?section=general'));
  const host = page.getByRole('textbox', { name: 'Host name' });
  await expect(async () => {
    if (!(await host.isVisible()))
      await page.getByRole('button', { name: 'Host name, start and stop' }).click();
    await host.fill('renamed');
    await expect(page.getByText('1 change', { exact: true })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const pending = page.getByRole('region', { name: 'Pending changes' });
  await expect(pending).toContainText('spec.template.spec.hostname');
  await expect(pending).toContainText('Applies at the next restart');
  expect(await seriousFindings(page)).toEqual([]);
  await pending.getByRole('button', { name: 'Put back what runs' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(pending).toHaveCount(0);
  const { text } = await cluster.call('GET', `${VMS(namespace)}/live`);
  expect(text).not.toContain('RestartRequired');
});
