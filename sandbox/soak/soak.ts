import { setTimeout as delay } from 'node:timers/promises';
import { SoakClient } from './client';
import { ClusterProcess } from './cluster-process';
import { faultOf } from './judge';
import { NAMESPACES } from './manifests';
import { type Entry, entryOf, Observer, type WireObject } from './observer';
import { nextOperation } from './operations';
import { patiently } from './patience';
import { Random } from './random';
import { release, remainsOf } from './remains';
import { brokenRules, differences, listDifferences, stateDifferences } from './verdict';

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
/** Motion that does not end (a machine that crashes for ever) is no fault: what follows can do with it. */
const SETTLE_MS = 60_000;
const COMPARE_LOOK_MS = 50;
const CLEAR_LOOK_MS = 500;
const MAX_REMAINS_SHOWN = 10;
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
      for (const name of NAMESPACES) await this.putBack(name);
      if (turn % 4 > 0) continue;
      await this.cluster.steer('POST', random.chance(0.1) ? '/watches/expire' : '/watches/drop', {});
    }
  }

  /** A namespace that was deleted; what clients hold in it for ever is let go first. */
  private async putBack(name: string): Promise<void> {
    const { status } = await this.client.ask('POST', '/api/v1/namespaces', namespaceOf(name));
    if (status !== 409) return;
    const { json } = await this.client.ask('GET', `/api/v1/namespaces/${name}`);
    if ((json?.status as { phase?: string } | undefined)?.phase === 'Terminating')
      await release(this.client, name);
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
    const blame = (what: string, faults: string[]) => {
      for (const fault of faults.slice(0, 3)) this.fail(`${path}, ${what}: ${fault}`);
    };
    await this.awaitState(path, all, blame);
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
  }

  /**
   * Waits until each observer knows what the store holds. A list may have been followed by more: each is asked what it
   * knew at the list's revision.
   */
  private async awaitState(
    path: string,
    observers: readonly Observer[],
    blame: (what: string, faults: string[]) => void,
  ): Promise<void> {
    let list = await this.readState(path);
    const wrong = (observer: Observer) => {
      const { log, options } = observer;
      if (!log) return ['nothing was listed'];
      const entries = [...list.entries].filter(
        ([, entry]) => !options.labelSelector || selects(entry.labels),
      );
      const listed = new Map(entries.map(([uid, { revision }]) => [uid, revision]));
      return stateDifferences(log, listed, list.revision);
    };
    const stuck = await patiently(COMPARE_LOOK_MS, async () => {
      // Who started over since then cannot know what was before.
      if (observers.some(({ log }) => (log?.from ?? 0) > list.revision)) list = await this.readState(path);
      if (observers.every((observer) => wrong(observer).length === 0)) return undefined;
      return observers.map(({ revision }) => revision).join();
    });
    if (stuck === undefined) return;
    for (const [index, observer] of observers.entries()) {
      blame(`what observer ${index} knows of ${list.revision}`, wrong(observer));
    }
  }

  private async readState(path: string): Promise<{ revision: number; entries: Map<string, Entry> }> {
    const { json } = await this.client.ask('GET', path);
    const { items, metadata } = json as unknown as {
      items: WireObject[];
      metadata: { resourceVersion: string };
    };
    const entries = new Map(items.map((item) => [item.metadata.uid, entryOf(item)]));
    return { revision: Number(metadata.resourceVersion), entries };
  }

  /** Empties the namespaces and waits until they are gone. */
  private async clear(): Promise<void> {
    for (const name of NAMESPACES) await this.client.ask('DELETE', `/api/v1/namespaces/${name}`);
    for (const name of NAMESPACES) {
      const stuck = await patiently(CLEAR_LOOK_MS, async () => {
        const { status, json } = await this.client.ask('GET', `/api/v1/namespaces/${name}`);
        if (status === 404) return undefined;
        await release(this.client, name);
        const left = await remainsOf(this.client, name);
        const shown = JSON.stringify(left.slice(0, MAX_REMAINS_SHOWN));
        return `${JSON.stringify(json?.status)}; left are ${left.length}: ${shown}`;
      });
      if (stuck) this.fail(`namespace ${name} does not end: ${stuck}`);
    }
  }
}

function namespaceOf(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}
