import { expect, seriousFindings, test } from './support/test';

interface Spec {
  instancetype?: { name: string; kind: string };
  preference?: { name: string };
  template: {
    spec: { domain: { cpu?: object; memory?: object }; nodeSelector?: object; evictionStrategy?: string };
  };
}

// The dry run says what the spec provokes: too little memory for the preference, labels that are half typed.
test.use({ expectedProblems: /status of 422 .*dryRun=All/ });

test('makes a VM of an instance type for the nodes that are left, and counts them', async ({
  page,
  cluster,
  namespace,
}) => {
  const name = 'sized';
  const step = (title: string) =>
    page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: title });

  await test.step('chooses an image, and that the VM stays off', async () => {
    await page.goto(`/c/sandbox/create?namespace=${namespace}`);
    const image = page.getByRole('combobox', { name: 'Image', exact: true });
    await image.fill('quay.io/containerdisks/fedora:latest');
    await image.press('Enter');
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await step('General').click();
    await page.getByRole('button', { name: 'Run strategy: Always' }).click();
    await page.getByRole('option', { name: /^Halted/ }).click();
  });

  await test.step('chooses an instance type by the keyboard, and hears what it takes out', async () => {
    await step('CPU and memory').click();
    // The image has brought a size with it.
    await page.getByRole('radio', { name: 'CPU and memory of its own' }).check();
    await page.getByRole('radio', { name: 'By instance type' }).check();
    await page.getByLabel('Find a size').fill('u1.m');
    const micro = page.getByRole('radio', { name: /^u1\.micro/ });
    await micro.focus();
    await page.keyboard.press('Space');
    await expect(micro).toBeChecked();
    await expect(page.getByText(/domain\.memory\.guest \(\w+\)/)).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
  });

  await test.step('hears that a preference needs more, and goes a size up', async () => {
    const preference = page.getByRole('combobox', { name: 'Preference' });
    await preference.fill('ubuntu');
    await preference.press('Enter');
    await expect(page.getByText(/needs 2 GiB of memory, and this VM has 1 GiB/)).toBeVisible();
    await page.getByLabel('Find a size').fill('u1.small');
    await page.getByRole('radio', { name: /^u1\.small/ }).check();
    await expect(page.getByText(/needs 2 GiB of memory/)).toBeHidden();
  });

  await test.step('sees how many nodes a selector leaves, and why not the others', async () => {
    await step('Scheduling').click();
    await expect(page.getByText('3 of 3 nodes match')).toBeVisible();
    await page.getByRole('button', { name: 'Add a label' }).click();
    await page.getByLabel('Label 1', { exact: true }).fill('topology.kubernetes.io/zone');
    await page.getByLabel('Value 1', { exact: true }).fill('rack-b');
    await expect(page.getByText('1 of 3 nodes match')).toBeVisible();
    await page.getByRole('button', { name: /^Why 2 others/ }).click();
    await expect(
      page.getByText('Its label topology.kubernetes.io/zone is rack-a, not rack-b.'),
    ).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
  });

  await test.step('creates the VM, and the cluster has what was chosen', async () => {
    await page.getByRole('button', { name: 'Create virtual machine' }).click();
    const vm = await cluster.until('the VM is there', () => cluster.vm(namespace, name), 60_000);
    const spec = vm.spec as Spec;
    expect(spec.instancetype).toMatchObject({ name: 'u1.small', kind: 'VirtualMachineClusterInstancetype' });
    expect(spec.preference).toMatchObject({ name: 'ubuntu' });
    expect(spec.template.spec.nodeSelector).toEqual({ 'topology.kubernetes.io/zone': 'rack-b' });
    expect(spec.template.spec.domain.memory).toBeUndefined();
  });
});
