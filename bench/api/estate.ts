import { Collection, type Entry } from './collection';
import { EPOCH_MS, type Machine, machineVm, machineVmi, timestamp } from './machine-objects';
import { Random } from './random';

export interface EstateOptions {
  seed: number;
  vms: number;
  /** `fresh` serialises for every request, `kept` keeps each version's bytes: what is measured then is the client alone. */
  serialise: 'fresh' | 'kept';
}

export const NAMESPACES = 40;
const NODES = 50;
const RUNNING_SHARE = 0.8;

/** The cluster's contents: machines, and the objects that follow from them. */
export class Estate {
  readonly vms = new Collection('virtualmachines');
  readonly vmis = new Collection('virtualmachineinstances');
  readonly namespaces: string[] = [];
  readonly nodes: string[] = [];
  version = 1_000;
  private readonly machines: Machine[] = [];
  private readonly places = new Map<string, number>();
  private readonly random: Random;
  private made = 0;

  constructor(private readonly options: EstateOptions) {
    this.random = new Random(options.seed);
    for (let i = 0; i < NAMESPACES; i += 1) this.namespaces.push(`team-${this.random.word(5)}`);
    for (let i = 0; i < NODES; i += 1) this.nodes.push(`worker-${i + 1}.${this.random.word(4)}.example.com`);
    for (let i = 0; i < options.vms; i += 1) this.enter(this.newMachine());
    this.vms.fill(this.machines.map((machine) => this.entry(machine, machineVm)));
    this.vmis.fill(
      this.machines.filter(({ running }) => running).map((machine) => this.entry(machine, machineVmi)),
    );
    // What is kept is made before anybody measures.
    if (options.serialise === 'kept')
      for (const part of [this.vms, this.vmis]) for (const entry of part.list(0, 0) ?? []) entry.text();
    this.vms.expire(this.version);
    this.vmis.expire(this.version);
  }

  get size(): number {
    return this.machines.length;
  }

  collection(plural: string): Collection | undefined {
    return [this.vms, this.vmis].find((part) => part.plural === plural);
  }

  /** Some machine, or the one of that name. */
  choose(key?: string): Machine | undefined {
    if (key === undefined) return this.machines[this.random.below(this.machines.length)];
    const place = this.places.get(key);
    return place === undefined ? undefined : this.machines[place];
  }

  /** Writes a number and the time at which that was due into the VM. */
  mark(machine: Machine, mark: NonNullable<Machine['mark']>): void {
    this.changeVm({ ...machine, mark });
  }

  relabel(machine: Machine): void {
    this.changeVm({ ...machine, tier: this.random.pick(['web', 'db', 'cache']) });
  }

  /** Starts a stopped machine, stops a running one: VM and VMI change. */
  power(machine: Machine): void {
    if (machine.running) {
      this.version += 1;
      this.vmis.delete(this.entry(machine, machineVmi));
      this.changeVm({ ...machine, running: false });
    } else {
      const started = { ...machine, running: true, vmiUid: this.random.uuid(), ip: this.address() };
      this.version += 1;
      this.vmis.put(this.entry(started, machineVmi));
      this.changeVm(started);
    }
  }

  /** A running machine goes to another node and gets another address; only its VMI says so. */
  move(machine: Machine): void {
    if (!machine.running) {
      this.power(machine);
      return;
    }
    const moved = { ...machine, node: this.random.pick(this.nodes), ip: this.address() };
    this.enter(moved);
    this.version += 1;
    this.vmis.put(this.entry(moved, machineVmi));
  }

  /** Another machine comes in the place of this one. */
  replace(machine: Machine): void {
    this.version += 1;
    if (machine.running) this.vmis.delete(this.entry(machine, machineVmi));
    this.version += 1;
    this.vms.delete(this.entry(machine, machineVm));
    const place = this.places.get(keyOf(machine));
    this.places.delete(keyOf(machine));
    const next = this.newMachine();
    if (place !== undefined) this.machines[place] = next;
    this.places.set(keyOf(next), place ?? this.machines.push(next) - 1);
    this.version += 1;
    this.vms.put(this.entry(next, machineVm));
    if (!next.running) return;
    this.version += 1;
    this.vmis.put(this.entry(next, machineVmi));
  }

  /** Objects of the other resources; they never change. */
  fixed(plural: string): object[] | undefined {
    const metadata = (name: string) => ({
      name,
      uid: `uid-${plural}-${name}`,
      resourceVersion: '1',
      creationTimestamp: timestamp(EPOCH_MS),
    });
    if (plural === 'namespaces') {
      return this.namespaces.map((name) => ({
        metadata: metadata(name),
        spec: {},
        status: { phase: 'Active' },
      }));
    }
    if (plural !== 'nodes') return undefined;
    const room = { cpu: '128', memory: '1056Gi', pods: '500', 'devices.kubevirt.io/kvm': '1k' };
    return this.nodes.map((name) => ({
      metadata: {
        ...metadata(name),
        labels: { 'kubernetes.io/hostname': name, 'kubevirt.io/schedulable': 'true' },
      },
      spec: {},
      status: { capacity: room, allocatable: room, conditions: [{ type: 'Ready', status: 'True' }] },
    }));
  }

  private changeVm(machine: Machine): void {
    this.enter(machine);
    this.version += 1;
    this.vms.put(this.entry(machine, machineVm));
  }

  private enter(machine: Machine): void {
    const key = keyOf(machine);
    const place = this.places.get(key);
    if (place === undefined) this.places.set(key, this.machines.push(machine) - 1);
    else this.machines[place] = machine;
  }

  private newMachine(): Machine {
    const { random } = this;
    const index = this.made++;
    return {
      index,
      seed: this.options.seed,
      namespace: random.pick(this.namespaces),
      // No two are called the same.
      name: `${random.pick(['web', 'db', 'app', 'build', 'desk'])}-${random.word(5)}-${index.toString(36)}`,
      vmUid: random.uuid(),
      vmiUid: random.uuid(),
      running: random.next() < RUNNING_SHARE,
      node: random.pick(this.nodes),
      ip: this.address(),
      tier: random.pick(['web', 'db', 'cache']),
      bornMs: EPOCH_MS - random.below(400 * 86_400) * 1_000,
    };
  }

  private address(): string {
    return `10.${this.random.below(256)}.${this.random.below(256)}.${1 + this.random.below(254)}`;
  }

  private entry(machine: Machine, make: (machine: Machine, version: number) => object): Entry {
    const { version } = this;
    const { namespace, name } = machine;
    const write = () => Buffer.from(JSON.stringify(make(machine, version)));
    let kept: Buffer | undefined;
    const keep = () => {
      kept ??= write();
      return kept;
    };
    return { namespace, name, version, text: this.options.serialise === 'kept' ? keep : write };
  }
}

export function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}
