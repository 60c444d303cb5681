import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { smallVm, VMS } from '@/e2e/manifests/vm';
import { Cluster } from '@/e2e/support/cluster';
import { launchConsole } from '@/e2e/support/launch';
import { cpuSeconds, descendants, pssBytes } from './support/processes';

const VMS_IN_ALL = 20;
const SETTLE_MS = 15_000;
const IDLE_MS = 30_000;
const ROUNDS = 30;
const MIB = 1024 ** 2;

/**
 * Twenty running guests on this machine: what each costs, and how quick the console stays. The page's time is given
 * as a ratio to the same server's cheapest answer (`/healthz`) in the same run.
 */
export async function measure(): Promise<void> {
  const directory = path.resolve('.cache/bench/sandbox');
  rmSync(directory, { recursive: true, force: true });
  const { url, kubeconfig, process: starter, stop } = await launchConsole(directory);
  try {
    const cluster = new Cluster(kubeconfig);
    await cluster.create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'bench' },
    });
    const before = await quickness(url);
    const seeded = (await agents(cluster)).length;
    const started = Date.now();
    for (let i = seeded; i < VMS_IN_ALL; i += 1) {
      await cluster.create(VMS('bench'), smallVm('bench', `vm-${String(i).padStart(2, '0')}`));
    }
    await until(
      `${VMS_IN_ALL} guest agents answer`,
      async () => (await agents(cluster)).length >= VMS_IN_ALL,
    );
    console.log(`${VMS_IN_ALL - seeded} more guests to ${VMS_IN_ALL}: ${seconds(Date.now() - started)}`);
    await sleep(SETTLE_MS);

    const guests = descendants(starter.pid ?? 0, 'qemu-system');
    const memory = guests.map(pssBytes);
    const cpu = guests.map(cpuSeconds);
    await sleep(IDLE_MS);
    const idle = guests.map((pid, i) => ((cpuSeconds(pid) - (cpu[i] ?? 0)) / (IDLE_MS / 1000)) * 100);
    console.log(`guests: ${guests.length}`);
    console.log(
      `memory per guest (PSS): median ${mib(median(memory))}, most ${mib(Math.max(...memory))}, all ${mib(total(memory))}`,
    );
    console.log(
      `idle CPU per guest: median ${median(idle).toFixed(2)} % of a core, most ${Math.max(...idle).toFixed(2)} %, all ${total(idle).toFixed(1)} %`,
    );
    const after = await quickness(url);
    console.log(
      `VM list page, few guests:   ${before.page.toFixed(1)} ms, ${(before.page / before.floor).toFixed(1)} × /healthz`,
    );
    console.log(
      `VM list page, ${VMS_IN_ALL} guests: ${after.page.toFixed(1)} ms, ${(after.page / after.floor).toFixed(1)} × /healthz`,
    );
  } finally {
    await stop();
  }
}

async function agents(cluster: Cluster): Promise<string[]> {
  const items = await cluster.list<{
    metadata: { name: string };
    status?: { conditions?: { type: string }[] };
  }>('/apis/kubevirt.io/v1/virtualmachineinstances');
  return items
    .filter(({ status }) => status?.conditions?.some(({ type }) => type === 'AgentConnected'))
    .map(({ metadata }) => metadata.name);
}

/** Median times, in ms, of the VM list's HTML and of the cheapest answer. */
async function quickness(url: string): Promise<{ page: number; floor: number }> {
  const time = async (address: string) => {
    const took: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      const from = performance.now();
      await (await fetch(address)).text();
      took.push(performance.now() - from);
    }
    return median(took);
  };
  await time(`${url}/c/sandbox/vms`);
  return { page: await time(`${url}/c/sandbox/vms`), floor: await time(`${url}/healthz`) };
}

async function until(what: string, condition: () => Promise<boolean | undefined>): Promise<void> {
  const deadline = Date.now() + 600_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not come true: ${what}`);
    await sleep(250);
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
const mib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
