import { CLUSTER, startApi } from './support/api-process';
import { startConsole, untilSynced } from './support/console-process';
import { describeMachine, enterGoal, median, quantile, spread, surroundings } from './support/figures';
import { startKubectlProxy } from './support/kubectl-proxy';
import { type LoadResult, type LoadTarget, loadFor } from './support/load-client';
import { cpuSeconds } from './support/processes';

const VMS = Number(process.env.PORTLIGHT_BENCH_VMS ?? 10_000);
const ROUNDS = Number(process.env.PORTLIGHT_BENCH_ROUNDS ?? 5);
const WARM_MS = 500;
const MB = 1e6;
const LIST = '/apis/kubevirt.io/v1/virtualmachines';

const METRICS = [
  { name: 'bulk LIST', path: LIST, connections: 2, ms: 4_000, unit: 'MB/s', least: 1 },
  { name: 'limit=50', path: `${LIST}?limit=50`, connections: 8, ms: 1_500, unit: 'answers/s', least: 1.5 },
  { name: 'small GET', path: '/version', connections: 8, ms: 1_500, unit: 'answers/s', least: 3 },
] as const;

/** What the console's proxy carries, against `kubectl proxy` and the API itself, the same bytes in the same run. */
export async function measure(): Promise<void> {
  console.log(describeMachine());
  const api = await startApi({ vms: VMS });
  const [console_, proxy] = [await startConsole(api.kubeconfig), await startKubectlProxy(api.kubeconfig)];
  try {
    await untilSynced(console_.url, VMS);
    const authorization = `Bearer ${api.users[0]?.token}`;
    const arms = {
      console: { url: `${console_.url}/api/k8s/${CLUSTER}`, pid: console_.pid },
      kubectl: { url: proxy.url, pid: proxy.pid },
      direct: { url: api.url, pid: api.pid, headers: { authorization }, ca: api.ca },
    };
    for (const { name, path, connections, ms, unit, least } of METRICS) {
      const rates = { console: [] as number[], kubectl: [] as number[], direct: [] as number[] };
      for (let round = 1; round <= ROUNDS; round += 1) {
        const said: string[] = [];
        for (const [arm, { pid, ...target }] of Object.entries(arms)) {
          const asked = { ...target, path } as LoadTarget;
          await loadFor(asked, connections, WARM_MS);
          const cpu = cpuSeconds(pid);
          const result = await loadFor(asked, connections, ms);
          const rate = rateOf(result, unit);
          rates[arm as keyof typeof rates].push(rate);
          const spent =
            (cpuSeconds(pid) - cpu) / (unit === 'MB/s' ? result.bytes / 1e9 : result.answers / 1e3);
          said.push(
            `${arm} ${rate.toFixed(0)} (p99 ${quantile(result.waits, 0.99).toFixed(1)} ms, ${spent.toFixed(2)} CPU s per ${unit === 'MB/s' ? 'GB' : '1,000'})`,
          );
        }
        console.log(`${name}, ${unit}, round ${round} (${surroundings()}): ${said.join('; ')}`);
      }
      const ratios = rates.console.map((rate, round) => rate / (rates.kubectl[round] ?? Number.NaN));
      enterGoal(
        `proxied ${name} ≥ ${least} × kubectl proxy`,
        `${spread(ratios, ' ×', 2)}; ${median(rates.console).toFixed(0)} against ${median(rates.kubectl).toFixed(0)} ${unit}, direct ${median(rates.direct).toFixed(0)}`,
        median(ratios) >= least,
      );
    }
  } finally {
    await proxy.stop();
    await console_.stop();
    await api.stop();
  }
}

function rateOf({ bytes, answers, seconds }: LoadResult, unit: 'MB/s' | 'answers/s'): number {
  return (unit === 'MB/s' ? bytes / MB : answers) / seconds;
}
