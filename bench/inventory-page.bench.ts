import { gzipSync } from 'node:zlib';
import type { Browser } from '@playwright/test';
import { CLUSTER, startApi } from './support/api-process';
import { launchBrowser, loadCold, type PageLoad } from './support/browser';
import { startConsole, untilSynced } from './support/console-process';
import { describeMachine, enterGoal, gate, median, spread, surroundings } from './support/figures';
import { serveFloorPage } from './support/floor-page';
import { byName, listNaively, type NaiveVm } from './support/naive';

const SIZES = (process.env.PORTLIGHT_BENCH_SIZES ?? '100,1000,10000,100000').split(',').map(Number);
const ROUNDS = Number(process.env.PORTLIGHT_BENCH_ROUNDS ?? 5);
const KB = 1_000;

interface Arm {
  name: string;
  vms: number;
  url: string;
  sorted: NaiveVm[];
  loads: PageLoad[];
  stop: () => Promise<void>;
}

/**
 * From a click to the first painted row of the VM list with empty caches, at four sizes, against a static page of fifty
 * rows in the same browser; what travels for it, and how much JavaScript that is.
 */
export async function measure(): Promise<void> {
  console.log(describeMachine());
  const arms: Arm[] = [];
  const browser = await launchBrowser();
  try {
    for (const vms of SIZES) arms.push(await startArm(vms));
    const some = arms[0];
    if (!some) return;
    const floor = await serveFloorPage(some.sorted);
    await loadCold(browser, floor.url, 0);
    for (const arm of arms) await loadCold(browser, arm.url, 0);
    await measurePeers(browser, arms);
    const floors: PageLoad[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      floors.push(await loadCold(browser, floor.url, 0));
      for (const arm of arms) arm.loads.push(await loadCold(browser, arm.url));
      const painted = arms.map(({ name, loads }) => `${name} ${loads.at(-1)?.paintedMs.toFixed(0)}`);
      console.log(
        `round ${round} (${surroundings()}): floor ${floors.at(-1)?.paintedMs.toFixed(0)}, ${painted.join(', ')} ms`,
      );
    }
    floor.close();
    for (const arm of arms) checkRows(arm);
    report(arms, floors);
    await measureScripts(some.url);
  } finally {
    await browser.close();
    for (const arm of arms) await arm.stop();
  }
}

async function startArm(vms: number): Promise<Arm> {
  const api = await startApi({ vms });
  const console_ = await startConsole(api.kubeconfig);
  const started = performance.now();
  await untilSynced(console_.url, vms);
  console.log(
    `${vms} VMs: the console knew all of them ${(performance.now() - started).toFixed(0)} ms after it was ready`,
  );
  const sorted = (await listNaively(api)).sort(byName);
  return {
    name: String(vms),
    vms,
    url: `${console_.url}/c/${CLUSTER}/vms`,
    sorted,
    loads: [],
    async stop() {
      await console_.stop();
      await api.stop();
    },
  };
}

/** What is shown is what the API has, in order. */
function checkRows({ sorted, loads, name }: Arm): void {
  for (const { names } of loads) {
    const wanted = sorted.slice(0, names.length).map((vm) => vm.name);
    gate(
      names.length > 0 && names.join() === wanted.join(),
      `the page at ${name} VMs shows other rows: ${names.slice(0, 3)}`,
    );
  }
}

function report(arms: Arm[], floors: PageLoad[]): void {
  for (const { name, loads } of arms) {
    const ratios = loads.map((load, round) => load.paintedMs / (floors[round]?.paintedMs ?? Number.NaN));
    const of = (field: keyof Omit<PageLoad, 'names'>) => loads.map((load) => load[field]);
    console.log(
      `${name} VMs: painted ${spread(of('paintedMs'), ' ms', 0)}, ${spread(ratios)} × the floor; ` +
        `${spread(
          of('bytes').map((it) => it / KB),
          ' kB',
          0,
        )} in ${spread(of('requests'), ' requests', 0)}, ` +
        `of that document ${spread(
          of('documentBytes').map((it) => it / KB),
          ' kB',
        )}, live socket ${spread(
          of('socketBytes').map((it) => it / KB),
          ' kB',
        )}`,
    );
    if (name === '10000') {
      enterGoal(
        'cold page → first painted row at 10k ≤ 4 × the static floor',
        `${spread(ratios)} ×`,
        median(ratios) <= 4,
      );
    }
    const carried = loads.map((load) => (load.documentBytes + load.socketBytes) / KB);
    enterGoal(`page data at ${name} VMs ≤ 30 kB`, spread(carried, ' kB'), median(carried) <= 30);
  }
  const [small, large] = [arms.find(({ vms }) => vms === 100), arms.find(({ vms }) => vms === 100_000)];
  if (!small || !large) return;
  const ratios = large.loads.map(
    (load, round) => load.paintedMs / (small.loads[round]?.paintedMs ?? Number.NaN),
  );
  enterGoal('cold page at 100k ≤ 1.2 × that at 100', `${spread(ratios, ' ×', 2)}`, median(ratios) <= 1.2);
}

/** What the document itself asks for: scripts and module preloads, each compressed as well as gzip can. */
async function measureScripts(url: string): Promise<void> {
  const html = await (await fetch(url)).text();
  const named = [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="([^"]+\.js[^"]*)"/g)].map(
    ([, path]) => path,
  );
  const scripts = [...new Set(named)].filter((path) => path !== undefined);
  let [raw, packed] = [0, 0];
  for (const path of scripts) {
    const text = Buffer.from(await (await fetch(new URL(path, url))).arrayBuffer());
    raw += text.length;
    packed += gzipSync(text, { level: 9 }).length;
  }
  gate(scripts.length > 0, 'the page names no scripts');
  enterGoal(
    'first-load JS of the list page ≤ 150 kB gzip',
    `${(packed / KB).toFixed(1)} kB (${scripts.length} files, ${(raw / KB).toFixed(0)} kB raw)`,
    packed <= 150 * KB,
  );
}

/** Other consoles on the same API, where somebody has started them. */
async function measurePeers(browser: Browser, arms: Arm[]): Promise<void> {
  const peers = {
    'KubeVirt Manager': process.env.PORTLIGHT_BENCH_KUBEVIRT_MANAGER_URL,
    Headlamp: process.env.PORTLIGHT_BENCH_HEADLAMP_URL,
  };
  for (const [name, url] of Object.entries(peers)) {
    if (!url) {
      console.log(`${name}: not installed (no URL in the environment), skipped`);
      continue;
    }
    const context = await browser.newContext();
    const page = await context.newPage();
    const from = performance.now();
    await page.goto(url, { waitUntil: 'commit' });
    const first = arms.at(-1)?.sorted[0]?.name ?? '';
    await page.getByText(first).first().waitFor({ timeout: 120_000 });
    console.log(`${name}: first VM in the document after ${(performance.now() - from).toFixed(0)} ms`);
    await context.close();
  }
}
