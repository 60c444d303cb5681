import { smallVm, VMS } from './manifests/vm';
import { terminal } from './support/consoles';
import { expect, signIn, test } from './support/people';
import { seriousFindings } from './support/test';

// Rights are looked at every 30 s, and what was refused is asked for again as often.
const LOOKED_AT = { timeout: 45_000 };
const NAME = 'watched';

// The browser itself notes every refused request, and the socket that the server closes.
test.use({ expectedProblems: /status of (401|403|404)|WebSocket connection to .* failed/ });

test('takes the rows and the console from somebody whose role is taken away, and gives them back', async ({
  page,
  context,
  cluster,
  namespace,
  signInConsole,
}) => {
  test.setTimeout(420_000);
  const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'vic' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kubevirt.io:edit' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'vic' }],
  };
  await cluster.create(bindings, binding);
  await cluster.create(VMS(namespace), smallVm(namespace, NAME));
  await signIn(context, cluster, signInConsole.url, 'vic');

  const row = page.getByRole('row', { name: new RegExp(NAME) });
  await test.step('a namespace is found by its name, and remembered', async () => {
    await page.goto(`/c/${cluster.name}/vms`);
    await expect(page.getByRole('heading', { name: 'You cannot see these virtual machines' })).toBeVisible();
    await page.getByRole('textbox', { name: 'Name of a namespace' }).fill(namespace);
    await page.getByRole('button', { name: 'Add namespace' }).click();
    await expect(row).toBeVisible();
    await expect(page.getByText(`Virtual machines of one namespace: ${namespace}.`)).toBeVisible();
    await expect(page.getByText('needs list on virtualmachines in all namespaces')).toBeVisible();
    await page.reload();
    await expect(row).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
  });

  const console = await context.newPage();
  await console.goto(`/console/${cluster.name}/${namespace}/${NAME}/serial`);
  await expect(terminal(console)).toContainText(`${NAME} login:`, { timeout: 240_000 });

  await test.step('both end when the role is gone', async () => {
    expect((await cluster.call('DELETE', `${bindings}/vic`)).status).toBe(200);
    await expect(row).toBeHidden(LOOKED_AT);
    await expect(page.getByText('You may not list the virtual machines of:')).toBeVisible();
    await expect(console.getByRole('heading', { name: 'You may no longer use this console' })).toBeVisible(
      LOOKED_AT,
    );
    await expect(
      console.getByText(/needs get on virtualmachineinstances\/console in/i).first(),
    ).toBeVisible();
  });

  await test.step('both come back with it', async () => {
    await cluster.create(bindings, binding);
    await expect(row).toBeVisible(LOOKED_AT);
    // It connects as soon as the machine may be watched again, which may be some seconds after the press.
    await console.getByRole('button', { name: 'Reconnect now' }).click();
    await expect(console.getByText('Connected', { exact: true }).first()).toBeVisible(LOOKED_AT);
  });
});
