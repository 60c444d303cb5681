import { spawn } from 'node:child_process';
import { wallClock } from '../api/generator';
import { CLUSTER, ended } from './api-process';
import { quantile } from './figures';
import { LiveViewer } from './live-viewer';
import { cpuSeconds } from './processes';

export interface ViewersOptions {
  url: string;
  count: number;
  /** How many VMs there are: every second viewer looks at the top, the others somewhere. */
  vms: number;
}

export interface ViewersReport {
  /** Rows with a mark that arrived, at all viewers together. */
  rows: number;
  p50: number;
  p99: number;
  most: number;
  /** Viewers that are live and have a window of rows. */
  live: number;
  bytes: number;
}

export interface ViewersProcess {
  pid: number;
  /** Forgets what came before. */
  reset(): Promise<void>;
  report(): Promise<ViewersReport>;
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** Opens so many lists in a process of their own, and waits until all have their rows. */
export async function startViewers(options: ViewersOptions): Promise<ViewersProcess> {
  const child = spawn(
    process.execPath,
    ['tools/run.mjs', 'bench/support/viewers-process.ts', JSON.stringify(options)],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const next = () =>
    new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`The viewers ended with ${code}`)));
    });
  await next();
  const ask = (what: string) => {
    const answer = next();
    child.send(what);
    return answer;
  };
  return {
    pid: child.pid ?? 0,
    reset: () => ask('reset').then(() => {}),
    report: () => ask('report') as Promise<ViewersReport>,
    cpuSeconds: () => cpuSeconds(child.pid ?? 0),
    stop: () => ended(child),
  };
}

const AT_ONCE = 50;
const KEPT = 400_000;

/** The other side: runs in the process. */
export async function runViewers({ url, count, vms }: ViewersOptions): Promise<void> {
  let waits: number[] = [];
  let rows = 0;
  const onMark = (_number: number, sent: number, came: number) => {
    rows += 1;
    if (waits.length < KEPT) waits.push(came - sent);
    // Every one has the same chance to be kept.
    else if (Math.random() < KEPT / rows) waits[Math.floor(Math.random() * KEPT)] = came - sent;
  };
  const viewers = Array.from({ length: count }, (_, index) => {
    const from = index % 2 === 0 ? 0 : (index * 37) % Math.max(1, vms - 50);
    return new LiveViewer(url, CLUSTER, { window: { from, count: 50 }, onMark });
  });
  for (let first = 0; first < count; first += AT_ONCE) {
    const some = viewers.slice(first, first + AT_ONCE);
    await Promise.all(some.map((viewer) => viewer.connect()));
    await Promise.all(some.map((viewer) => viewer.until(() => viewer.rows.length > 0, 60_000)));
  }
  process.on('message', (what) => {
    if (what === 'report') {
      const report: ViewersReport = {
        rows,
        p50: quantile(waits, 0.5),
        p99: quantile(waits, 0.99),
        most: waits.reduce((most, wait) => Math.max(most, wait), 0),
        live: viewers.filter(({ feed, rows: shown }) => feed === 'live' && shown.length > 0).length,
        bytes: viewers.reduce((sum, viewer) => sum + viewer.bytes, 0),
      };
      process.send?.(report);
    } else {
      [waits, rows] = [[], 0];
      process.send?.({ at: wallClock() });
    }
  });
  process.send?.({ ready: true });
}
