import type { Page } from '@playwright/test';
import { smallVm, VMS } from './manifests/vm';
import { expect, seriousFindings, test } from './support/test';

const filter = (page: Page) => page.getByRole('combobox', { name: 'Filter virtual machines' });
const names = (page: Page) => page.getByRole('grid', { name: 'Virtual machines' }).getByRole('link');
const chips = (page: Page) => page.getByRole('list', { name: 'Filters' }).getByRole('listitem');

for (const width of [1440, 400]) {
  test.describe(`at ${width} pixels`, () => {
    test.use({ viewport: { width, height: 900 } });

    test.beforeEach(async ({ page, cluster, namespace }) => {
      for (const [name, tier] of [
        ['alpha', 'web'],
        ['beta', 'web'],
        ['gamma', 'db'],
      ] as const) {
        const vm = smallVm(namespace, name, { runStrategy: 'Halted' });
        await cluster.create(VMS(namespace), { ...vm, metadata: { ...vm.metadata, labels: { tier } } });
      }
      await page.goto(`/c/sandbox/vms?ns=${namespace}`);
      await expect(names(page)).toHaveText(['alpha', 'beta', 'gamma']);
    });

    test('completes a field and its value by keyboard, and shows them as a chip', async ({ page }) => {
      await filter(page).focus();
      await page.keyboard.type('lab');
      await expect(page.getByRole('option', { name: /^label:tier=web/ })).toBeVisible();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await expect(filter(page)).toHaveValue('label:');
      await page.keyboard.type('ti');
      await expect(page.getByRole('option', { name: /^tier ?3$/ })).toBeVisible();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.keyboard.type('d');
      await expect(page.getByRole('option', { name: /^tier=db ?1$/ })).toBeVisible();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await expect(names(page)).toHaveText(['gamma']);
      await expect(page).toHaveURL(/q=label%3Atier%3Ddb/);

      await page.reload();
      await expect(chips(page)).toHaveText(['label:tier=db']);
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByRole('button', { name: 'Remove label:tier=db' }).click();
      await expect(names(page)).toHaveText(['alpha', 'beta', 'gamma']);
    });

    test('counts facets as the API does, and a choice leaves the others there', async ({
      page,
      cluster,
      namespace,
    }) => {
      const items = await cluster.list(VMS(namespace));
      await page.getByRole('button', { name: 'Facets', exact: true }).click();
      const facet = page.getByRole('region', { name: 'Facets' });
      await expect(
        facet.getByRole('checkbox', { name: `Stopped, ${items.length} virtual machines` }),
      ).toBeVisible();
      await facet.getByText('tier', { exact: true }).click();
      const web = facet.getByRole('checkbox', { name: 'web, 2 virtual machines' });
      await web.check();
      await expect(names(page)).toHaveText(['alpha', 'beta']);
      await expect(facet.getByRole('checkbox', { name: 'db, 1 virtual machine' })).toBeVisible();
      expect(await seriousFindings(page)).toEqual([]);
      await web.uncheck();
      await expect(names(page)).toHaveText(['alpha', 'beta', 'gamma']);
    });

    test('keeps a view under a name', async ({ page, namespace }) => {
      await filter(page).fill('name:alpha');
      await expect(names(page)).toHaveText(['alpha']);
      await page.getByRole('button', { name: 'Views', exact: true }).click();
      await page.getByRole('textbox', { name: 'Save this view' }).fill('Only alpha');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.goto(`/c/sandbox/vms?ns=${namespace}`);
      await expect(names(page)).toHaveText(['alpha', 'beta', 'gamma']);
      await page.getByRole('button', { name: 'Views', exact: true }).click();
      await page.getByRole('link', { name: 'Only alpha' }).click();
      await expect(names(page)).toHaveText(['alpha']);
      await expect(filter(page)).toHaveValue('name:alpha');
    });

    test('says what it does not understand, and mends it', async ({ page }) => {
      await filter(page).fill('statsu:stopped');
      await expect(page.getByText('There is no field “statsu”')).toBeVisible();
      await page.getByRole('button', { name: 'Change to status:stopped' }).click();
      await expect(names(page)).toHaveText(['alpha', 'beta', 'gamma']);
      await expect(page.getByText('There is no field')).toBeHidden();
    });
  });
}
