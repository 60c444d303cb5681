import { logInOverSerial, terminal, typeLine } from './support/consoles';
import { expect, test } from './support/test';

// What one has typed so far is tried on the cluster, which may refuse it.
test.use({ expectedProblems: /status of 422/ });

test('sets up a guest by form and by text, and logs in with the password that was made', async ({
  page,
  cluster,
  namespace,
}) => {
  test.setTimeout(480_000);
  const name = 'made-by-form';
  const step = (title: string) =>
    page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: new RegExp(`^${title}`) });
  let password = '';

  await test.step('chooses an image and a name, and has a login already', async () => {
    await page.goto(`/c/sandbox/create?namespace=${namespace}`);
    const image = page.getByRole('combobox', { name: 'Image', exact: true });
    await expect(image).toBeEnabled({ timeout: 60_000 });
    await image.fill('quay.io/containerdisks/fedora:latest');
    await image.press('Enter');
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    const size = page.getByRole('combobox', { name: 'Size', exact: true });
    await size.fill('u1.small');
    await size.press('Enter');
    await expect(page.getByRole('textbox', { name: 'User' })).toHaveValue('fedora');
    const made = page.getByLabel('Password', { exact: true }).and(page.getByRole('textbox'));
    await page.getByRole('button', { name: 'Show Password' }).click();
    await expect(made).toHaveValue(/^[a-x2-9]{4}(-[a-x2-9]{4}){4}$/);
    await page.getByRole('textbox', { name: 'User' }).fill('ada');
    password = await made.inputValue();
  });

  await test.step('adds a file and a command by form, and sees them in the text', async () => {
    await step('Guest').click();
    await page.getByRole('button', { name: 'Files' }).click();
    await page.getByRole('button', { name: 'Add a file' }).click();
    await page.getByRole('textbox', { name: 'Path' }).fill('/etc/from-form');
    await page.getByRole('textbox', { name: 'Content' }).fill('made by form\n');
    await page.getByRole('button', { name: 'Commands', exact: true }).click();
    await page
      .getByRole('textbox', { name: 'Commands at the end of the first boot' })
      .fill('echo "ran $((6 * 7))" > /run/by-form');
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    const text = page.getByRole('textbox', { name: 'User data' });
    await expect(text).toContainText('/etc/from-form');
    await expect(text).toContainText('by-form');
  });

  await test.step('writes a comment and a wrong type by text, hears of it, and finds the form in step', async () => {
    const text = page.getByRole('textbox', { name: 'User data' });
    await text.focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('# by hand\npackages: vim\n');
    const problems = page.getByRole('region', { name: 'Problems' });
    await expect(problems.getByText('packages is a list')).toBeVisible();
    await page.keyboard.press('Control+End');
    for (const _ of 'vim\n') await page.keyboard.press('Backspace');
    await page.keyboard.insertText('[]\ntimezone: Etc/UTC\n');
    await expect(problems).toBeHidden();
    await page.getByRole('button', { name: 'Form', exact: true }).click();
    await expect(page.getByRole('textbox', { name: 'Time zone' })).toHaveValue('Etc/UTC');
    await page.getByRole('textbox', { name: 'Time zone' }).fill('Europe/Rome');
    await expect(page.getByRole('textbox', { name: 'Path' })).toHaveValue('/etc/from-form');
  });

  await test.step('keeps no password in the draft that the browser holds', async () => {
    const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage }));
    await expect.poll(kept).toContain('from-form');
    expect(await kept()).not.toContain(password);
  });

  await test.step('creates the VM with its Secret', async () => {
    await page.getByRole('button', { name: 'Create virtual machine' }).click();
    const vm = await cluster.until('the VM is there', () => cluster.vm(namespace, name), 60_000);
    expect(JSON.stringify(vm)).not.toContain(password);
    const secret = await cluster.get(`/api/v1/namespaces/${namespace}/secrets/${name}-cloudinit`);
    // A Secret's data are its values in base64.
    const { userdata = '' } = (secret?.data ?? {}) as Record<string, string>;
    const userData = Buffer.from(userdata, 'base64').toString();
    expect(userData).toContain('# by hand');
    expect(userData).toContain('timezone: Europe/Rome');
    expect(userData).toContain(`password: ${password}`);
  });

  await test.step('logs in and finds what the form said', async () => {
    await page.goto(`/console/sandbox/${namespace}/${name}/serial`);
    await logInOverSerial(page, 'ada', password);
    await typeLine(page, 'cat /etc/from-form; until [ -e /run/by-form ]; do sleep 1; done; cat /run/by-form');
    await expect(terminal(page)).toContainText('made by form');
    await expect(terminal(page)).toContainText('ran 42');
  });
});
