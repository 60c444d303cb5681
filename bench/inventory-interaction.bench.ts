import type { Browser, Locator, Page } from '@playwright/test';
import { CLUSTER, startApi } from './support/api-process';
import { launchBrowser, VIEWPORT, VM_ROW } from './support/browser';
import { startConsole, untilSynced } from './support/console-process';
import { describeMachine, enterGoal, gate, median, quantile, spread, surroundings } from './support/figures';
import { byName, listNaively, type NaiveVm } from './support/naive';
import { noteEmptyFrames, noteScrollFrames } from './support/page-frames';

const SIZES = (process.env.PORTLIGHT_BENCH_SIZES ?? '10000,100000').split(',').map(Number);
const ROUNDS = Number(process.env.PORTLIGHT_BENCH_ROUNDS ?? 5);
const TURNS = 12;
const SCROLL_MS = 3_000;
const DEADLINE_MS = 20_000;

/** From a key or a click to painted rows, and how smoothly a hundred thousand rows scroll, in a real browser. */
export async function measure(): Promise<void> {
  console.log(describeMachine());
  const browser = await launchBrowser();
  try {
    for (const vms of SIZES) await atSize(browser, vms);
  } finally {
    await browser.close();
  }
}

async function atSize(browser: Browser, vms: number): Promise<void> {
  const api = await startApi({ vms });
  const console_ = await startConsole(api.kubeconfig);
  try {
    await untilSynced(console_.url, vms);
    const sorted = (await listNaively(api)).sort(byName);
    const context = await browser.newContext({ viewport: VIEWPORT });
    const page = await context.newPage();
    await page.goto(`${console_.url}/c/${CLUSTER}/vms`);
    await page.locator(VM_ROW).first().waitFor();
    await page.evaluate(notePaints, VM_ROW);
    const most = vms > 10_000 ? 150 : 100;
    const filters = await measureFilter(page, sorted);
    const sorts = await measureSort(page, sorted);
    console.log(
      `${vms} VMs (${surroundings()}): filter ${spread(filters, ' ms', 0)}, sort ${spread(sorts, ' ms', 0)}`,
    );
    for (const [what, waits] of Object.entries({ filter: filters, sort: sorts })) {
      const p95 = quantile(waits, 0.95);
      enterGoal(
        `${what} → pixels p95 at ${vms} ≤ ${most} ms`,
        `${p95.toFixed(0)} ms, median ${median(waits).toFixed(0)}`,
        p95 <= most,
      );
    }
    if (vms === Math.max(...SIZES)) await measureScrolling(page, vms);
    await context.close();
  } finally {
    await console_.stop();
    await api.stop();
  }
}

/** Each turn asks for another part of a name; the first row must be the one that a plain filter finds. */
async function measureFilter(page: Page, sorted: NaiveVm[]): Promise<number[]> {
  const box = page.getByRole('combobox', { name: 'Filter virtual machines' });
  const waits: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const some = sorted[Math.floor(((turn + 0.5) / TURNS) * sorted.length)];
    // The middle of the part that is random: few names have it, and none at the same place of the order.
    const part = some?.name.split('-')[1]?.slice(0, 4) ?? '';
    const first = sorted.find(({ name }) => name.includes(part))?.name ?? '';
    waits.push(await untilPainted(page, first, 'input', () => box.fill(`name:${part}`)));
  }
  const first = sorted[0]?.name ?? '';
  await untilPainted(page, first, 'input', () => box.fill(''));
  return waits;
}

async function measureSort(page: Page, sorted: NaiveVm[]): Promise<number[]> {
  const header = page.getByRole('columnheader', { name: 'Name', exact: true }).getByRole('button').first();
  const waits: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const first = turn % 2 === 0 ? sorted.at(-1) : sorted[0];
    waits.push(await untilPainted(page, first?.name ?? '', 'click', () => clickAnyhow(header)));
  }
  return waits;
}

function clickAnyhow(button: Locator): Promise<void> {
  return button.click();
}

async function untilPainted(
  page: Page,
  name: string,
  event: string,
  act: () => Promise<void>,
): Promise<number> {
  await page.evaluate(
    ([wanted, type]) => (globalThis as unknown as Paints).expectRow(wanted ?? '', type ?? ''),
    [name, event],
  );
  await act();
  const waited = await page
    .waitForFunction(() => (globalThis as unknown as Paints).painted, undefined, { timeout: DEADLINE_MS })
    .catch(() => undefined);
  gate(waited !== undefined, `${name} never came to stand first`);
  return Number(await waited?.jsonValue());
}

async function measureScrolling(page: Page, vms: number): Promise<void> {
  const ratios: number[] = [];
  const frames: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const empty = await page.evaluate(noteEmptyFrames, SCROLL_MS);
    const before = await page.evaluate((selector) => document.querySelector(selector)?.textContent, VM_ROW);
    const { intervals, blank } = await page.evaluate(noteScrollFrames, { ms: SCROLL_MS, selector: VM_ROW });
    const after = await page.evaluate((selector) => document.querySelector(selector)?.textContent, VM_ROW);
    gate(before !== after, 'nothing was scrolled');
    const [p95, floor] = [quantile(intervals, 0.95), quantile(empty, 0.95)];
    frames.push(p95);
    ratios.push(p95 / floor);
    console.log(
      `scrolling ${vms} rows, round ${round} (${surroundings()}): p95 frame ${p95.toFixed(1)} ms, empty loop ${floor.toFixed(1)} ms; ${intervals.filter((each) => each > 50).length} of ${intervals.length} frames over 50 ms, ${blank} without any row`,
    );
  }
  enterGoal(
    `scrolling ${vms} rows: p95 frame ≤ 1.2 × an empty loop`,
    `${spread(ratios, ' ×', 2)}, ${median(frames).toFixed(1)} ms`,
    median(ratios) <= 1.2,
  );
}

interface Paints {
  painted: number | undefined;
  expectRow: (name: string, event: string) => void;
}

/** Runs in the page: from the next event of a type until a VM stands first, and two frames later. */
function notePaints(selector: string): void {
  const store = globalThis as unknown as Paints;
  store.expectRow = (name, event) => {
    store.painted = undefined;
    let began = 0;
    const begin = ({ timeStamp }: Event) => {
      began ||= timeStamp;
    };
    document.addEventListener(event, begin, { capture: true });
    const look = () => {
      const first = document.querySelector(`${selector} a[href*="/vms/"]`)?.textContent?.trim();
      if (began === 0 || first !== name) return;
      observer.disconnect();
      document.removeEventListener(event, begin, { capture: true });
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          store.painted = performance.now() - began;
        }),
      );
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  };
}
