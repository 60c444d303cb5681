import { setTimeout as sleep } from 'node:timers/promises';
import { describeMachine, median, surroundings } from './support/figures';
import { cpuSeconds, descendants, pssBytes } from './support/processes';
import { type SandboxProcess, startSandbox } from './support/sandbox-process';

const GUESTS = 20;
/** So many of them have a second disk, on a claim, and a second card, in a network of their own. */
const LARGER = 10;
const NS = 'bench';
const INSTANCES = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachineinstances`;
const MIB = 2 ** 20;
const SETTLE_MS = 20_000;
const IDLE_MS = 60_000;
const SCRAPES = 5;
/** What was measured for somebody is good for five seconds. */
const BETWEEN_SCRAPES_MS = 5500;
const DEADLINE_MS = 480_000;

interface Instance {
  metadata: { name: string };
  status?: { phase?: string; conditions?: { type: string; status: string }[] };
}

/** When, in ms since all were asked for, an instance was Running and its agent answered. */
interface Started {
  running?: number;
  up?: number;
}

/**
 * Twenty guests at once, ten of them with two disks and two networks: how long they take to come up, what they hold of
 * the memory, what they and the sandbox take of the processor when nobody uses them, and what a scrape of all costs.
 */
export async function measure(): Promise<void> {
  process.env.PORTLIGHT_SANDBOX_REGISTRIES = 'loopback';
  console.log(describeMachine());
  const sandbox = await startSandbox('twenty-guests', ['--empty']);
  try {
    await prepare(sandbox);
    const times = await startAll(sandbox);
    report(
      'Running',
      times.map(({ running = Number.NaN }) => running),
    );
    report(
      'up, its agent answers',
      times.map(({ up = Number.NaN }) => up),
    );
    await sleep(SETTLE_MS);
    const guests = descendants(sandbox.pid, 'qemu-system');
    console.log(`QEMU processes: ${guests.length} (${surroundings()})`);
    const memory = guests.map(pssBytes);
    const own = pssBytes(sandbox.pid);
    console.log(
      `memory (PSS): median ${mib(median(memory))} a guest, most ${mib(Math.max(...memory))}, all guests ${mib(sum(memory))}, the sandbox ${mib(own)}, together ${mib(sum(memory) + own)}`,
    );
    const before = [sandbox.pid, ...guests].map(cpuSeconds);
    await sleep(IDLE_MS);
    const [idle = 0, ...idleGuests] = [sandbox.pid, ...guests].map(
      (pid, index) => ((cpuSeconds(pid) - (before[index] ?? 0)) / (IDLE_MS / 1000)) * 100,
    );
    console.log(
      `idle over ${IDLE_MS / 1000} s, in % of a core: median ${median(idleGuests).toFixed(2)} a guest, most ${Math.max(...idleGuests).toFixed(2)}, all guests ${sum(idleGuests).toFixed(1)}, the sandbox ${idle.toFixed(1)} (${surroundings()})`,
    );
    await scrape(sandbox, guests);
  } finally {
    await sandbox.stop();
  }
}

async function prepare(sandbox: SandboxProcess): Promise<void> {
  await create(sandbox, '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NS },
  });
  const group = 'k8s.cni.cncf.io/v1';
  await create(sandbox, `/apis/${group}/namespaces/${NS}/network-attachment-definitions`, {
    apiVersion: group,
    kind: 'NetworkAttachmentDefinition',
    metadata: { name: 'lan' },
    spec: { config: JSON.stringify({ cniVersion: '0.3.1', name: 'lan', type: 'bridge', bridge: 'br1' }) },
  });
  for (const name of names().slice(0, LARGER)) {
    await create(sandbox, `/api/v1/namespaces/${NS}/persistentvolumeclaims`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: {
        accessModes: ['ReadWriteOnce'],
        volumeMode: 'Block',
        resources: { requests: { storage: '256Mi' } },
      },
    });
  }
}

/** Asks for all machines at once and waits until the last one is up. */
async function startAll(sandbox: SandboxProcess): Promise<Started[]> {
  const times = new Map<string, Started>(names().map((name) => [name, {}]));
  const from = performance.now();
  const stop = sandbox.watch(`${INSTANCES}?watch=true`, (line) => {
    if (!line) return;
    const { object }: { object: Instance } = JSON.parse(line);
    const started = times.get(object.metadata.name);
    if (!started) return;
    const at = performance.now() - from;
    if (object.status?.phase === 'Running') started.running ??= at;
    const connected = object.status?.conditions?.some(
      ({ type, status }) => type === 'AgentConnected' && status === 'True',
    );
    if (connected) started.up ??= at;
  });
  try {
    const where = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines`;
    for (const [index, name] of names().entries())
      await create(sandbox, where, machine(name, index < LARGER));
    const deadline = performance.now() + DEADLINE_MS;
    while ([...times.values()].some(({ up }) => up === undefined)) {
      if (performance.now() > deadline) throw new Error(`Not all came up: ${JSON.stringify([...times])}`);
      await sleep(100);
    }
    return [...times.values()];
  } finally {
    stop();
  }
}

/** What it costs to ask all guests for all their figures. */
async function scrape(sandbox: SandboxProcess, guests: readonly number[]): Promise<void> {
  const all = [sandbox.pid, ...guests];
  const taken: number[] = [];
  const before = sum(all.map(cpuSeconds));
  let bytes = 0;
  for (let round = 0; round < SCRAPES; round += 1) {
    await sleep(BETWEEN_SCRAPES_MS);
    const timed = await sandbox.time('/metrics');
    taken.push(timed.totalMs);
    bytes = timed.bytes;
  }
  const each = (sum(all.map(cpuSeconds)) - before) / SCRAPES;
  console.log(
    `/metrics: ${Math.round(bytes / 1024)} KiB in ${Math.round(median(taken))} ms (most ${Math.round(Math.max(...taken))}), ${each.toFixed(2)} s of CPU in ${BETWEEN_SCRAPES_MS / 1000} s, guests and idling included (${surroundings()})`,
  );
}

function machine(name: string, larger: boolean): object {
  const disk = (disk: string) => ({ name: disk, disk: { bus: 'virtio' } });
  const userData = '#cloud-config\npassword: fedora\nchpasswd: { expire: false }\n';
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name },
    spec: {
      runStrategy: 'Always',
      template: {
        spec: {
          domain: {
            devices: {
              disks: [disk('root'), disk('cloudinit'), ...(larger ? [disk('data')] : [])],
              interfaces: [
                { name: 'default', masquerade: {} },
                ...(larger ? [{ name: 'lan', bridge: {} }] : []),
              ],
            },
            memory: { guest: '256Mi' },
          },
          networks: [
            { name: 'default', pod: {} },
            ...(larger ? [{ name: 'lan', multus: { networkName: 'lan' } }] : []),
          ],
          volumes: [
            { name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:latest' } },
            { name: 'cloudinit', cloudInitNoCloud: { userData } },
            ...(larger ? [{ name: 'data', persistentVolumeClaim: { claimName: name } }] : []),
          ],
        },
      },
    },
  };
}

async function create(sandbox: SandboxProcess, where: string, body: object): Promise<void> {
  const { status, text } = await sandbox.read('POST', where, body);
  if (status !== 201) throw new Error(`${where}: ${status} ${text}`);
}

const names = () => [...Array(GUESTS).keys()].map((index) => `vm-${String(index).padStart(2, '0')}`);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;

function report(what: string, ms: readonly number[]): void {
  const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`;
  const order = ms.toSorted((one, other) => one - other);
  console.log(
    `${what}: first ${seconds(order[0] ?? Number.NaN)}, median ${seconds(median(ms))}, last of ${ms.length} ${seconds(Math.max(...ms))} (${surroundings()})`,
  );
}
