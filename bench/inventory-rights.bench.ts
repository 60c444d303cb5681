import type { Subscription } from '@/lib/inventory/protocol';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { CLUSTER, startApi } from './support/api-process';
import { type ConsoleProcess, startConsole } from './support/console-process';
import { describeMachine, enterGoal, gate, median, spread, surroundings } from './support/figures';
import { openLive } from './support/live-viewer';
import { byName, listNaively } from './support/naive';

const VMS = Number(process.env.PORTLIGHT_BENCH_VMS ?? 10_000);
const ROUNDS = 40;

/** Somebody who may see one namespace of forty: just its rows and counts, and as quickly as whoever may see all. */
export async function measure(): Promise<void> {
  console.log(describeMachine());
  const api = await startApi({ vms: VMS });
  const consoles = { all: await startConsole(api.kubeconfig), one: await startConsole(api.kubeconfigOne) };
  try {
    const [namespace = ''] = api.namespaces;
    const right = (await listNaively(api, namespace)).sort(byName);
    const times = { all: [] as number[], one: [] as number[] };
    const open = async (console_: ConsoleProcess, namespaces: string[]) => {
      const from = performance.now();
      const query = { ...DEFAULT_VM_QUERY, namespaces };
      const window = { from: 0, count: 500 };
      const subscription: Subscription = { kind: 'vms', query, window, known: [namespace] };
      const viewer = await openLive(console_.url, CLUSTER, { query, window, subscription });
      await viewer.until(() => viewer.feed === 'live', 60_000);
      const ms = performance.now() - from;
      const { rows, total } = viewer;
      viewer.close();
      return { ms, rows, total };
    };
    // Both have opened the namespace once; what is measured is the common case.
    const kept = await Promise.all([open(consoles.all, [namespace]), open(consoles.one, [namespace])]);
    for (let round = 0; round < ROUNDS; round += 1) {
      times.all.push((await open(consoles.all, [namespace])).ms);
      times.one.push((await open(consoles.one, [namespace])).ms);
    }
    // Who asks for everything gets what they may see.
    const everything = await open(consoles.one, []);
    for (const { rows, total } of [...kept, everything]) {
      gate(total === right.length, `${total} VMs are counted, not ${right.length}`);
      const wanted = right.slice(0, 500).map(({ uid }) => uid);
      gate(rows.map(({ uid }) => uid).join() === wanted.join(), 'other rows are shown than the API lists');
    }
    const ratios = times.one.map((ms, round) => ms / (times.all[round] ?? Number.NaN));
    console.log(
      `${right.length} of ${VMS} VMs (${surroundings()}): ${spread(times.one, ' ms')}, who may see all ${spread(times.all, ' ms')}`,
    );
    enterGoal(
      'one namespace of forty: its rows only, at ≤ 1.1 × the time',
      `${spread(ratios, ' ×', 2)}`,
      median(ratios) <= 1.1,
    );
  } finally {
    await consoles.one.stop();
    await consoles.all.stop();
    await api.stop();
  }
}
