import { setTimeout as delay } from 'node:timers/promises';
import type { AgentClient } from './agent-client';
import { list, number, record, text } from './answers';
import { MEMORY_ADDRESS } from './device-slots';
import type { GuestSpec } from './hypervisor';
import type { QmpClient } from './qmp';

/** vCPUs and memory that join a running machine, up to what it was made for (`maxVcpus`, `maxMemoryMiB`). */

const MIB = 2 ** 20;
const MEMORY = 'memory';
const BACKEND = 'grown';
/** A guest takes memory in block by block, and a busy one takes its time. */
const TAKE_MS = 30_000;
const LOOK_MS = 50;

/** Plugs in what a machine has grown by, for another that is made like it. It must not have run yet. */
export async function plugGrowth(qmp: QmpClient, spec: GuestSpec): Promise<void> {
  await plugVcpus(qmp, spec);
  if (spec.controllers?.includes('memory')) await plugMemory(qmp, spec, spec.memoryMiB);
}

/**
 * Gives a running machine more vCPUs; the guest has yet to bring them online. Edits `spec`.
 * @throws when the machine was not made for as many, or has more already.
 */
export async function setVcpus(qmp: QmpClient, spec: GuestSpec, vcpus: number): Promise<void> {
  if (vcpus < spec.vcpus) throw new Error(`${spec.name} keeps its ${spec.vcpus} CPUs until its next start.`);
  await plugVcpus(qmp, { ...spec, vcpus });
  spec.vcpus = vcpus;
}

/** Has the guest's agent bring online what does not run yet. @throws what the agent says. */
export async function bringOnline(agent: AgentClient, vcpus: number): Promise<void> {
  const deadline = Date.now() + TAKE_MS;
  for (;;) {
    const known = list(await agent.request('guest-get-vcpus'));
    const offline = known.filter(({ online }) => online !== true);
    if (offline.length > 0) {
      const wanted = offline.map((vcpu) => ({ 'logical-id': vcpu['logical-id'], online: true }));
      await agent.request('guest-set-vcpus', { vcpus: wanted }, TAKE_MS);
    }
    if (known.length >= vcpus || Date.now() > deadline) return;
    await delay(LOOK_MS);
  }
}

/**
 * Makes a running machine's memory larger, or smaller again, and waits until the guest has taken it. Edits `spec`.
 * @throws when the machine was not made for as much, or the guest does not take it.
 */
export async function setMemory(qmp: QmpClient, spec: GuestSpec, memoryMiB: number): Promise<void> {
  const base = await baseMemory(qmp);
  if (memoryMiB * MIB < base) throw new Error(`${spec.name} keeps the memory that it started with.`);
  if (memoryMiB > (spec.maxMemoryMiB ?? 0)) {
    throw new Error(`${spec.name} was not started for ${memoryMiB} MiB of memory.`);
  }
  if (spec.controllers?.includes('memory')) {
    await qmp.execute('qom-set', {
      path: `/machine/peripheral/${MEMORY}`,
      property: 'requested-size',
      value: memoryMiB * MIB - base,
    });
  } else {
    await plugMemory(qmp, spec, memoryMiB);
    spec.controllers = [...(spec.controllers ?? []), 'memory'];
  }
  spec.memoryMiB = memoryMiB;
  const deadline = Date.now() + TAKE_MS;
  while ((await pluggedMemory(qmp)) !== memoryMiB * MIB - base) {
    if (Date.now() > deadline) throw new Error(`The guest of ${spec.name} does not take its new memory.`);
    await delay(LOOK_MS);
  }
}

async function plugVcpus(qmp: QmpClient, { vcpus, name }: GuestSpec): Promise<void> {
  const places = list(await qmp.execute('query-hotpluggable-cpus')).sort(
    (one, other) => place(one) - place(other),
  );
  const present = places.filter((entry) => entry['qom-path'] !== undefined).length;
  const free = places.filter((entry) => entry['qom-path'] === undefined);
  if (vcpus > present + free.length) throw new Error(`${name} was not started for ${vcpus} CPUs.`);
  for (const entry of free.slice(0, Math.max(0, vcpus - present))) {
    const id = `vcpu${place(entry)}`;
    await qmp.execute('device_add', { driver: text(entry.type), id, ...record(entry.props) });
  }
}

/** CPUs are sockets of one core: see `-smp` in qemu-command.ts. */
function place(entry: Record<string, unknown>): number {
  return number(record(entry.props)['socket-id']);
}

async function plugMemory(qmp: QmpClient, spec: GuestSpec, memoryMiB: number): Promise<void> {
  const base = await baseMemory(qmp);
  const size = (spec.maxMemoryMiB ?? 0) * MIB - base;
  await qmp.execute('object-add', {
    'qom-type': 'memory-backend-ram',
    id: BACKEND,
    size,
    reserve: false,
  });
  await qmp.execute('device_add', {
    driver: 'virtio-mem-pci',
    id: MEMORY,
    memdev: BACKEND,
    bus: 'pci.0',
    addr: MEMORY_ADDRESS,
    'requested-size': memoryMiB * MIB - base,
  });
}

async function baseMemory(qmp: QmpClient): Promise<number> {
  return number(record(await qmp.execute('query-memory-size-summary'))['base-memory']);
}

async function pluggedMemory(qmp: QmpClient): Promise<number> {
  const [device] = list(await qmp.execute('query-memory-devices'));
  return number(record(device?.data).size);
}
