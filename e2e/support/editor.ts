import type { Page } from '@playwright/test';

/** Replaces one text in the editor by another, through the editor's own search, as a person would. */
export async function replaceInEditor(page: Page, name: string, from: string, to: string): Promise<void> {
  await page.getByRole('textbox', { name: `YAML of VirtualMachine ${name}` }).click();
  await page.keyboard.press('ControlOrMeta+f');
  await page.getByRole('textbox', { name: 'Find' }).fill(from);
  await page.getByRole('textbox', { name: 'Replace' }).fill(to);
  await page.getByRole('button', { name: 'replace all', exact: false }).click();
  await page.keyboard.press('Escape');
}
