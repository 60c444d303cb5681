import { setTimeout as pause } from 'node:timers/promises';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { ApiProcessReady } from '../api/main';
import { Random } from '../api/random';
import { CLUSTER } from './api-process';
import { LiveViewer } from './live-viewer';
import { listNaively, type NaiveVm } from './naive';
import { type StormQuery, stormQueries } from './storm-queries';

export interface Storm {
  api: Pick<ApiProcessReady, 'url' | 'users' | 'ca'>;
  /** Of the cluster under test. */
  faults: { drop(): Promise<void>; expire(): Promise<void>; restart(ms: number): Promise<void> };
  calm(): Promise<void>;
  url: string;
  seconds: number;
  viewers: number;
  seed: number;
  /** Called about every second. */
  tick?: (second: number) => void;
}

export interface StormResult {
  drops: number;
  expiries: number;
  restarts: number;
  moves: number;
  holds: number;
  slowReads: number;
  lostSockets: number;
  messages: number;
  /** What a viewer shows that a fresh list does not say, in sentences. */
  stale: string[];
  /** From the last event until all viewers were right. */
  settledMs: number;
  /** VMs in the cluster at the end. */
  vms: number;
}

const FAULT_EVERY_S = 4;
const SETTLE_DEADLINE_MS = 60_000;

interface Watching {
  viewer: LiveViewer;
  asked: StormQuery;
}

/**
 * Viewers with different questions, windows, holds and speeds while the cluster changes, drops watches, says 410 and is
 * started anew. Afterwards every window is compared with a fresh list, filtered and sorted by other code.
 */
export async function runStorm(storm: Storm): Promise<StormResult> {
  const random = new Random(storm.seed, 5);
  const before = await listNaively(storm.api);
  const nodes = [...new Set(before.map(({ node }) => node).filter(Boolean))];
  const queries = stormQueries([...new Set(before.map(({ namespace }) => namespace))], nodes);
  const all = Array.from({ length: storm.viewers }, (_, index): Watching => {
    const asked = queries[index % queries.length];
    if (!asked) throw new Error('There are no queries');
    const window = { from: index < queries.length ? 0 : random.below(200), count: 10 + random.below(90) };
    return { asked, viewer: new LiveViewer(storm.url, CLUSTER, { query: asked.query, window }) };
  });
  const result: StormResult = {
    ...{ drops: 0, expiries: 0, restarts: 0, moves: 0, holds: 0, slowReads: 0, lostSockets: 0 },
    ...{ messages: 0, stale: [], settledMs: 0, vms: 0 },
  };
  try {
    await Promise.all(all.map(({ viewer }) => viewer.connect()));
    for (let second = 1; second <= storm.seconds; second += 1) {
      await pause(1_000);
      disturb(all, random, result);
      if (second % FAULT_EVERY_S === 0 && second < storm.seconds - 1) await fault(storm, random, result);
      storm.tick?.(second);
    }
    await storm.calm();
    const calmed = performance.now();
    for (const { viewer } of all) if (viewer.hold) viewer.move(viewer.window);
    result.stale = await untilRight(storm, all);
    result.settledMs = performance.now() - calmed;
    result.vms = all[0]?.viewer.total ?? 0;
    result.messages = all.reduce((sum, { viewer }) => sum + viewer.messages, 0);
    return result;
  } finally {
    for (const { viewer } of all) viewer.close();
  }
}

/** Somebody scrolls, somebody's pointer rests on a row, somebody's network is slow, somebody's breaks. */
function disturb(all: Watching[], random: Random, result: StormResult): void {
  for (const { viewer } of all) {
    const dice = random.next();
    if (dice < 0.1) {
      viewer.move({ from: random.below(200), count: 10 + random.below(90) });
      result.moves += 1;
    } else if (dice < 0.2) {
      viewer.move(viewer.window, !viewer.hold);
      result.holds += 1;
    } else if (dice < 0.24) {
      viewer.pause(500 + random.below(3_000));
      result.slowReads += 1;
    } else if (dice < 0.25) {
      viewer.drop();
      result.lostSockets += 1;
    }
  }
}

async function fault({ faults }: Storm, random: Random, result: StormResult): Promise<void> {
  const dice = random.next();
  if (dice < 0.5) {
    result.drops += 1;
    await faults.drop();
  } else if (dice < 0.8) {
    result.expiries += 1;
    await faults.expire();
  } else {
    result.restarts += 1;
    await faults.restart(500 + random.below(2_500));
  }
}

/** What is wrong when everybody has had time to catch up; nothing as soon as nothing is. */
async function untilRight(storm: Storm, all: Watching[]): Promise<string[]> {
  const fresh = await listNaively(storm.api);
  const end = performance.now() + SETTLE_DEADLINE_MS;
  for (;;) {
    const stale = all.flatMap((watching, index) => wrongIn(watching, fresh, index));
    if (stale.length === 0 || performance.now() > end) return stale;
    await pause(100);
  }
}

function wrongIn({ viewer, asked }: Watching, fresh: NaiveVm[], index: number): string[] {
  const who = `viewer ${index} (${JSON.stringify(asked.query)})`;
  if (viewer.feed !== 'live') return [`${who} is ${viewer.feed}`];
  const right = fresh.filter(asked.matches).sort(asked.compare);
  const { from, count } = viewer.window;
  const wanted = right.slice(from, from + count);
  const wrong: string[] = [];
  if (viewer.from !== from) wrong.push(`${who} has a window from ${viewer.from}, not ${from}`);
  if (viewer.total !== right.length) wrong.push(`${who} counts ${viewer.total}, not ${right.length}`);
  if (viewer.rows.length !== wanted.length)
    wrong.push(`${who} shows ${viewer.rows.length} rows, not ${wanted.length}`);
  for (const [place, vm] of wanted.entries()) {
    const row = viewer.rows[place];
    if (row && print(row) !== printNaive(vm))
      wrong.push(`${who}, row ${place}: ${print(row)}, not ${printNaive(vm)}`);
  }
  return wrong;
}

function print({ uid, namespace, name, facts, node, ips, labels, description }: VmRow): string {
  return JSON.stringify([uid, namespace, name, facts.printableStatus, node, ips, labels.tier, description]);
}

function printNaive({ uid, namespace, name, status, node, ips, tier, description }: NaiveVm): string {
  return JSON.stringify([uid, namespace, name, status, node, ips, tier, description]);
}
