import { setTimeout as pause } from 'node:timers/promises';
import { type ApiProcess, CLUSTER, startApi } from './support/api-process';
import { type ConsoleProcess, startConsole, untilSynced } from './support/console-process';
import { Echo } from './support/echo';
import {
  describeMachine,
  enterGoal,
  latency,
  median,
  quantile,
  spread,
  surroundings,
} from './support/figures';
import { startKubectlProxy } from './support/kubectl-proxy';
import { openLive } from './support/live-viewer';
import { listNaively } from './support/naive';
import { cpuSeconds, pssBytes } from './support/processes';

const SIZES = (process.env.PORTLIGHT_BENCH_SIZES ?? '10000,50000').split(',').map(Number);
const ROUNDS = Number(process.env.PORTLIGHT_BENCH_ROUNDS ?? 3);
const ECHO_MS = 3_000;
const SETTLE_MS = 4_000;
const MAIN_DELAY = 'portlight_event_loop_delay_max_ms{thread="main"}';
const MIB = 2 ** 20;

/**
 * What the inventory costs the server: memory over that of the same server with no VMs, the time until all are known,
 * how long the thread that carries consoles is blocked meanwhile, and what a console's user feels of a relist.
 */
export async function measure(): Promise<void> {
  console.log(describeMachine());
  const apis: ApiProcess[] = [];
  try {
    for (const vms of [0, ...SIZES]) apis.push(await startApi({ vms }));
    await measureMemory(apis);
    const api = apis.find(({ options }) => options.vms === SIZES[0]);
    if (api) await measureRelays(api);
  } finally {
    for (const api of apis) await api.stop();
  }
}

interface Run {
  pss: number;
  heap: number;
  syncMs: number;
  blockMs: number;
}

async function measureMemory(apis: ApiProcess[]): Promise<void> {
  const runs = new Map<number, Run[]>(apis.map(({ options }) => [options.vms, []]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const api of apis) {
      const run = await oneStart(api);
      runs.get(api.options.vms)?.push(run);
      console.log(
        `${api.options.vms} VMs, round ${round} (${surroundings()}): ${(run.pss / MIB).toFixed(0)} MiB, heap ${(run.heap / MIB).toFixed(0)} MiB, known after ${(run.syncMs / 1_000).toFixed(2)} s, longest block of the relays' thread ${run.blockMs.toFixed(1)} ms`,
      );
    }
  }
  const base = runs.get(0) ?? [];
  for (const vms of SIZES) {
    const mine = runs.get(vms) ?? [];
    const perTen = mine.map(({ pss }, round) => ((pss - (base[round]?.pss ?? 0)) / MIB / vms) * 10_000);
    const sync = mine.map(({ syncMs }, round) => (syncMs - (base[round]?.syncMs ?? 0)) / 1_000);
    const blocks = mine.map(({ blockMs }) => blockMs);
    console.log(`${vms} VMs known ${spread(sync, ' s', 2)} later than none`);
    enterGoal(
      `server memory above base ≤ 15 MB per 10k VMs, at ${vms}`,
      spread(perTen, ' MiB'),
      median(perTen) <= 15,
    );
    enterGoal(
      `longest event-loop block where relays run while syncing ${vms} ≤ 20 ms`,
      spread(blocks, ' ms'),
      median(blocks) <= 20,
    );
  }
}

/** A start of the console up to the moment at which a viewer knows all VMs. */
async function oneStart(api: ApiProcess): Promise<Run> {
  const from = performance.now();
  const console_ = await startConsole(api.kubeconfig);
  try {
    const { vms } = api.options;
    await untilSynced(console_.url, vms);
    const syncMs = performance.now() - from;
    // The first list ran while Next was loaded, which blocks by itself: it is made once more, and a console's echo
    // feels what blocks its thread.
    const url = `${console_.url.replace(/^http/, 'ws')}/api/k8s/${CLUSTER}${consolePath(api.namespaces[0])}`;
    const echo = await Echo.open({ url, headers: {}, origin: console_.url });
    await echo.during(SETTLE_MS);
    const blockMs = Math.max(...(await echo.while(relist(api, console_, vms))));
    echo.close();
    await pause(SETTLE_MS);
    return {
      pss: pssBytes(console_.pid),
      heap: await console_.metric('process_heap_bytes'),
      syncMs,
      blockMs,
    };
  } finally {
    await console_.stop();
  }
}

/** The measurement's API has an echo behind every console. */
function consolePath(namespace = 'none', name = 'any'): string {
  return `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${name}/vnc`;
}

/** Makes the console list everything anew, and waits until it is current again. */
async function relist(api: ApiProcess, { url }: ConsoleProcess, vms: number): Promise<void> {
  const viewer = await openLive(url, CLUSTER);
  await viewer.until(() => viewer.feed === 'live', 30_000);
  const before = await api.count();
  await api.expire();
  const listed = async () => {
    const { pages, openWatches } = await api.count();
    const grown = (plural: string) => (pages[plural] ?? 0) - (before.pages[plural] ?? 0);
    return grown('virtualmachines') * 500 >= vms && openWatches >= 2;
  };
  for (const end = Date.now() + 120_000; !(await listed()); ) {
    if (Date.now() > end) throw new Error('The console did not list again after 410');
    await pause(50);
  }
  await viewer.until(() => viewer.feed === 'live' && viewer.total === vms, 60_000);
  viewer.close();
}

async function measureRelays(api: ApiProcess): Promise<void> {
  const [console_, proxy] = [await startConsole(api.kubeconfig), await startKubectlProxy(api.kubeconfig)];
  try {
    await untilSynced(console_.url, api.options.vms);
    const vm = (await listNaively(api)).find(({ status }) => status === 'Running');
    const path = consolePath(vm?.namespace, vm?.name);
    const ws = (url: string) => url.replace(/^http/, 'ws');
    const authorization = `Bearer ${api.users[0]?.token}`;
    const arms = {
      direct: await Echo.open({ url: `${ws(api.url)}${path}`, headers: { authorization }, ca: api.ca }),
      kubectl: await Echo.open({ url: `${ws(proxy.url)}${path}`, headers: {} }),
      console: await Echo.open({
        url: `${ws(console_.url)}/api/k8s/${CLUSTER}${path}`,
        headers: {},
        origin: console_.url,
      }),
    };
    const idle = { direct: [] as number[], kubectl: [] as number[], console: [] as number[] };
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const [name, echo] of Object.entries(arms))
        idle[name as keyof typeof idle].push(...(await echo.during(ECHO_MS)));
    }
    for (const [name, trips] of Object.entries(idle)) console.log(`echo, idle, ${name}: ${latency(trips)}`);
    const added = (arm: number[]) => median(arm) - median(idle.direct);
    enterGoal(
      "relay echo, idle: added p50 ≤ kubectl proxy's",
      `${(added(idle.console) * 1_000).toFixed(0)} against ${(added(idle.kubectl) * 1_000).toFixed(0)} µs`,
      added(idle.console) <= added(idle.kubectl),
    );
    await underLoad(api, console_, arms, quantile(idle.console, 0.99));
    for (const echo of Object.values(arms)) echo.close();
  } finally {
    await proxy.stop();
    await console_.stop();
  }
}

/** A thousand changes a second and one relist after the other, in which no arm's API is quieter than another's. */
async function underLoad(
  api: ApiProcess,
  console_: ConsoleProcess,
  arms: Record<'direct' | 'kubectl' | 'console', Echo>,
  idleP99: number,
): Promise<void> {
  const viewer = await openLive(console_.url, CLUSTER);
  await api.load({ rate: 1_000, mix: 'storm' });
  const trips = { direct: [] as number[], kubectl: [] as number[], console: [] as number[] };
  const cpu = cpuSeconds(console_.pid);
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [name, echo] of Object.entries(arms)) {
      await api.expire();
      trips[name as keyof typeof trips].push(...(await echo.during(ECHO_MS)));
    }
  }
  console.log(
    `relists and 1,000 events/s (${surroundings()}): server ${(((cpuSeconds(console_.pid) - cpu) / ((ROUNDS * 3 * ECHO_MS) / 1_000)) * 100).toFixed(0)} % of a core, longest block of the relays' thread in the last minutes ${await console_.metric(MAIN_DELAY)} ms`,
  );
  await api.load({ rate: 0 });
  viewer.close();
  for (const [name, each] of Object.entries(trips)) console.log(`  echo, ${name}: ${latency(each)}`);
  const [p99, kubectl, direct] = [trips.console, trips.kubectl, trips.direct].map((each) =>
    quantile(each, 0.99),
  ) as [number, number, number];
  enterGoal(
    'relay echo during relists and 1,000 events/s: p99 ≤ 3 × idle and ≤ 5 ms',
    `${p99.toFixed(1)} ms, idle ${idleP99.toFixed(1)}; kubectl proxy ${kubectl.toFixed(1)}, direct ${direct.toFixed(1)}`,
    p99 <= 5 && p99 <= 3 * idleP99,
  );
}
