import { cpus, loadavg, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type Floor, serveFloor, startFloor } from './support/list-floor';
import { cpuSeconds, pssBytes } from './support/processes';
import { type SandboxProcess, startSandbox, type Timed } from './support/sandbox-process';
import { changeLatency, floorLatency, type Latency } from './support/watch-latency';

const VMS = '/apis/kubevirt.io/v1/virtualmachines';
/** As kubectl asks for what it prints. */
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const PAGE = 500;
const SIZES = [
  { vms: 10_000, rounds: 5 },
  { vms: 100_000, rounds: 3 },
];
const REST_MS = 20_000;
const EVENTS_PER_SECOND = 1000;
const MIB = 2 ** 20;

/**
 * The generated sandbox at 10,000 and 100,000 VMs: memory, CPU at rest and under churn, lists, watches. A list is a
 * ratio to the same objects written by JSON.stringify over plain HTTP in the same round, a watch to an emitter.
 */
export async function measure(): Promise<void> {
  const wanted = process.env.PORTLIGHT_BENCH_VMS?.split(',').map(Number);
  const model = cpus()[0]?.model ?? '';
  console.log(`${cpus().length} × ${model}, ${gib(totalmem())}, Node ${process.version}, load ${load()}`);
  for (const { vms, rounds } of SIZES) {
    if (wanted && !wanted.includes(vms)) continue;
    await atRest(vms, rounds);
    await inChurn(vms);
  }
}

async function atRest(vms: number, rounds: number): Promise<void> {
  console.log(`\n${vms} VMs at rest (load ${load()})`);
  const sandbox = await startSandbox(`scale-${vms}`, ['--vms', String(vms)]);
  try {
    console.log(
      `start: ${sandbox.startSeconds.toFixed(1)} s, ${cpuSeconds(sandbox.pid).toFixed(1)} s of CPU`,
    );
    console.log(`  ${/Made \d+ virtual machines.*/.exec(sandbox.said())?.[0] ?? ''}`);
    console.log(`memory: ${mib(pssBytes(sandbox.pid))}`);
    const before = cpuSeconds(sandbox.pid);
    await sleep(REST_MS);
    console.log(`CPU at rest: ${percent(cpuSeconds(sandbox.pid) - before, REST_MS)}`);
    const { items, seconds } = await pages(sandbox);
    console.log(
      `in pages of ${PAGE}: ${items.length} VMs in ${seconds.toFixed(2)} s with parsing; memory afterwards ${mib(pssBytes(sandbox.pid))}`,
    );
    if (items.length !== vms) throw new Error(`The pages hold ${items.length} VMs`);
    const floor = await startFloor(import.meta.url, items);
    await compareLists(sandbox, floor, rounds);
    await floor.stop();
    console.log(`memory after all lists: ${mib(pssBytes(sandbox.pid))}`);
  } finally {
    await sandbox.stop();
  }
}

async function compareLists(sandbox: SandboxProcess, floor: Floor, rounds: number): Promise<void> {
  const ratios: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const cpu = cpuSeconds(sandbox.pid);
    const { answer: whole, waits } = await withPings(sandbox, () => sandbox.time(VMS));
    const spent = cpuSeconds(sandbox.pid) - cpu;
    const bare = await timeFloor(floor.url);
    const table = await sandbox.time(VMS, { accept: TABLE });
    ratios.push(whole.totalMs / bare.totalMs);
    const lag = `meanwhile a small answer took ${quantiles(waits)}`;
    console.log(`round ${round} (load ${load()}):`);
    console.log(`  whole list ${timed(whole)}, ${spent.toFixed(2)} s of CPU; ${lag}`);
    console.log(`  floor ${timed(bare)}; as a table ${timed(table)}`);
  }
  const sorted = ratios.toSorted((a, b) => a - b);
  const [middle = 0, least = 0, most = 0] = [sorted[sorted.length >> 1], sorted[0], sorted.at(-1)];
  console.log(`whole list: ${middle.toFixed(1)} × the floor (${least.toFixed(1)} to ${most.toFixed(1)})`);
}

async function inChurn(vms: number): Promise<void> {
  console.log(`\n${vms} VMs at ${EVENTS_PER_SECOND} events per second`);
  const churn = ['--vms', String(vms), '--churn', String(EVENTS_PER_SECOND)];
  const sandbox = await startSandbox(`churn-${vms}`, churn);
  try {
    await sleep(REST_MS);
    const [cpu, version] = [cpuSeconds(sandbox.pid), await revision(sandbox)];
    const from = performance.now();
    const ours = await changeLatency(sandbox);
    const elapsed = performance.now() - from;
    const rate = ((await revision(sandbox)) - version) / (elapsed / 1000);
    console.log(`load ${load()}: ${rate.toFixed(0)} events per second were made`);
    console.log(
      `CPU: ${percent(cpuSeconds(sandbox.pid) - cpu, elapsed)}; memory: ${mib(pssBytes(sandbox.pid))}`,
    );
    console.log(`from write to watcher: ${described(ours)}`);
    const { items } = await pages(sandbox);
    const floor = await startFloor(import.meta.url, items.slice(0, 1000));
    const bare = await floorLatency(floor.url);
    await floor.stop();
    console.log(`floor, without churn: ${described(bare)}`);
    const { answer, waits } = await withPings(sandbox, () => sandbox.time(VMS));
    console.log(
      `whole list during churn ${timed(answer)}; meanwhile a small answer took ${quantiles(waits)}`,
    );
    await sleep(REST_MS);
    console.log(`memory ${REST_MS / 1000} s later: ${mib(pssBytes(sandbox.pid))}`);
  } finally {
    await sandbox.stop();
  }
}

async function pages(sandbox: SandboxProcess): Promise<{ items: unknown[]; seconds: number }> {
  const from = performance.now();
  const items: unknown[] = [];
  let token = '';
  do {
    const { text } = await sandbox.read('GET', `${VMS}?limit=${PAGE}${token && `&continue=${token}`}`);
    const page = JSON.parse(text) as { metadata: { continue?: string }; items: unknown[] };
    items.push(...page.items);
    token = page.metadata.continue ?? '';
  } while (token);
  return { items, seconds: (performance.now() - from) / 1000 };
}

/** Asks for little every 20 ms while `work` is done: how long others wait. */
async function withPings(
  sandbox: SandboxProcess,
  work: () => Promise<Timed>,
): Promise<{ answer: Timed; waits: number[] }> {
  const waits: number[] = [];
  let done = false;
  const pinging = (async () => {
    while (!done) {
      waits.push((await sandbox.time('/version')).totalMs);
      await sleep(20);
    }
  })();
  const answer = await work();
  done = true;
  await pinging;
  return { answer, waits };
}

async function timeFloor(url: string): Promise<Timed> {
  const from = performance.now();
  const response = await fetch(url);
  let [firstMs, bytes] = [0, 0];
  for await (const chunk of response.body ?? []) {
    firstMs ||= performance.now() - from;
    bytes += chunk.length;
  }
  return { firstMs, totalMs: performance.now() - from, bytes };
}

async function revision(sandbox: SandboxProcess): Promise<number> {
  const { text } = await sandbox.read('GET', '/api/v1/namespaces?limit=1');
  return Number((JSON.parse(text) as { metadata: { resourceVersion: string } }).metadata.resourceVersion);
}

function timed({ firstMs, totalMs, bytes }: Timed): string {
  const rate = bytes / MIB / (totalMs / 1000);
  return `${(totalMs / 1000).toFixed(2)} s (${mib(bytes)}, ${rate.toFixed(0)} MiB/s, first byte ${firstMs.toFixed(0)} ms)`;
}

function described({ waits, lost }: Latency): string {
  return `${quantiles(waits)}, ${lost} of ${waits.length + lost} lost`;
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, at most ${(sorted.at(-1) ?? 0).toFixed(1)} ms`;
}

function percent(seconds: number, milliseconds: number): string {
  return `${((seconds / milliseconds) * 100_000).toFixed(1)} % of a core`;
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

function gib(bytes: number): string {
  return `${(bytes / MIB / 1024).toFixed(0)} GiB`;
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

if (!isMainThread && workerData?.floor) serveFloor(workerData.floor, (url) => parentPort?.postMessage(url));
