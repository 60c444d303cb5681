import type { Browser, Page } from '@playwright/test';
import { wallClock } from './api/generator';
import { type ApiProcess, CLUSTER, startApi } from './support/api-process';
import { launchBrowser, VIEWPORT, VM_ROW } from './support/browser';
import { type ConsoleProcess, startConsole, untilSynced } from './support/console-process';
import { describeMachine, enterGoal, gate, latency, median, quantile, surroundings } from './support/figures';
import { watchWithKubectl } from './support/kubectl-watch';
import { openLive } from './support/live-viewer';
import { Marks } from './support/marks';
import { byName, listNaively } from './support/naive';
import { cpuSeconds } from './support/processes';
import { startViewers } from './support/viewers';

const VMS = Number(process.env.PORTLIGHT_BENCH_VMS ?? 10_000);
const RATES = [10, 100, 1_000];
const VIEWERS = (process.env.PORTLIGHT_BENCH_VIEWERS ?? '1,100,1000').split(',').map(Number);
const ROUNDS = Number(process.env.PORTLIGHT_BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.PORTLIGHT_BENCH_SECONDS ?? 5);
/** Marked in turn, so that each of them changes at most twice a second and no batch hides a change. */
const WATCHED = 20;
const WATCHED_RATE = 40;
const LAST_MS = 3_000;
const FRAME_MS = 1_000 / 60;

/**
 * From a change in the API to the document of a real browser, at three rates, against `kubectl get vm -A -w` and a
 * bare client of the live socket; then the same with a thousand viewers at once. An open timetable: latency counts from
 * when a change was due.
 */
export async function measure(): Promise<void> {
  console.log(describeMachine());
  const api = await startApi({ vms: VMS });
  const console_ = await startConsole(api.kubeconfig);
  const browser = await launchBrowser();
  try {
    await untilSynced(console_.url, VMS);
    const watched = (await listNaively(api)).sort(byName).slice(0, WATCHED);
    const names = watched.map(({ namespace, name }) => `${namespace}/${name}`);
    const page = await openPage(browser, console_.url);
    for (const rate of RATES) await compare(api, console_, page, names, rate);
    for (const count of VIEWERS) await withViewers(api, console_, page, names, count);
    await page.context().close();
  } finally {
    await browser.close();
    await console_.stop();
    await api.stop();
  }
}

async function compare(
  api: ApiProcess,
  console_: ConsoleProcess,
  page: Page,
  watched: string[],
  rate: number,
): Promise<void> {
  const all = { dom: [] as number[], bare: [] as number[], kubectl: [] as number[] };
  const added: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const kubectl = await watchKubectl(api, watched, rate);
    const { dom, bare } = await watchPage(api, console_, page, watched, rate);
    for (const [arm, waits] of Object.entries({ dom, bare, kubectl }))
      all[arm as keyof typeof all].push(...waits);
    added.push(median(dom) - median(kubectl));
    console.log(`${rate} events/s, round ${round} (${surroundings()}):`);
    console.log(
      `  document ${latency(dom)}\n  bare client ${latency(bare)}\n  kubectl -w ${latency(kubectl)}`,
    );
  }
  enterGoal(
    `event → DOM p50 at ${rate}/s ≤ kubectl -w + one frame`,
    `${median(all.dom).toFixed(1)} against ${median(all.kubectl).toFixed(1)} ms (added ${Math.min(...added).toFixed(1)} to ${Math.max(...added).toFixed(1)}), bare client ${median(all.bare).toFixed(1)}`,
    median(added) <= FRAME_MS,
  );
  const most = rate === 1_000 ? 200 : 100;
  enterGoal(
    `event → DOM p99 at ${rate}/s ≤ ${most} ms`,
    `${quantile(all.dom, 0.99).toFixed(1)} ms, kubectl ${quantile(all.kubectl, 0.99).toFixed(1)}`,
    quantile(all.dom, 0.99) <= most,
  );
}

/** The same events at the same rate; kubectl prints no marks, but every change of a VM as a line, in order. */
async function watchKubectl(api: ApiProcess, watched: string[], rate: number): Promise<number[]> {
  const lines = new Map<string, number[]>(watched.map((vm) => [vm, []]));
  const before = (await api.count()).watches.virtualmachines ?? 0;
  const kubectl = watchWithKubectl(api.kubeconfig, (vm, came) => lines.get(vm)?.push(came));
  while (((await api.count()).watches.virtualmachines ?? 0) === before) await pause(50);
  const sent = await load(api, watched, rate);
  kubectl.stop();
  const taken = new Map<string, number>();
  const waits = sent.flatMap(({ vm, at }) => {
    const turn = taken.get(vm) ?? 0;
    taken.set(vm, turn + 1);
    const came = lines.get(vm)?.[turn];
    return came === undefined ? [] : [came - at];
  });
  gate(waits.length === sent.length, `kubectl printed ${waits.length} of ${sent.length} changes`);
  return waits;
}

async function watchPage(
  api: ApiProcess,
  console_: ConsoleProcess,
  page: Page,
  watched: string[],
  rate: number,
): Promise<{ dom: number[]; bare: number[] }> {
  const marks = new Marks();
  const viewer = await openLive(console_.url, CLUSTER, {
    onMark: (number, _sent, came, row) => marks.see(`${row.namespace}/${row.name}`, number, came),
  });
  await viewer.until(() => viewer.feed === 'live', 30_000);
  await forgetMarks(page);
  const sent = await load(api, watched, rate);
  viewer.close();
  const seen = new Marks();
  for (const { name, number, came } of await readMarks(page)) {
    const vm = watched.find((each) => each.endsWith(`/${name}`));
    if (vm) seen.see(vm, number, came);
  }
  const [dom, bare] = [seen.waits(sent), marks.waits(sent)];
  gate(dom.lost === 0, `${dom.lost} of ${sent.length} changes never came to the document`);
  gate(bare.lost === 0, `${bare.lost} of ${sent.length} changes never came to the bare client`);
  return { dom: dom.waits, bare: bare.waits };
}

async function withViewers(
  api: ApiProcess,
  console_: ConsoleProcess,
  page: Page,
  watched: string[],
  count: number,
): Promise<void> {
  const rate = 1_000;
  const before = await api.count();
  const viewers =
    count > 1 ? await startViewers({ url: console_.url, count: count - 1, vms: VMS }) : undefined;
  const opened = await api.count();
  await viewers?.reset();
  await forgetMarks(page);
  const [cpu, clock] = [cpuSeconds(console_.pid), wallClock()];
  const sent = await load(api, watched, rate, SECONDS * 2);
  const share = (cpuSeconds(console_.pid) - cpu) / ((wallClock() - clock) / 1_000);
  const report = await viewers?.report();
  const seen = new Marks();
  for (const { name, number, came } of await readMarks(page)) {
    const vm = watched.find((each) => each.endsWith(`/${name}`));
    if (vm) seen.see(vm, number, came);
  }
  const { waits, lost } = seen.waits(sent);
  gate(lost === 0, `${lost} changes never came to the document with ${count} viewers`);
  gate(!report || report.live === count - 1, `only ${report?.live} of ${count - 1} viewers are live`);
  const after = await api.count();
  console.log(`${count} viewers, ${rate} events/s (${surroundings()}): document ${latency(waits)}`);
  if (report) {
    console.log(
      `  clients p50 ${report.p50.toFixed(1)}, p99 ${report.p99.toFixed(1)}, most ${report.most.toFixed(1)} ms, ${report.rows} rows, ${(report.bytes / 1e6).toFixed(1)} MB`,
    );
  }
  const lists = sum(opened.lists) - sum(before.lists);
  console.log(
    `  server ${(share * 100).toFixed(0)} % of a core; API: ${after.openWatches} watches, ${after.openConnections} connections; for these viewers ${lists} more lists, ${((opened.listBytes - before.listBytes) / 1e6).toFixed(1)} MB of lists`,
  );
  const worst = Math.max(quantile(waits, 0.99), report?.p99 ?? 0);
  if (count === Math.max(...VIEWERS)) {
    enterGoal(
      `event → DOM and clients p99 with ${count} viewers × ${rate}/s ≤ 250 ms`,
      `${worst.toFixed(1)} ms`,
      worst <= 250,
    );
  }
  openWatches.push(after.openWatches);
  if (count === VIEWERS.at(-1)) {
    const [first = 0] = openWatches;
    const constant = openWatches.every((each) => each === first) && lists === 0;
    enterGoal(
      `watches at the API constant for ${VIEWERS.join(', ')} viewers`,
      openWatches.join(', '),
      constant,
    );
  }
  await viewers?.stop();
}

const openWatches: number[] = [];

/** Runs the load, lets the last changes arrive, and tells what was sent. */
async function load(api: ApiProcess, watched: string[], rate: number, seconds = SECONDS) {
  await api.load({ rate, watched, watchedRate: Math.min(rate, WATCHED_RATE) });
  await pause(seconds * 1_000);
  const sent = await api.sent();
  await api.load({ rate: 0 });
  await pause(LAST_MS);
  return sent;
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  const page = await context.newPage();
  await page.goto(`${url}/c/${CLUSTER}/vms`);
  await page.locator(VM_ROW).first().waitFor();
  // Only pages whose scripts run show changes.
  await page.evaluate(noteMarks, VM_ROW);
  return page;
}

interface Noted {
  name: string;
  number: number;
  came: number;
}

async function forgetMarks(page: Page): Promise<void> {
  await page.evaluate(() => {
    (globalThis as unknown as { marks: Noted[] }).marks.length = 0;
  });
}

function readMarks(page: Page): Promise<Noted[]> {
  return page.evaluate(() => (globalThis as unknown as { marks: Noted[] }).marks);
}

/** Runs in the page: writes down when which mark came to stand in which row. */
function noteMarks(selector: string): void {
  const store = globalThis as unknown as { marks: Noted[] };
  store.marks = [];
  const last = new Map<string, number>();
  const observer = new MutationObserver((records) => {
    const came = performance.timeOrigin + performance.now();
    const rows = new Set<Element>();
    for (const { target } of records) {
      const element = target instanceof Element ? target : target.parentElement;
      const row = element?.closest(selector);
      if (row) rows.add(row);
      else for (const each of element?.querySelectorAll(selector) ?? []) rows.add(each);
    }
    for (const row of rows) {
      const [, number] = /mark (\d+)/.exec(row.textContent ?? '') ?? [];
      const name = row.querySelector('a[href*="/vms/"]')?.textContent?.trim() ?? '';
      if (number === undefined || last.get(name) === Number(number)) continue;
      last.set(name, Number(number));
      store.marks.push({ name, number: Number(number), came });
    }
  });
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, each) => total + each, 0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
