import type { ClusterApi } from '../api/objects';
import { clock } from '../clock';
import { findCondition, setCondition } from '../controllers/conditions';
import { now } from '../controllers/time';
import { type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../controllers/types';
import { splitKey } from '../controllers/work-queue';
import type { Generator } from './generate';
import { Random } from './random';
import { PEOPLE } from './words';

const TICK_MS = 10;
/** Further behind than this many ticks the lost time is given up: as many events as the machine manages. */
const LATEST_TICKS = 50;
/** So long at most nobody else gets a word in. */
const SLICE_MS = 4;

interface Store extends ClusterApi {
  readonly revision: number;
}

type Act = (random: Random, key: string) => void;

/**
 * Keeps a generated cluster busy: ordinary writes by those who make them in a real one, so many that the store's
 * version grows by `eventsPerSecond`; what the controllers write in answer counts.
 */
export class Churn {
  private readonly random: Random;
  private readonly handler: ClusterApi;
  private readonly people: ClusterApi;
  private readonly console: ClusterApi;
  private readonly timer: NodeJS.Timeout;
  private readonly acts: readonly (readonly [Act, number])[];
  private since = performance.now();
  private from: number;

  /** `machines` are the keys of those there are; the list is kept up to date. */
  constructor(
    private readonly cluster: Store,
    private readonly generator: Generator,
    private readonly machines: string[],
    private readonly options: { eventsPerSecond: number; seed: number },
  ) {
    this.random = new Random(options.seed, 'churn');
    this.handler = cluster.as('virt-handler');
    this.people = cluster.as('kubectl-label');
    this.console = cluster.as('Mozilla');
    this.from = cluster.revision;
    this.acts = [
      [this.reportAgent, 52],
      [this.reportAddress, 12],
      [this.label, 18],
      [this.annotate, 10],
      [this.pause, 6],
      [this.switch, 0.5],
      [this.make, 0.25],
      [this.remove, 0.25],
    ];
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const { eventsPerSecond } = this.options;
    const due = this.from + ((performance.now() - this.since) * eventsPerSecond) / 1000;
    const late = (LATEST_TICKS * TICK_MS * eventsPerSecond) / 1000;
    if (due - this.cluster.revision > late) {
      this.from = this.cluster.revision;
      this.since = performance.now();
    }
    const until = performance.now() + SLICE_MS;
    while (this.cluster.revision < due && performance.now() < until) this.act();
  }

  private act(): void {
    const { random, machines } = this;
    if (machines.length === 0) return;
    random.weighted(this.acts)(random, random.pick(machines));
  }

  /** What virt-handler does whenever the agent has answered. */
  private readonly reportAgent: Act = (_random, key) => {
    this.report(key, (vmi) => {
      const connected = findCondition(vmi.status, 'AgentConnected');
      if (!connected || !vmi.status) return;
      vmi.status.conditions =
        vmi.status.conditions?.map((condition) =>
          condition.type === 'AgentConnected' ? { ...condition, lastProbeTime: now() } : condition,
        ) ?? [];
    });
  };

  /** A guest has got another IPv6 address. */
  private readonly reportAddress: Act = (random, key) => {
    this.report(key, ({ status }) => {
      const [first] = status?.interfaces ?? [];
      if (!first?.ipAddress) return;
      first.ipAddresses = [first.ipAddress, `fd00:10:244::${random.hex(4)}`];
    });
  };

  private readonly label: Act = (random, key) => {
    this.change(this.people, key, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, owner: random.pick(PEOPLE) };
    });
  };

  private readonly annotate: Act = (random, key) => {
    this.change(this.console, key, ({ metadata }) => {
      const checked = `${clock.now().toISOString().slice(0, 10)} #${random.int(1, 99_999)}`;
      metadata.annotations = { ...metadata.annotations, 'inventory.example.com/checked': checked };
    });
  };

  /** Pauses a machine, or lets it go on; its VM follows. */
  private readonly pause: Act = (_random, key) => {
    this.report(key, ({ status }) => {
      if (status?.phase !== 'Running') return;
      const paused = findCondition(status, 'Paused');
      if (paused) {
        status.conditions = status.conditions?.filter(({ type }) => type !== 'Paused') ?? [];
        return;
      }
      const why = { reason: 'PausedByUser', message: 'VMI was paused by user' };
      setCondition(status, {
        type: 'Paused',
        status: 'True',
        ...why,
        lastProbeTime: now(),
        lastTransitionTime: now(),
      });
    });
  };

  private readonly switch: Act = (_random, key) => {
    this.change(this.console, key, ({ spec }) => {
      spec.runStrategy = spec.runStrategy === 'Halted' ? 'Always' : 'Halted';
    });
  };

  private readonly make: Act = () => {
    const vm = this.generator.fresh();
    this.cluster.as(vm.manager).create(VMS, vm.object);
    this.machines.push(`${vm.object.metadata.namespace}/${vm.object.metadata.name}`);
  };

  private readonly remove: Act = (_random, key) => {
    const { namespace, name } = splitKey(key);
    this.cluster.delete(VMS, namespace, name);
  };

  private report(key: string, edit: (vmi: VirtualMachineInstance) => void): void {
    const { namespace, name } = splitKey(key);
    this.handler.update<VirtualMachineInstance>(VMIS, namespace, name, edit);
  }

  private change(writer: ClusterApi, key: string, edit: (vm: VirtualMachine) => void): void {
    const { namespace, name } = splitKey(key);
    const found = writer.update<VirtualMachine>(VMS, namespace, name, edit);
    if (!found) this.forget(key);
  }

  /** A machine that is gone is replaced by the last of the list. */
  private forget(key: string): void {
    const last = this.machines.pop();
    const at = last === key ? -1 : this.machines.indexOf(key);
    if (last !== undefined && at >= 0) this.machines[at] = last;
    else if (last !== undefined && last !== key) this.machines.push(last);
  }
}
