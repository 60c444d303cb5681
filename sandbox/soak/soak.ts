import { setTimeout as delay } from 'node:timers/promises';
import { SoakClient } from './client';
import { ClusterProcess } from './cluster-process';
import { faultOf } from './judge';
import { NAMESPACES } from './manifests';
import { Observer } from './observer';
import { nextOperation } from './operations';
import { Random } from './random';
import { brokenRules, differences, listDifferences } from './verdict';

export interface SoakOptions {
  minutes: number;
  seed: number;
  clients?: number;
  log: (sentence: string) => void;
}

export interface SoakReport {
  operations: number;
  /** How many answers of each status there were. */
  answers: Record<number, number>;
  events: number;
  /** How often a watch was taken up again where it was cut. */
  resumptions: number;
  listsCompared: number;
  /** What lives on the heap after each round, when everything was deleted and collected. */
  heapBytes: number[];
  faults: string[];
}

const COLLECTIONS = [
  '/apis/kubevirt.io/v1/virtualmachines',
  '/apis/kubevirt.io/v1/virtualmachineinstances',
  '/api/v1/pods',
  '/api/v1/configmaps',
  '/api/v1/persistentvolumeclaims',
  '/api/v1/namespaces',
];
const SELECTOR = 'app in (web,cache)';
const selects = ({ app = '' }: Record<string, string>) => ['web', 'cache'].includes(app);

const ROUNDS = 5;
const DISTURB_MS = 1_000;
const QUIET_MS = 1_500;
const SETTLE_MS = 120_000;
const MAX_FAULTS = 20;

/**
 * Lets several clients do at random what clients do, lawful or not, against a sandbox without guests, while observers
 * list and watch. At the end of each round everybody stops, and what the observers were told is held against each other
 * and against every list that was read meanwhile; then all is deleted and the memory is measured.
 */
export async function soak({ minutes, seed, clients = 6, log }: SoakOptions): Promise<SoakReport> {
  const complaints: string[] = [];
  const cluster = await ClusterProcess.start((text) => complaints.push(text));
  const run = new Soak(cluster, seed, clients, log);
  try {
    for (
      let round = 0;
      round < ROUNDS && run.report.faults.length < MAX_FAULTS && cluster.isAlive;
      round += 1
    ) {
      await run.round(round, (minutes * 60_000) / ROUNDS);
      for (const text of complaints.splice(0)) run.fail(`the sandbox complains: ${text.slice(0, 600)}`);
    }
  } catch (error) {
    run.fail(`the soak could not go on: ${error instanceof Error ? error.stack : error}`);
  } finally {
    if (!cluster.isAlive) run.fail(`the sandbox crashed: ${complaints.join('').slice(-2000)}`);
    await run.close();
    await cluster.close();
  }
  return run.report;
}

class Soak {
  readonly report: SoakReport = {
    operations: 0,
    answers: {},
    events: 0,
    resumptions: 0,
    listsCompared: 0,
    heapBytes: [],
    faults: [],
  };
  private readonly client: SoakClient;
  /** Lists that were read in this round: collection, revision, uid to revision. */
  private lists: { path: string; revision: number; listed: Map<string, number> }[] = [];

  constructor(
    private readonly cluster: ClusterProcess,
    private readonly seed: number,
    private readonly clients: number,
    private readonly log: (sentence: string) => void,
  ) {
    this.client = new SoakClient(cluster.url, cluster.ca, cluster.token, (asked, answer) => {
      this.report.answers[answer.status] = (this.report.answers[answer.status] ?? 0) + 1;
      const fault = faultOf(answer);
      if (fault) this.fail(`${asked} ${fault}`);
    });
  }

  fail(fault: string): void {
    if (this.report.faults.length >= MAX_FAULTS) return;
    this.report.faults.push(fault);
    this.log(`FAULT: ${fault}`);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  async round(number: number, milliseconds: number): Promise<void> {
    for (const name of NAMESPACES) await this.client.ask('POST', '/api/v1/namespaces', namespaceOf(name));
    const observers = COLLECTIONS.map((path) => this.observe(path, number));
    const until = Date.now() + milliseconds;
    const workers = Array.from({ length: this.clients }, (_, index) =>
      this.work(new Random(this.seed * 1000 + number * 100 + index), until),
    );
    await Promise.all([...workers, this.disturb(until), this.readLists(until)]);
    await this.settle();
    for (const group of observers) await this.compare(group);
    await Promise.all(observers.flatMap(({ all }) => all.map((observer) => observer.close())));
    this.lists = [];
    await this.clear();
    // The history that watches resume from is bounded, but fills for longer than a run lasts: without it what lives is
    // the same after each round.
    await this.cluster.steer('POST', '/watches/expire', {});
    this.report.heapBytes.push(await this.cluster.heapBytes());
    const { operations, events, resumptions, faults, heapBytes } = this.report;
    const heap = Math.round((heapBytes.at(-1) ?? 0) / 2 ** 20);
    this.log(
      `round ${number + 1} of ${ROUNDS}: ${operations} operations, ${events} events, ${resumptions} resumptions, ${heap} MiB of heap, ${faults.length} faults`,
    );
  }

  private observe(path: string, round: number) {
    const steady = new Observer(this.client, { path });
    const restless = new Observer(this.client, { path, restless: new Random(this.seed + round) });
    const part = new Observer(this.client, { path, labelSelector: SELECTOR });
    return { path, steady, restless, part, all: [steady, restless, part] };
  }

  private async work(random: Random, until: number): Promise<void> {
    while (Date.now() < until && this.report.faults.length < MAX_FAULTS && this.cluster.isAlive) {
      const { operation, run } = nextOperation(this.client, random);
      try {
        await run();
      } catch (error) {
        this.fail(`"${operation.name}" got no answer: ${error instanceof Error ? error.message : error}`);
      }
      this.report.operations += 1;
    }
  }

  /** Cuts watches now and then, makes them start over once in a while, and puts namespaces back that were deleted. */
  private async disturb(until: number): Promise<void> {
    const random = new Random(this.seed);
    for (let turn = 1; Date.now() < until; turn += 1) {
      await delay(Math.min(DISTURB_MS, Math.max(0, until - Date.now())));
      for (const name of NAMESPACES) await this.client.ask('POST', '/api/v1/namespaces', namespaceOf(name));
      if (turn % 4 > 0) continue;
      await this.cluster.steer('POST', random.chance(0.1) ? '/watches/expire' : '/watches/drop', {});
    }
  }

  private async readLists(until: number): Promise<void> {
    const random = new Random(this.seed + 1);
    while (Date.now() < until) {
      const path = random.pick(COLLECTIONS);
      const listed = new Map<string, number>();
      let revision = 0;
      let page = '';
      do {
        const query = `?limit=7${page && `&continue=${encodeURIComponent(page)}`}`;
        const { json, status } = await this.client.ask('GET', path + query);
        const { items = [], metadata } = (json ?? {}) as unknown as {
          items?: { metadata: { uid: string; resourceVersion: string } }[];
          metadata: { resourceVersion: string; continue?: string };
        };
        // 410: the history that this page was to show was forgotten meanwhile.
        if (status !== 200) break;
        for (const item of items) listed.set(item.metadata.uid, Number(item.metadata.resourceVersion));
        revision = Number(metadata.resourceVersion);
        page = metadata.continue ?? '';
        if (page === '') this.lists.push({ path, revision, listed });
      } while (page !== '');
      await delay(random.below(200));
    }
  }

  /** Waits until nothing moves any more. */
  private async settle(): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    let revision = '';
    for (;;) {
      const { json } = await this.client.ask('GET', '/api/v1/namespaces?limit=1');
      const now = String((json?.metadata as { resourceVersion?: string })?.resourceVersion);
      if (now === revision || Date.now() > deadline) return;
      revision = now;
      await delay(QUIET_MS);
    }
  }

  private async compare({ path, steady, restless, part, all }: ReturnType<Soak['observe']>): Promise<void> {
    const { json } = await this.client.ask('GET', path);
    const { items } = json as unknown as { items: { metadata: { uid: string; resourceVersion: string } }[] };
    const newest = Math.max(0, ...items.map(({ metadata }) => Number(metadata.resourceVersion)));
    // Deletions may be newer than everything that is left; waiting for the newest object is what can be waited for.
    const deadline = Date.now() + SETTLE_MS;
    while (steady.revision < newest || restless.revision < newest) {
      if (Date.now() > deadline) {
        this.fail(`${path}: an observer never heard of revision ${newest}`);
        break;
      }
      await delay(50);
    }
    const listed = new Map(items.map(({ metadata }) => [metadata.uid, Number(metadata.resourceVersion)]));
    const blame = (what: string, faults: string[]) => {
      for (const fault of faults.slice(0, 3)) this.fail(`${path}, ${what}: ${fault}`);
    };
    for (const [index, observer] of all.entries()) {
      for (const log of observer.logs) {
        this.report.events += log.events.length;
        blame(`observer ${index}`, brokenRules(log));
      }
      this.report.resumptions += observer.resumptions;
      blame(`observer ${index}`, observer.faults);
    }
    for (const whole of steady.logs) {
      for (const log of restless.logs) blame('resumed watch', differences(whole, log));
      for (const log of part.logs) blame('selected watch', differences(whole, log, selects));
      for (const list of this.lists.filter((candidate) => candidate.path === path)) {
        blame('list', listDifferences(whole, list.listed, list.revision));
        this.report.listsCompared += 1;
      }
    }
    if (steady.log) blame('the store', listDifferences(steady.log, listed, steady.revision));
  }

  /** Empties the namespaces and waits until they are gone. */
  private async clear(): Promise<void> {
    for (const name of NAMESPACES) await this.client.ask('DELETE', `/api/v1/namespaces/${name}`);
    const deadline = Date.now() + SETTLE_MS;
    for (const name of NAMESPACES) {
      for (;;) {
        const { status, text } = await this.client.ask('GET', `/api/v1/namespaces/${name}`);
        if (status === 404) break;
        if (Date.now() > deadline) {
          this.fail(`namespace ${name} does not end: ${text.slice(0, 600)}`);
          return;
        }
        await delay(200);
      }
    }
  }
}

function namespaceOf(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}
