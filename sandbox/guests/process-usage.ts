import { readFileSync } from 'node:fs';

/** What Linux counts processor time in for programs, on every architecture that guests run on: 1/100 s. */
const TICKS_PER_SECOND = 100;
const NANOS_PER_SECOND = 1e9;
const PAGE_BYTES = 4096;
/** Places in /proc/PID/stat after the name, see proc(5): utime 14, stime 15, rss 24, delayacct_blkio_ticks 42; state is 3. */
const UTIME = 14 - 3;
const STIME = 15 - 3;
const RSS = 24 - 3;
const BLOCK_DELAY = 42 - 3;

/** What a process has taken so far. */
export interface ProcessUsage {
  /** User and system time together. */
  cpuSeconds: number;
  userSeconds: number;
  systemSeconds: number;
  /** Resident. */
  memoryBytes: number;
}

/** Undefined when there is no such process (any more). */
export function processUsage(pid: number): ProcessUsage | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** What one thread of a process has taken so far, in seconds: it ran, it was ready and had to wait, it waited for a disk. */
export interface ThreadUsage {
  runSeconds: number;
  delaySeconds: number;
  waitSeconds: number;
}

/** Undefined when there is no such thread (any more). */
export function threadUsage(pid: number, thread: number): ThreadUsage | undefined {
  try {
    const directory = `/proc/${pid}/task/${thread}`;
    const fields = fieldsOf(readFileSync(`${directory}/stat`, 'latin1'));
    // "ran waited turns", in ns. Kernels without the file know how long it ran, by the tick.
    const [ran, waited] = schedule(`${directory}/schedstat`);
    const ticks = numberAt(fields, UTIME) + numberAt(fields, STIME);
    return {
      runSeconds: ran === undefined ? ticks / TICKS_PER_SECOND : ran / NANOS_PER_SECOND,
      delaySeconds: (waited ?? 0) / NANOS_PER_SECOND,
      waitSeconds: numberAt(fields, BLOCK_DELAY) / TICKS_PER_SECOND,
    };
  } catch {
    return undefined;
  }
}

/** Reads the line of /proc/PID/stat. */
export function parseStat(line: string): ProcessUsage {
  const fields = fieldsOf(line);
  const userTicks = numberAt(fields, UTIME);
  const systemTicks = numberAt(fields, STIME);
  return {
    cpuSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND,
    userSeconds: userTicks / TICKS_PER_SECOND,
    systemSeconds: systemTicks / TICKS_PER_SECOND,
    memoryBytes: numberAt(fields, RSS) * PAGE_BYTES,
  };
}

/** Names may hold blanks and parentheses, so what counts begins after the last one. */
function fieldsOf(line: string): string[] {
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}

function numberAt(fields: readonly string[], place: number): number {
  return Number(fields[place] ?? 0);
}

function schedule(file: string): number[] {
  try {
    return readFileSync(file, 'latin1').trim().split(' ').map(Number);
  } catch {
    return [];
  }
}
