import type { AgentClient } from './agent-client';
import { fileSystemFacts } from './agent-facts';
import { list, number, record } from './answers';
import type { FileSystemStats, GuestStats, NicStats } from './guest-stats';
import type { GuestSpec } from './hypervisor';

/** What only the guest itself knows; as old as the agent's last answer. */
export type AgentStats = Pick<GuestStats, 'nics' | 'fileSystems' | 'load'>;

/** The agent is asked again when its last answer is older. Each question costs an emulated guest some milliseconds. */
const FRESH_MS = 10_000;
/** How long somebody who wants figures waits for it; the answer that comes later is for the next one. */
const PATIENCE_MS = 1500;
const ANSWER_MS = 5000;
const LOAD_FILE = '/proc/loadavg';

/** Keeps what the agent of one guest said last, and asks only when somebody wants to know. */
export class AgentMeter {
  #known: AgentStats = { nics: [] };
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  /** What the agent says now, or said last when it is slow, absent or frozen. */
  async read(agent: AgentClient | undefined, spec: GuestSpec): Promise<AgentStats> {
    if (!agent) return this.#known;
    if (!this.#asking && performance.now() - this.#askedAt >= FRESH_MS) {
      this.#askedAt = performance.now();
      this.#asking = this.#ask(agent, spec).finally(() => {
        this.#asking = undefined;
      });
    }
    if (this.#asking) await within(this.#asking, PATIENCE_MS);
    return this.#known;
  }

  /** The guest begins anew: its counters do as well. */
  reset(): void {
    this.#known = { nics: [] };
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  async #ask(agent: AgentClient, spec: GuestSpec): Promise<void> {
    try {
      const interfaces = await agent.request('guest-network-get-interfaces', {}, ANSWER_MS);
      const fileSystems = await agent.request('guest-get-fsinfo', {}, ANSWER_MS);
      const load = loadStats(await readLoad(agent).catch(() => ''));
      this.#known = {
        nics: nicStats(interfaces, spec.nics),
        fileSystems: fileSystemStats(fileSystems),
        ...(load ? { load } : {}),
      };
    } catch {
      // The guest is busy or went: what it said last stands until it answers.
    }
  }
}

/** guest-network-get-interfaces' statistics, for the cards of a spec, which are told by their addresses. */
export function nicStats(answer: unknown, nics: GuestSpec['nics']): NicStats[] {
  // A bridge in the guest has its card's address, and comes after it.
  const byMac = new Map(
    list(answer)
      .reverse()
      .map((entry) => [String(entry['hardware-address']).toLowerCase(), record(entry.statistics)]),
  );
  return nics.flatMap(({ name, mac }) => {
    const stats = byMac.get(mac.toLowerCase());
    if (!stats || Object.keys(stats).length === 0) return [];
    return [
      {
        name,
        receivedBytes: number(stats['rx-bytes']),
        receivedPackets: number(stats['rx-packets']),
        receiveErrors: number(stats['rx-errs']),
        receiveDrops: number(stats['rx-dropped']),
        sentBytes: number(stats['tx-bytes']),
        sentPackets: number(stats['tx-packets']),
        sendErrors: number(stats['tx-errs']),
        sendDrops: number(stats['tx-dropped']),
      },
    ];
  });
}

/** Of guest-get-fsinfo those whose size the agent could tell. */
export function fileSystemStats(answer: unknown): FileSystemStats[] {
  return fileSystemFacts(answer)
    .filter(({ totalBytes }) => totalBytes > 0)
    .map(({ diskName, mountPoint, fileSystemType, usedBytes, totalBytes }) => ({
      ...{ diskName, mountPoint, usedBytes, totalBytes },
      type: fileSystemType,
    }));
}

/** The first three figures of /proc/loadavg. */
export function loadStats(text: string): GuestStats['load'] {
  const [one, five, fifteen] = text.split(' ').map(Number.parseFloat);
  if (one === undefined || five === undefined || fifteen === undefined) return undefined;
  return [one, five, fifteen].every(Number.isFinite) ? { one, five, fifteen } : undefined;
}

/** guest-get-load came with agent 10: of older ones the file itself can be asked. @throws where there is none. */
async function readLoad(agent: AgentClient): Promise<string> {
  const handle = await agent.request('guest-file-open', { path: LOAD_FILE, mode: 'r' }, ANSWER_MS);
  try {
    const read = record(await agent.request('guest-file-read', { handle, count: 64 }, ANSWER_MS));
    return Buffer.from(String(read['buf-b64']), 'base64').toString('latin1');
  } finally {
    await agent.request('guest-file-close', { handle }, ANSWER_MS);
  }
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
