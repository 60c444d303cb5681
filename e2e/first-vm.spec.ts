import { readFileSync } from 'node:fs';
import { litShare, logInOverSerial, screen, terminal, typeLine, typeOnScreen } from './support/consoles';
import { expect, test } from './support/test';

const NAMESPACE = 'my-virtualization-ns';
const NAME = 'test-vm';
const manifest = readFileSync('e2e/manifests/first-vm.yaml', 'utf8');
const vmUrl = `/c/sandbox/ns/${NAMESPACE}/vms/${NAME}`;

test('carries a first VM from pasted YAML to a login on its consoles, and to its end', async ({
  page,
  cluster,
}) => {
  test.setTimeout(600_000);
  const status = () => cluster.printableStatus(NAMESPACE, NAME);

  await test.step('pastes the manifest, lets the missing namespace be made, and creates', async () => {
    await page.goto('/c/sandbox/create/yaml');
    await page.getByRole('textbox', { name: 'Manifests to create' }).click();
    await page.keyboard.insertText(manifest);
    await expect(page.getByRole('checkbox', { name: `Create namespace ${NAMESPACE} first` })).toBeChecked();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(page.getByText('Everything is created.')).toBeVisible();
    const vm = await cluster.vm(NAMESPACE, NAME);
    // KubeVirt keeps the deprecated form that the manifest uses.
    expect(vm?.spec).toMatchObject({ running: true });
    await page.getByRole('link', { name: `Open ${NAME}` }).click();
    await expect(page.getByRole('heading', { level: 1, name: NAME })).toBeVisible();
  });

  await test.step('sees it boot', async () => {
    await cluster.until('the VM runs', async () => (await status()) === 'Running', 180_000);
    await expect(page.getByRole('button', { name: 'Stop' })).toBeEnabled();
  });

  await test.step('logs in over serial as fedora', async () => {
    await page.goto(`/console/sandbox/${NAMESPACE}/${NAME}/serial`);
    await expect(page).toHaveTitle(/test-vm – Running – serial/);
    await logInOverSerial(page, 'fedora', 'fedora');
    await typeLine(page, 'echo $((6*7)) $(hostname) $(nproc)');
    await expect(terminal(page)).toContainText(`42 ${NAME} 1`);
    // The memory of the spec is what the guest sees: 1 GiB less what its kernel keeps.
    await typeLine(page, `free -m | awk '/^Mem/ { print "total=" ($2 > 900 && $2 <= 1024) }'`);
    await expect(terminal(page)).toContainText('total=1');
    const users = await cluster.until('the agent tells the user', async () => {
      const list = await cluster.list<{ userName: string }>(
        `/apis/subresources.kubevirt.io/v1/namespaces/${NAMESPACE}/virtualmachineinstances/${NAME}/userlist`,
      );
      return list.find(({ userName }) => userName === 'fedora');
    });
    expect(users.userName).toBe('fedora');
  });

  await test.step('sees the login prompt on the VNC canvas and types there', async () => {
    await page.goto(`/console/sandbox/${NAMESPACE}/${NAME}/vnc`);
    await expect.poll(() => litShare(page), { timeout: 60_000 }).toBeGreaterThan(0.002);
    await screen(page).click();
    await typeOnScreen(page, 'fedora');
    await typeOnScreen(page, 'fedora');
    await typeOnScreen(page, 'sudo tee /dev/ttyS0');
    await typeOnScreen(page, 'typed-on-the-screen');
    // The guest itself says it, on its other console: through the API's log of the serial line.
    await cluster.until('the guest says what was typed', async () => {
      const pods = await cluster.list<{ metadata: { name: string } }>(
        `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=kubevirt.io%3Dvirt-launcher`,
      );
      const pod = pods[0]?.metadata.name;
      const log = await cluster.call(
        'GET',
        `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/log?container=guest-console-log`,
      );
      return log.text.includes('typed-on-the-screen');
    });
  });

  const act = async (action: string) => {
    await page.getByRole('button', { name: `Actions for ${NAME}` }).click();
    await page.getByRole('menuitem', { name: action, exact: true }).click();
  };
  const done = (sentence: string) =>
    expect(page.getByRole('region', { name: 'Tasks' })).toContainText(sentence);

  await test.step('pauses and unpauses', async () => {
    await page.goto(vmUrl);
    await act('Pause');
    await done(`Paused ${NAME}`);
    expect(await status()).toBe('Paused');
    await act('Unpause');
    await done(`Unpaused ${NAME}`);
    expect(await status()).toBe('Running');
  });

  await test.step('restarts into a new instance', async () => {
    const before = (await cluster.vmi(NAMESPACE, NAME))?.metadata.uid;
    await act('Restart');
    await expect(page.getByRole('region', { name: 'Tasks' })).toContainText(`Restarted ${NAME}`, {
      timeout: 120_000,
    });
    const after = (await cluster.vmi(NAMESPACE, NAME))?.metadata.uid;
    expect(after).toBeTruthy();
    expect(after).not.toBe(before);
  });

  await test.step('stops', async () => {
    await act('Stop');
    await expect(page.getByRole('region', { name: 'Tasks' })).toContainText(`Stopped ${NAME}`, {
      timeout: 120_000,
    });
    expect(await status()).toBe('Stopped');
    expect((await cluster.vm(NAMESPACE, NAME))?.spec).toMatchObject({ running: false });
  });

  await test.step('deletes, and says what goes', async () => {
    await act('Delete');
    const dialog = page.getByRole('dialog', { name: `Delete ${NAME}?` });
    await expect(dialog).toContainText(`VirtualMachine ${NAME} in namespace ${NAMESPACE}`);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await done(`Deleted ${NAME}`);
    expect(await cluster.vm(NAMESPACE, NAME)).toBeUndefined();
  });
  await cluster.call('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
});
