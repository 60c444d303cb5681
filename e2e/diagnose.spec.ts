import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { importing, soundVm } from './manifests/troubles';
import { VMS } from './manifests/vm';
import { expect, seriousFindings, test } from './support/test';

const url = (namespace: string, name: string) => `/c/sandbox/ns/${namespace}/vms/${name}`;
const verdict = (page: Page) => page.getByRole('region', { name: /^(Why isn’t it running\?|How it runs)$/ });
const step = (page: Page, name: string) =>
  page
    .getByRole('list', { name: 'The way from its volumes to its guest' })
    .getByRole('listitem')
    .filter({
      has: page.getByRole('heading', { name, exact: true }),
    });

test('finds out that the image of a volume is not there', async ({ page, cluster, namespace }) => {
  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address has a port.
  const { port } = server.address() as AddressInfo;
  const image = `http://127.0.0.1:${port}/fedora.qcow2`;
  await cluster.create(VMS(namespace), importing('web', image));
  await page.goto(`${url(namespace, 'web')}/diagnose`);
  await expect(verdict(page)).toContainText(
    `The image for volume web-root is not there: ${image} answers that it does not exist (404).`,
  );
  await expect(verdict(page)).toContainText('What to do:');
  await expect(verdict(page)).toContainText('got 404');
  await expect(step(page, 'Volumes')).toContainText('Failed');
  await expect(
    page.getByRole('status').filter({ hasText: 'The image for volume web-root is not there' }),
  ).toHaveCount(1);
  expect(await seriousFindings(page)).toEqual([]);
  server.close();
});

test('leads from the header to what keeps a machine off all nodes, and to where it is mended', async ({
  page,
  cluster,
  namespace,
}) => {
  const vm = soundVm('web', (guest) => Object.assign(guest, { nodeSelector: { disktype: 'nvme' } }));
  await cluster.create(VMS(namespace), vm);
  await page.goto(url(namespace, 'web'));
  await expect(page.getByText('No node matches what it asks for.')).toBeVisible();
  await page.getByRole('link', { name: 'Why isn’t it running?' }).click();
  await expect(page).toHaveURL(/\/diagnose$/);
  await expect(verdict(page)).toContainText('No node has what it asks for: disktype=nvme.');
  const mend = verdict(page).getByRole('link', { name: 'Open configuration' });
  await expect(mend).toHaveAttribute('href', `${url(namespace, 'web')}/configuration?section=scheduling`);
  await expect(step(page, 'Node')).toContainText('Failed');
  await expect(step(page, 'Launcher pod')).toContainText('Waiting');
});

test('follows a new machine to its login, and tells the same after a reload', async ({
  page,
  cluster,
  namespace,
}) => {
  test.setTimeout(240_000);
  await cluster.create(VMS(namespace), soundVm('web'));
  await page.goto(`${url(namespace, 'web')}/diagnose`);
  await expect(verdict(page)).toContainText('Ready, log in', { timeout: 180_000 });
  for (const name of ['Volumes', 'Instance', 'Node', 'Launcher pod', 'Boot', 'Guest agent']) {
    await expect(step(page, name)).toContainText('Done');
  }
  const total = page.getByText(/^It took .* in all\.$/);
  const took = await total.textContent();
  await page.reload();
  await expect(total).toHaveText(took ?? '');
  await expect(verdict(page).getByRole('link', { name: 'Open console' })).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
  const vmi = await cluster.vmi(namespace, 'web');
  expect(vmi?.status).toMatchObject({ phase: 'Running' });
});
