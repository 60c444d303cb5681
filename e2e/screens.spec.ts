import { smallVm, VMS } from './manifests/vm';
import { expect, seriousFindings, test } from './support/test';

test('shows the live screens of running VMs, and leads to their consoles', async ({
  page,
  context,
  cluster,
  namespace,
}) => {
  await cluster.create(VMS(namespace), smallVm(namespace, 'lit', { runStrategy: 'Always' }));
  await cluster.create(VMS(namespace), smallVm(namespace, 'dark', { runStrategy: 'Halted' }));
  await page.goto(`/c/sandbox/screens?ns=${namespace}&every=2`);
  const wall = page.getByRole('list', { name: 'Screens of virtual machines' });
  const picture = wall.getByRole('img', { name: 'Screen of lit' });
  await expect(picture).toBeVisible();
  await expect(async () => {
    const width = await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth);
    expect(width).toBeGreaterThan(300);
  }).toPass();
  await expect(wall.getByRole('listitem')).toHaveCount(1);

  // A newer picture replaces it, without being asked.
  const first = await picture.getAttribute('src');
  await expect(picture).not.toHaveAttribute('src', first ?? '');

  const opened = context.waitForEvent('page');
  await wall.getByRole('link', { name: 'Open the console of lit' }).click();
  await expect(await opened).toHaveURL(new RegExp(`/console/sandbox/${namespace}/lit/vnc$`));

  await page.getByRole('textbox', { name: /^Filter/ }).fill('nothing-of-that-name');
  await expect(page.getByText('No screens to show')).toBeVisible();
  await expect(page).toHaveURL(/q=nothing-of-that-name/);
});

test('says which right it takes to see a screen', async ({ page }) => {
  await page.goto('/c/sandbox-vic/screens?ns=dev');
  await expect(
    page.getByText('You may not open VNC consoles (needs get on virtualmachineinstances/vnc in dev)').first(),
  ).toBeVisible();
  await expect(page.getByRole('img', { name: /^Screen of/ })).toHaveCount(0);
});

for (const [theme, width] of [
  ['light', 1440],
  ['dark', 400],
] as const) {
  test(`is accessible and fits: ${theme}, ${width} pixels`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    await page.goto('/c/sandbox/screens');
    await expect(page.getByRole('img', { name: /^Screen of/ }).first()).toBeVisible();
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
}
