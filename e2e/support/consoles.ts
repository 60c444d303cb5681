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
  await page.getByRole('textbox', { name: /^Serial console of/ }).focus();
  await typeLine(page, user);
  await expect(terminal(page)).toContainText('Password:');
  await typeLine(page, password);
  await expect(terminal(page)).toContainText(`[${user}@`);
}

/** The VM's screen, as noVNC draws it. */
export function screen(page: Page): Locator {
  return page.getByRole('application');
}

interface Look {
  /** The share of pixels that are not nearly black, from 0 to 1. */
  lit: number;
  /** A checksum of where they are. */
  print: number;
}

function look(page: Page): Promise<Look> {
  return screen(page).evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const context = canvas.getContext('2d');
    if (!context || canvas.width === 0) return { lit: 0, print: 0 };
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let lit = 0;
    let print = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (Math.max(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0) <= 96) continue;
      lit += 1;
      print = (print * 31 + i) % 2_147_483_647;
    }
    return { lit: lit / (data.length / 4), print };
  });
}

/** The share of the screen's pixels that are not nearly black, from 0 to 1. */
export async function litShare(page: Page): Promise<number> {
  return (await look(page)).lit;
}

/**
 * Types a line on the VM's screen, which must have the keyboard, and waits until the guest has drawn an answer. Keys
 * travel as physical keys there, so capitals need a Shift that is held.
 */
export async function typeOnScreen(page: Page, line: string): Promise<void> {
  for (const character of line) {
    await page.keyboard.press(/[A-Z]/.test(character) ? `Shift+${character}` : character, {
      delay: KEY_DELAY_MS,
    });
  }
  await untilStill(page);
  const before = (await look(page)).print;
  await page.keyboard.press('Enter', { delay: KEY_DELAY_MS });
  await expect.poll(async () => (await look(page)).print).not.toBe(before);
  await untilStill(page);
}

/** Waits until the screen has looked the same for a few looks in a row; the cursor does not blink in these guests. */
async function untilStill(page: Page): Promise<void> {
  let same = 0;
  let last = -1;
  await expect
    .poll(async () => {
      const now = (await look(page)).print;
      same = now === last ? same + 1 : 0;
      last = now;
      return same;
    })
    .toBeGreaterThanOrEqual(3);
}
