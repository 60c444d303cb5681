import type { GuestStats, NicStats } from './guest-stats';
import type { GuestNic, GuestSpec } from './hypervisor';
import type { Machine } from './machine';
import { processUsage } from './process-usage';
import type { PortCounters } from './segments/learning-switch';
import type { AgentStats } from './stats-agent';
import { machineStats } from './stats-qemu';

/** What the switch of a segment has counted for a card. */
type CableOf = (nic: GuestNic) => Promise<PortCounters | undefined>;

/** Everything there is to know of a machine at the moment. Undefined once it has gone. @throws when QEMU does not answer. */
export async function readStats(
  { qmp, pid, exited }: Pick<Machine, 'qmp' | 'pid' | 'exited'>,
  spec: GuestSpec,
  fromAgent: Promise<AgentStats>,
  cableOf: CableOf,
): Promise<GuestStats | undefined> {
  const usage = exited ? undefined : processUsage(pid);
  if (!usage) return undefined;
  const { userSeconds, systemSeconds, memoryBytes } = usage;
  const [machine, agent] = await Promise.all([machineStats(qmp, pid, spec, memoryBytes), fromAgent]);
  const nics = await withCables(agent.nics, spec.nics, cableOf);
  return { cpu: { userSeconds, systemSeconds }, ...machine, ...agent, nics };
}

/**
 * The figures of all cards that somebody knows: of those that the guest's agent says nothing of, what the switch has
 * counted. QEMU's user network counts nothing.
 */
export async function withCables(
  told: readonly NicStats[],
  nics: readonly GuestNic[],
  cableOf: CableOf,
): Promise<NicStats[]> {
  const found = await Promise.all(
    nics.map(async (nic): Promise<NicStats | undefined> => {
      const known = told.find(({ name }) => name === nic.name);
      const counters = known || nic.segment === undefined ? undefined : await cableOf(nic);
      return known ?? (counters && cableStats(nic.name, counters));
    }),
  );
  return found.filter((stats) => stats !== undefined);
}

function cableStats(name: string, counters: PortCounters): NicStats {
  return {
    name,
    receivedBytes: counters.receivedBytes,
    receivedPackets: counters.receivedFrames,
    receiveErrors: 0,
    receiveDrops: 0,
    sentBytes: counters.sentBytes,
    sentPackets: counters.sentFrames,
    sendErrors: 0,
    sendDrops: counters.dropped,
  };
}
