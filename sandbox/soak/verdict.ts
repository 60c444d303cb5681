import type { Entry, Log, Seen } from './observer';

/** What is wrong with one log by itself: events out of order, twice, or about what cannot be. */
export function brokenRules(log: Log): string[] {
  const faults: string[] = [];
  const present = new Map<string, Entry>(log.listed);
  let last = log.from;
  for (const event of log.events) {
    const what = `${event.type} ${event.uid} at ${event.revision}`;
    if (event.revision <= last) faults.push(`${what} comes after ${last}`);
    last = Math.max(last, event.revision);
    if (event.type === 'ADDED' ? present.has(event.uid) : !present.has(event.uid)) {
      faults.push(`${what}, which was ${event.type === 'ADDED' ? 'there already' : 'not there'}`);
    }
    applyTo(present, event);
  }
  return faults;
}

/** Uid to revision of everything that is there at a revision, by list and events. */
export function stateAt(log: Log, revision: number): Map<string, Entry> {
  const present = new Map(log.listed);
  for (const event of log.events) {
    if (event.revision > revision) break;
    applyTo(present, event);
  }
  return present;
}

/**
 * Where the log of one observer differs from that of another, over the revisions that both cover. With `selects` the
 * second sees only what it selects, as ADDED when it enters the selection and as DELETED when it leaves.
 */
export function differences(whole: Log, part: Log, selects?: (labels: Entry['labels']) => boolean): string[] {
  const until = Math.min(lastOf(whole), lastOf(part));
  const from = Math.max(whole.from, part.from);
  const within = ({ revision }: Seen) => revision > from && revision <= until;
  const expected = (selects ? selected(whole, from, selects) : whole.events).filter(within).map(textOf);
  const found = part.events.filter(within).map(textOf);
  for (let at = 0; at < Math.max(expected.length, found.length); at += 1) {
    if (expected[at] === found[at]) continue;
    return [
      `at ${at} of ${expected.length}: ${found[at] ?? 'nothing'} instead of ${expected[at] ?? 'nothing'}`,
    ];
  }
  return [];
}

/** Where a list differs from what list and watch add up to at its revision. */
export function listDifferences(log: Log, listed: ReadonlyMap<string, number>, revision: number): string[] {
  if (revision < log.from || revision > lastOf(log)) return [];
  return stateDifferences(log, listed, revision);
}

/** The same for a revision up to which the log is held to be complete. */
export function stateDifferences(log: Log, listed: ReadonlyMap<string, number>, revision: number): string[] {
  const known = stateAt(log, revision);
  const faults: string[] = [];
  for (const [uid, entry] of known) {
    const shown = listed.get(uid);
    if (shown !== entry.revision) faults.push(`${uid} is listed at ${shown}, watched at ${entry.revision}`);
  }
  for (const uid of listed.keys()) if (!known.has(uid)) faults.push(`${uid} is listed and was never watched`);
  return faults;
}

function selected(log: Log, from: number, selects: (labels: Entry['labels']) => boolean): Seen[] {
  const present = stateAt(log, from);
  const found: Seen[] = [];
  for (const event of log.events) {
    if (event.revision <= from) continue;
    const before = present.get(event.uid);
    const was = before !== undefined && selects(before.labels);
    const is = event.type !== 'DELETED' && selects(event.labels);
    if (is) found.push({ ...event, type: was ? 'MODIFIED' : 'ADDED' });
    else if (was) found.push({ ...event, type: 'DELETED' });
    applyTo(present, event);
  }
  return found;
}

function applyTo(present: Map<string, Entry>, { type, uid, revision, labels }: Seen): void {
  if (type === 'DELETED') present.delete(uid);
  else present.set(uid, { revision, labels });
}

function lastOf(log: Log): number {
  return log.events.at(-1)?.revision ?? log.from;
}

function textOf({ type, uid, revision }: Seen): string {
  return `${type} ${uid} at ${revision}`;
}

/** What may be compiled, parsed and cached for the first time in the later rounds. A real leak is a multiple of it. */
const FIRST_USE_BYTES = 64 * 2 ** 20;
/** What lives when everything was used once. A slow machine may not have come so far in the earlier rounds. */
const WARM_BYTES = 128 * 2 ** 20;

/**
 * Whether memory stays where it is: the later half of the rounds against the earlier one, the first round aside. Each
 * round ends with the same objects, so what is more was never let go.
 */
export function isFlat(heapBytes: readonly number[]): boolean {
  const [, ...rounds] = heapBytes;
  const half = Math.floor(rounds.length / 2);
  if (half === 0) return false;
  const before = Math.max(WARM_BYTES, average(rounds.slice(0, half)));
  return average(rounds.slice(-half)) <= before + FIRST_USE_BYTES;
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
