import { type GuestSystem, SIZES, type Size, SYSTEMS } from './catalogue';
import { Random } from './random';
import { ADJECTIVES, APPS, DESCRIPTIONS, NOUNS, PEOPLE, PLACES, ROLES, TEAMS } from './words';

const DAY_MS = 86_400_000;
/** The oldest machine of a generated cluster. */
export const ESTATE_AGE_MS = 365 * DAY_MS;
/** A namespace has as many machines as one over its rank to this power says. */
const SKEW = 0.85;

export type MachineState =
  | 'running'
  | 'stopped'
  | 'paused'
  | 'migrating'
  | 'unschedulable'
  | 'image-missing'
  | 'crash-loop'
  | 'starting';

/** One in five is off; of the others almost all run. */
const STATES: readonly (readonly [MachineState, number])[] = [
  ['running', 7800],
  ['stopped', 2000],
  ['paused', 80],
  ['migrating', 20],
  ['unschedulable', 40],
  ['image-missing', 20],
  ['crash-loop', 30],
  ['starting', 10],
];

/** Who makes VMs, as metadata.managedFields tells. */
const MANAGERS: readonly (readonly [string, number])[] = [
  ['kubectl-client-side-apply', 25],
  ['Mozilla', 22],
  ['Terraform', 18],
  ['argocd-controller', 15],
  ['kubectl-create', 12],
  ['ansible', 8],
];

export type Storage = 'container-disk' | 'data-volume' | 'claim';

/** Everything that is decided about a machine; the rest follows. */
export interface MachinePlan {
  index: number;
  name: string;
  namespace: string;
  state: MachineState;
  system: GuestSystem;
  size: Size;
  storage: Storage;
  rootGi: number;
  /** A further claim, in GiB. */
  dataGi: number | undefined;
  runStrategy: 'Always' | 'RerunOnFailure' | 'Manual' | 'Halted';
  /** The machine names an instance type instead of its size, where the cluster has one that fits. */
  byInstancetype: boolean;
  labels: Record<string, string>;
  description: string | undefined;
  manager: string;
  /** Milliseconds since 1970. */
  bornMs: number;
  startedMs: number;
}

/** Draws machines one after the other; the same seed gives the same ones in the same order. */
export class Planner {
  private readonly taken = new Set<string>();
  private drawn = 0;

  /** `nowMs` is what ages are counted back from. */
  constructor(
    private readonly seed: number,
    private readonly nowMs: number,
  ) {}

  /** The next machine; `fresh` ones were made just now and are to be started by the cluster itself. */
  next({ fresh = false } = {}): MachinePlan {
    const index = this.drawn;
    this.drawn += 1;
    const random = new Random(this.seed, index);
    const namespace = random.weighted(NAMESPACE_WEIGHTS);
    const app = random.pick(APPS);
    const role = random.pick(ROLES);
    const state = fresh ? 'starting' : random.weighted(STATES);
    const system = random.weighted(SYSTEMS);
    const bornMs = fresh ? this.nowMs : birthday(random, this.nowMs);
    const storage = random.weighted<Storage>([
      ['data-volume', system.windows ? 70 : 45],
      ['claim', 20],
      ['container-disk', system.windows ? 0 : 35],
    ]);
    const size = random.weighted(SIZES);
    return {
      index,
      name: this.free(namespace, nameOf(random, app, role)),
      namespace,
      state,
      system,
      size: system.windows && size.memoryGi < 4 ? { cpus: 2, memoryGi: 4 } : size,
      storage,
      rootGi: random.pick(system.windows ? [60, 80, 100, 128] : [10, 20, 30, 40, 50]),
      dataGi: random.chance(0.18) ? random.pick([20, 50, 100, 100, 200, 250, 500]) : undefined,
      runStrategy: runStrategy(random, state),
      byInstancetype: random.chance(0.3),
      labels: labelsOf(random, app, role, system),
      description: random.chance(0.35) ? random.pick(DESCRIPTIONS) : undefined,
      manager: random.weighted(MANAGERS),
      bornMs,
      // Most machines have run since their last patch day, few since they were made.
      startedMs: Math.min(
        this.nowMs,
        Math.max(bornMs + 4000, this.nowMs - random.next() ** 2 * 120 * DAY_MS),
      ),
    };
  }

  /** The name, or one like it that nobody in the namespace has. */
  private free(namespace: string, name: string): string {
    let free = name;
    for (let number = 2; this.taken.has(`${namespace}/${free}`); number += 1) free = `${name}-${number}`;
    this.taken.add(`${namespace}/${free}`);
    return free;
  }
}

const NAMESPACE_WEIGHTS = TEAMS.map((team, rank) => [team, 1 / (rank + 1) ** SKEW] as const);

/** More machines are young than old, and more were made on a weekday than on a Sunday. */
function birthday(random: Random, nowMs: number): number {
  let bornMs = nowMs - random.next() ** 1.7 * ESTATE_AGE_MS;
  const weekend = [0, 6].includes(new Date(bornMs).getUTCDay());
  if (weekend && random.chance(0.8)) bornMs -= 2 * DAY_MS;
  return Math.max(bornMs, nowMs - ESTATE_AGE_MS);
}

/** Estates have several customs at once. */
function nameOf(random: Random, app: string, role: string): string {
  const pad = (number: number, digits: number) => String(number).padStart(digits, '0');
  switch (random.int(1, 8)) {
    case 1:
      return `${random.pick(ADJECTIVES)}-${random.pick(ADJECTIVES)}-${random.pick(NOUNS)}`;
    case 2:
      return `${app}-${random.pick(NOUNS)}-${random.suffix(4)}`;
    case 3:
      return `${random.pick(PEOPLE)}-${random.pick(NOUNS)}`;
    case 4:
      return `${random.pick(PLACES)}${random.int(1, 4)}-${app}${role}${pad(random.int(1, 400), 3)}`;
    case 5:
      return `${app}-${role}-${pad(random.int(1, 60), 2)}`;
    case 6:
      return `${app}-${random.pick(['prod', 'stage', 'test', 'dev'])}-${role}-${random.suffix(5)}`;
    case 7:
      return `srv${pad(random.int(1, 99_999), 5)}`;
    default:
      return `${random.pick(PLACES)}-${app}-${role}-${random.int(1, 30)}`;
  }
}

function labelsOf(random: Random, app: string, role: string, system: GuestSystem): Record<string, string> {
  const labels: Record<string, string> = { app, os: system.os };
  if (random.chance(0.7)) labels.tier = random.pick(['frontend', 'backend', 'database', 'batch', 'edge']);
  if (random.chance(0.45)) labels.owner = random.pick(PEOPLE);
  if (random.chance(0.5)) labels.environment = random.pick(['production', 'staging', 'development', 'test']);
  if (random.chance(0.3)) labels['app.kubernetes.io/component'] = role;
  if (random.chance(0.15)) labels['backup.example.com/policy'] = random.pick(['daily', 'weekly', 'none']);
  return labels;
}

function runStrategy(random: Random, state: MachineState): MachinePlan['runStrategy'] {
  if (state === 'stopped') return random.chance(0.85) ? 'Halted' : 'Manual';
  return random.weighted([
    ['Always', 74],
    ['RerunOnFailure', 22],
    ['Manual', state === 'running' || state === 'paused' || state === 'migrating' ? 4 : 0],
  ]);
}
