import { readFileSync } from 'node:fs';

/** What Linux counts processor time in for programs, on every architecture that guests run on: 1/100 s. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
/** Places in /proc/PID/stat after the name, see proc(5): utime 14, stime 15, rss 24; state is 3. */
const UTIME = 14 - 3;
const STIME = 15 - 3;
const RSS = 24 - 3;

/** What a process has taken so far. */
export interface ProcessUsage {
  cpuSeconds: number;
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

/** Reads the line of /proc/PID/stat. Names may hold blanks and parentheses, so what counts begins after the last one. */
export function parseStat(line: string): ProcessUsage {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const number = (place: number) => Number(fields[place] ?? 0);
  return {
    cpuSeconds: (number(UTIME) + number(STIME)) / TICKS_PER_SECOND,
    memoryBytes: number(RSS) * PAGE_BYTES,
  };
}
