import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, test } from './support/test';

const MIB = 2 ** 20;

interface Spec {
  dataVolumeTemplates?: { metadata: { name: string }; spec: Record<string, unknown> }[];
  template: { spec: { volumes: Record<string, unknown>[] } };
}

async function open(page: Page, namespace: string, step: string): Promise<void> {
  await page.goto(`/c/sandbox/create?namespace=${namespace}&step=${step}`);
  await expect(image(page)).toBeVisible();
}

const image = (page: Page) => page.getByRole('combobox', { name: 'Image', exact: true });

async function chooseImage(page: Page, typed: string, option: RegExp): Promise<void> {
  await image(page).fill(typed);
  await page.getByRole('option', { name: option }).first().click();
}

/** Names the VM and makes it; what the API has then. */
async function create(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: 'Basics' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create virtual machine' }).click();
}

test('makes a VM from an image of the cluster, with what the image asks for', async ({
  page,
  cluster,
  namespace,
}) => {
  await open(page, namespace, 'basics');
  await chooseImage(page, 'debian', /^debian in boot-images/);
  await create(page, 'from-image');
  const vm = await cluster.until('the VM is there', () => cluster.vm(namespace, 'from-image'));
  const spec = vm.spec as unknown as Spec;
  expect(vm.spec).toMatchObject({ instancetype: { name: 'u1.small' }, preference: { name: 'debian' } });
  expect(spec.dataVolumeTemplates).toMatchObject([
    {
      metadata: { name: 'from-image-rootdisk' },
      spec: { sourceRef: { kind: 'DataSource', namespace: 'boot-images', name: 'debian' } },
    },
  ]);
  await cluster.until('its disk is filled', async () => {
    const volume = await cluster.get(
      `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}/datavolumes/from-image-rootdisk`,
    );
    return (volume?.status as { phase?: string } | undefined)?.phase === 'Succeeded';
  });
});

test('uploads an image, says how far it is, and starts a VM from it', async ({
  page,
  cluster,
  namespace,
}) => {
  await open(page, namespace, 'basics');
  await chooseImage(page, 'upload', /^Upload a file/);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a file' }).click();
  await (await chooser).setFiles({
    name: 'small.img',
    mimeType: 'application/octet-stream',
    buffer: Buffer.concat([randomBytes(2 * MIB), Buffer.alloc(6 * MIB)]),
  });
  await expect(page.getByText('small.img, 8 MiB')).toBeVisible();
  await page.getByRole('textbox', { name: 'Name of the volume' }).fill('uploaded');
  await page.getByRole('textbox', { name: 'Disk size' }).fill('1');
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await expect(page.getByText('The image is in the volume')).toBeVisible({ timeout: 120_000 });
  const volume = await cluster.get(
    `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}/datavolumes/uploaded`,
  );
  expect(volume).toMatchObject({ spec: { source: { upload: {} } }, status: { phase: 'Succeeded' } });
  await create(page, 'from-file');
  const vm = await cluster.until('the VM is there', () => cluster.vm(namespace, 'from-file'));
  const spec = vm.spec as unknown as Spec;
  expect(spec.template.spec.volumes).toContainEqual({ name: 'rootdisk', dataVolume: { name: 'uploaded' } });
  expect(spec.dataVolumeTemplates).toBeUndefined();
});
