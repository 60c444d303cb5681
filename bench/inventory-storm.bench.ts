import { BENCH_SEED, startApi } from './support/api-process';
import { startConsole, untilSynced } from './support/console-process';
import { describeMachine, enterGoal, gate, median, surroundings } from './support/figures';
import { cpuSeconds, pssBytes } from './support/processes';
import { runStorm } from './support/storm';

const VMS = Number(process.env.PORTLIGHT_BENCH_VMS ?? 10_000);
const SECONDS = Number(process.env.PORTLIGHT_BENCH_SECONDS ?? 600);
const VIEWERS = 50;
const RATE = 1_000;
const MIB = 2 ** 20;
/** What garbage that is not collected yet may make of a difference. */
const FLAT = 1.15;

/**
 * Ten minutes of a thousand changes a second, dropped watches, 410s, API restarts and fifty viewers who move, hold,
 * read slowly and lose their sockets; then every window against a fresh list, and the server's memory over time.
 */
export async function measure(): Promise<void> {
  console.log(describeMachine());
  const api = await startApi({ vms: VMS });
  const console_ = await startConsole(api.kubeconfig);
  try {
    await untilSynced(console_.url, VMS);
    const memory: number[] = [];
    await api.load({ rate: RATE, mix: 'storm' });
    const cpu = cpuSeconds(console_.pid);
    const result = await runStorm({
      api,
      faults: api,
      calm: () => api.load({ rate: 0 }),
      ...{ url: console_.url, seconds: SECONDS, viewers: VIEWERS, seed: BENCH_SEED },
      tick(second) {
        memory.push(pssBytes(console_.pid));
        if (second % 30 === 0)
          console.log(`${second} s (${surroundings()}): server ${mib(memory.at(-1) ?? 0)}`);
      },
    });
    const { made } = await api.count();
    const { stale, settledMs, ...happened } = result;
    console.log(
      `${made} changes; ${JSON.stringify(happened)}; server ${(((cpuSeconds(console_.pid) - cpu) / SECONDS) * 100).toFixed(0)} % of a core`,
    );
    for (const each of stale.slice(0, 20)) console.log(`  ${each}`);
    gate(made > RATE * SECONDS * 0.8, `the API made only ${made} changes`);
    enterGoal(
      `storm: ${RATE} events/s for ${SECONDS} s, ${VIEWERS} viewers: zero stale rows`,
      `${stale.length} stale, right ${(settledMs / 1_000).toFixed(1)} s after the last event`,
      stale.length === 0,
    );
    const quarter = Math.floor(memory.length / 4);
    const [early, late] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))];
    enterGoal(
      `storm: memory flat (last quarter ≤ ${FLAT} × the second)`,
      `${mib(early)}, then ${mib(late)}, most ${mib(Math.max(...memory))}`,
      late <= early * FLAT,
    );
  } finally {
    await console_.stop();
    await api.stop();
  }
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`;
}
