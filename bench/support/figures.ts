import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { BENCH_SEED } from './api-process';

/** The value below which that share of the others lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** `median (least to most)`, with a unit. */
export function spread(values: readonly number[], unit = '', digits = 1): string {
  const print = (value: number) => value.toFixed(digits);
  const ends = `${print(Math.min(...values))} to ${print(Math.max(...values))}`;
  return `${print(median(values))}${unit} (${ends})`;
}

/** p50, p99 and the worst of latencies in milliseconds. */
export function latency(values: readonly number[]): string {
  const at = (share: number) => quantile(values, share).toFixed(1);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, most ${Math.max(...values).toFixed(1)} ms (n ${values.length})`;
}

/** The machine and what runs on it at this moment; stands before each round. */
export function surroundings(): string {
  const [one = 0, five = 0] = loadavg();
  return `load ${one.toFixed(1)} ${five.toFixed(1)}`;
}

export function describeMachine(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const commit = `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') ? ' with changes' : ''}`;
  const model = cpus()[0]?.model.trim() ?? '';
  return `${cpus().length} × ${model}, Node ${process.version}, commit ${commit}, seed ${BENCH_SEED}, ${surroundings()}`;
}

/** One line of the table at the end. `void` when a gate failed, so that the number says nothing. */
export interface Goal {
  goal: string;
  measured: string;
  reached: boolean | 'skipped';
}

// Every measurement is a bundle of its own with its own copy of this module.
const KEY = Symbol.for('portlight.bench.goals');

/** Enters a goal into the table that `npm run bench` prints at its end. */
export function enterGoal(goal: string, measured: string, reached: Goal['reached']): void {
  const store = globalThis as Record<symbol, unknown>;
  store[KEY] = [...((store[KEY] as Goal[] | undefined) ?? []), { goal, measured, reached }];
  const word = reached === 'skipped' ? 'skipped' : reached ? 'reached' : 'NOT reached';
  console.log(`  → ${goal}: ${measured}: ${word}`);
}

/** Ends a measurement whose figures would be of something else. */
export function gate(holds: boolean, what: string): void {
  if (!holds) throw new Error(`The figures are void: ${what}`);
}
