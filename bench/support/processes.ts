import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** The pids of all descendants of a process whose program's name starts with `program`. */
export function descendants(ancestor: number, program: string): number[] {
  const parents = new Map<number, number>();
  const names = new Map<number, string>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const stat = readProc(pid, 'stat');
    // The name stands in parentheses and may hold spaces; fields are counted from behind it.
    const end = stat.lastIndexOf(')');
    if (end < 0) continue;
    names.set(pid, stat.slice(stat.indexOf('(') + 1, end));
    parents.set(pid, Number(stat.slice(end + 2).split(' ')[1]));
  }
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid); at; at = parents.get(at)) if (at === ancestor) return true;
    return false;
  };
  return [...names].filter(([pid, name]) => name.startsWith(program) && isBelow(pid)).map(([pid]) => pid);
}

/** Proportional set size in bytes: shared pages are divided among those who share them. */
export function pssBytes(pid: number): number {
  return 1024 * Number(/^Pss:\s+(\d+)/m.exec(readProc(pid, 'smaps_rollup'))?.[1] ?? 0);
}

/** User and system time so far, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readProc(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
