import type { GuestStats } from './guest-stats';
import type { GuestSpec } from './hypervisor';
import type { Machine } from './machine';
import { processUsage } from './process-usage';
import type { AgentStats } from './stats-agent';
import { machineStats } from './stats-qemu';

/** Everything there is to know of a machine at the moment. Undefined once it has gone. @throws when QEMU does not answer. */
export async function readStats(
  { qmp, pid, exited }: Pick<Machine, 'qmp' | 'pid' | 'exited'>,
  spec: GuestSpec,
  fromAgent: Promise<AgentStats>,
): Promise<GuestStats | undefined> {
  const usage = exited ? undefined : processUsage(pid);
  if (!usage) return undefined;
  const { userSeconds, systemSeconds, memoryBytes } = usage;
  const [machine, agent] = await Promise.all([machineStats(qmp, pid, spec, memoryBytes), fromAgent]);
  return { cpu: { userSeconds, systemSeconds }, ...machine, ...agent };
}
