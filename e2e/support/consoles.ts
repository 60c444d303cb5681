import { expect, type Locator, type Page } from '@playwright/test';

const KEY_DELAY_MS = 40;

/**
 * What the serial console shows now. xterm draws rows that carry no role outside its screen-reader mode, so this one
 * place reads its markup.
 */
export function terminal(page: Page): Locator {
  return page.locator('.xterm-rows');
}

/** Types a line into the console that has the keyboard. Guests under emulation lose keys that come too fast. */
export async function typeLine(page: Page, line: string): Promise<void> {
  await page.keyboard.type(line, { delay: KEY_DELAY_MS });
  await page.keyboard.press('Enter');
}

/** Logs in on the serial console, from whatever it shows, up to the shell's prompt. */
export async function logInOverSerial(page: Page, user: string, password: string): Promise<void> {
  await expect(terminal(page)).toContainText('login:', { timeout: 120_000 });
  await terminal(page).click();
  await typeLine(page, user);
  await expect(terminal(page)).toContainText('Password:');
  await typeLine(page, password);
  await expect(terminal(page)).toContainText(/[$#] ?$/m);
}

/** The share of pixels of the VNC canvas that are not nearly black, from 0 to 1. */
export async function litShare(page: Page): Promise<number> {
  return page
    .locator('canvas')
    .first()
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const context = canvas.getContext('2d');
      if (!context || canvas.width === 0) return 0;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let lit = 0;
      for (let i = 0; i < data.length; i += 4)
        if (Math.max(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0) > 96) lit += 1;
      return lit / (data.length / 4);
    });
}
