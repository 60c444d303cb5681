import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import type { Cluster } from './support/cluster';
import { expect, seriousFindings, test } from './support/test';

const CLONES = (namespace: string) =>
  `/apis/clone.kubevirt.io/v1beta1/namespaces/${namespace}/virtualmachineclones`;
const SNAPSHOTS = (namespace: string) =>
  `/apis/snapshot.kubevirt.io/v1beta1/namespaces/${namespace}/virtualmachinesnapshots`;

interface Spec {
  runStrategy: string;
  template: { spec: { volumes: { persistentVolumeClaim?: { claimName: string } }[] } };
}

/** A stopped VM on a claim of its own. */
async function makeVm(
  cluster: Cluster,
  namespace: string,
  name: string,
  storageClassName?: string,
): Promise<void> {
  await cluster.create(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `${name}-disk` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '64Mi' } },
      ...(storageClassName ? { storageClassName } : {}),
    },
  });
  const vm = smallVm(namespace, name, { runStrategy: 'Halted' });
  const guest = vm.spec.template.spec;
  guest.domain.devices.disks = [{ name: 'root', disk: { bus: 'virtio' } }];
  const volumes = [{ name: 'root', persistentVolumeClaim: { claimName: `${name}-disk` } }];
  const template = { ...vm.spec.template, spec: { ...guest, volumes } };
  await cluster.create(VMS(namespace), { ...vm, spec: { ...vm.spec, template } });
  await cluster.until('KubeVirt has looked at its disk', async () => {
    const status = (await cluster.vm(namespace, name))?.status as
      | { volumeSnapshotStatuses?: object[] }
      | undefined;
    return status?.volumeSnapshotStatuses?.length;
  });
}

const specOf = async (cluster: Cluster, namespace: string, name: string): Promise<Spec> => {
  const vm = await cluster.vm(namespace, name);
  if (!vm) throw new Error(`no VM ${name}`);
  return vm.spec as Spec;
};
const disksOf = async (cluster: Cluster, namespace: string, name: string) =>
  (await specOf(cluster, namespace, name)).template.spec.volumes;
const nameField = (page: Page) => page.getByRole('textbox', { name: 'Name of the clone' });
const cloneButton = (page: Page) => page.getByRole('button', { name: 'Clone', exact: true });

test('clones a VM by its menu, with disks of its own, and leads to the new one', async ({
  page,
  cluster,
  namespace,
}) => {
  await makeVm(cluster, namespace, 'web');
  await page.goto(`/c/sandbox/ns/${namespace}/vms/web`);
  await page.getByRole('button', { name: 'Actions for web' }).click();
  await page.getByRole('menuitem', { name: 'Clone' }).click();
  await expect(page.getByRole('heading', { name: 'Clone a virtual machine', level: 1 })).toBeVisible();
  await expect(nameField(page)).toHaveValue('web-clone');
  expect(await seriousFindings(page)).toEqual([]);
  await nameField(page).fill('web');
  // The button's tooltip says it too.
  const taken = page
    .getByRole('region', { name: 'Clone a virtual machine' })
    .getByText(`A virtual machine named web exists in ${namespace} already.`);
  await expect(taken).toHaveCount(0);
  await nameField(page).press('Tab');
  await expect(taken).toBeVisible();
  await nameField(page).fill('shop');
  await cloneButton(page).click();
  await page.waitForURL(`**/ns/${namespace}/vms/shop`);
  expect((await specOf(cluster, namespace, 'shop')).runStrategy).toBe('Halted');
  expect(await disksOf(cluster, namespace, 'shop')).not.toEqual(await disksOf(cluster, namespace, 'web'));
  await page.getByRole('button', { name: /^Tasks/ }).click();
  await expect(page.getByRole('region', { name: 'Tasks' })).toContainText('Cloned web into shop');
});

test('makes a VM from a snapshot, found by way of the image chooser', async ({
  page,
  cluster,
  namespace,
}) => {
  await makeVm(cluster, namespace, 'db');
  await cluster.create(SNAPSHOTS(namespace), {
    apiVersion: 'snapshot.kubevirt.io/v1beta1',
    kind: 'VirtualMachineSnapshot',
    metadata: { name: 'monday' },
    spec: { source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'db' } },
  });
  await page.goto(`/c/sandbox/create?namespace=${namespace}&step=basics`);
  await page.getByRole('combobox', { name: 'Image', exact: true }).fill('snapshot of a');
  await page.getByRole('option', { name: /^Snapshot of a VM/ }).click();
  await page.getByRole('link', { name: 'Make a VM from a snapshot' }).click();
  await page.getByRole('combobox', { name: 'Snapshot', exact: true }).fill('monday');
  await page.getByRole('option', { name: /^monday of db .* disks: root/ }).click();
  await expect(nameField(page)).toHaveValue('monday-clone');
  await cloneButton(page).click();
  await page.waitForURL(`**/ns/${namespace}/vms/monday-clone`);
  expect(await disksOf(cluster, namespace, 'monday-clone')).not.toEqual(
    await disksOf(cluster, namespace, 'db'),
  );
});

test('says before that a disk can’t be snapshot, and offers the copy to edit', async ({
  page,
  cluster,
  namespace,
}) => {
  const storageClass = `plain-${namespace}`;
  const classes = '/apis/storage.k8s.io/v1/storageclasses';
  await cluster.create(classes, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: storageClass },
    provisioner: 'plain.example.com',
  });
  await makeVm(cluster, namespace, 'plain', storageClass);
  await page.goto(`/c/sandbox/create/clone?namespace=${namespace}&from=vm&source=plain`);
  await expect(
    page.getByText('KubeVirt can’t clone this virtual machine: a disk can’t be snapshot'),
  ).toBeVisible();
  await expect(cloneButton(page)).toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('link', { name: 'Make a copy to edit instead' }).click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('plain-copy');
  await cluster.call('DELETE', `${classes}/${storageClass}`);
});

test('shows a clone that does not go on in KubeVirt’s words, and gives it up', async ({
  page,
  cluster,
  namespace,
}) => {
  await cluster.create(CLONES(namespace), {
    apiVersion: 'clone.kubevirt.io/v1beta1',
    kind: 'VirtualMachineClone',
    metadata: { name: 'lost' },
    spec: {
      source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'nobody' },
      target: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'twin' },
    },
  });
  await page.goto(`/c/sandbox/create/clone?namespace=${namespace}&progress=lost`);
  await expect(page.getByText(`Source doesnt exist: VirtualMachine ${namespace}/nobody`)).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Give up this clone' }).click();
  await expect(cloneButton(page)).toBeVisible();
  expect(await cluster.get(`${CLONES(namespace)}/lost`)).toBeUndefined();
});
