import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SoakClient } from '../soak/client';
import { ClusterProcess } from '../soak/cluster-process';
import { Random } from '../soak/random';
import { acknowledgedBlocks, lostBlocks, machinesWith, writer, writersClaim } from './writing-machine';

const CORE = '/api/v1/namespaces/default';
const KUBEVIRT = '/apis/kubevirt.io/v1/namespaces/default';
const STEP_MS = 120_000;
const LOOK_MS = 50;
/** A kill comes at any moment of so much work. */
const LONGEST_WORK_MS = 3000;

interface Instance {
  metadata: { uid: string };
  status?: { phase?: string };
}

export interface KillOutcome {
  rounds: number;
  sandboxKills: number;
  machineKills: number;
  acknowledgedObjects: number;
  lostObjects: string[];
  acknowledgedBlocks: number;
  lostBlocks: number[];
  /** Moments at which two machines had the disk open. */
  sharedDisk: number;
  /** Sandbox kills that the machine outlived: the same process went on. */
  survived: number;
}

/**
 * Kills, in random order and at random moments, the sandbox and the machine's QEMU with signal 9, while a client writes
 * objects and the guest writes blocks, and compares afterwards what is there with what was acknowledged.
 * @throws when something does not come back within two minutes.
 */
export async function killRounds(rounds: number, seed: number): Promise<KillOutcome> {
  const random = new Random(seed);
  const outcome: KillOutcome = {
    rounds,
    sandboxKills: 0,
    machineKills: 0,
    acknowledgedObjects: 0,
    lostObjects: [],
    acknowledgedBlocks: 0,
    lostBlocks: [],
    sharedDisk: 0,
    survived: 0,
  };
  const scene = await Scene.begin();
  try {
    for (let round = 0; round < rounds; round++) {
      const before = await scene.untilWriting();
      const work = scene.writeObjects(`r${round}`);
      await delay(random.below(LONGEST_WORK_MS));
      if (random.below(2) === 0) {
        await scene.killSandbox();
        outcome.sandboxKills += 1;
      } else {
        process.kill(before.pid, 'SIGKILL');
        outcome.machineKills += 1;
      }
      const objects = await work.stop();
      const blocks = await scene.lastBlock();
      if (!scene.isAlive) await scene.restart();
      const after = await scene.untilWriting(blocks);
      if (after.pid === before.pid) outcome.survived += 1;
      outcome.sharedDisk += scene.shared;
      outcome.acknowledgedObjects += objects.length;
      outcome.lostObjects.push(...(await scene.missing(objects)));
      outcome.acknowledgedBlocks = after.last;
      outcome.lostBlocks.push(...(await lostBlocks(scene.disk, after.last)));
    }
    return outcome;
  } finally {
    await scene.end();
  }
}

/** The cluster with its one machine, and whoever looks at it. */
class Scene {
  #client: SoakClient;
  #last = 0;
  shared = 0;
  disk = '';

  private constructor(private cluster: ClusterProcess) {
    this.#client = clientOf(cluster);
  }

  static async begin(): Promise<Scene> {
    const scene = new Scene(await ClusterProcess.start(() => {}, { guests: true }));
    await scene.#client.ask('POST', `${CORE}/persistentvolumeclaims`, writersClaim);
    await scene.#client.ask('POST', `${KUBEVIRT}/virtualmachines`, writer);
    const { spec } = await scene.#until('the claim is bound', async () => {
      const { json } = await scene.#client.ask('GET', `${CORE}/persistentvolumeclaims/written`);
      const claim = json as { spec: { volumeName?: string } } | undefined;
      return claim?.spec.volumeName ? claim : undefined;
    });
    scene.disk = path.join(scene.cluster.directory, 'disks', `${spec.volumeName}.img`);
    return scene;
  }

  get isAlive(): boolean {
    return this.cluster.isAlive;
  }

  /** Waits until the guest writes on behind `block`; names the process that does, and the last block it spoke of. */
  async untilWriting(block = 0): Promise<{ pid: number; last: number }> {
    return this.#until(`the guest writes on after block ${block}`, async () => {
      const [pid] = await this.#machines();
      const last = await this.lastBlock();
      return pid !== undefined && last > Math.max(block, 1) ? { pid, last } : undefined;
    });
  }

  /** The highest number that any guest of the machine has acknowledged. */
  async lastBlock(): Promise<number> {
    const { json } = this.isAlive
      ? await this.#client
          .ask('GET', `${KUBEVIRT}/virtualmachineinstances/writer`)
          .catch(() => ({ json: undefined }))
      : { json: undefined };
    const uid = (json as Instance | undefined)?.metadata?.uid ?? this.#uid;
    this.#uid = uid;
    if (uid) this.#last = Math.max(this.#last, ...(await acknowledgedBlocks(this.cluster.directory, uid)));
    return this.#last;
  }

  #uid: string | undefined;

  /** Creates one object after the other until it is stopped or the sandbox is killed; `stop` names the acknowledged. */
  writeObjects(prefix: string): { stop(): Promise<string[]> } {
    const acknowledged: string[] = [];
    let goOn = true;
    const work = (async () => {
      for (let number = 0; goOn && this.isAlive; number++) {
        const name = `${prefix}-${number}`;
        const metadata = { name };
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { n: `${number}` } };
        const answer = await this.#client.ask('POST', `${CORE}/configmaps`, body).catch(() => undefined);
        if (answer?.status === 201) acknowledged.push(name);
      }
    })();
    return {
      async stop() {
        goOn = false;
        await work;
        return acknowledged;
      },
    };
  }

  async missing(names: readonly string[]): Promise<string[]> {
    const { json } = await this.#client.ask('GET', `${CORE}/configmaps`);
    const list = json as { items: { metadata: { name: string } }[] };
    const found = new Set(list.items.map(({ metadata }) => metadata.name));
    return names.filter((name) => !found.has(name));
  }

  killSandbox(): Promise<void> {
    return this.cluster.kill();
  }

  async restart(): Promise<void> {
    await this.#client.close();
    const { directory } = this.cluster;
    this.cluster = await ClusterProcess.start(() => {}, { guests: true, directory });
    this.#client = clientOf(this.cluster);
  }

  async end(): Promise<void> {
    await this.#client.close();
    const { directory } = this.cluster;
    if (!this.isAlive) await this.restart();
    await this.cluster.close();
    await rm(directory, { recursive: true, force: true });
  }

  async #machines(): Promise<number[]> {
    const pids = await machinesWith(this.disk);
    if (pids.length > 1) this.shared += 1;
    return pids;
  }

  async #until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + STEP_MS;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`);
      await delay(LOOK_MS);
    }
  }
}

function clientOf({ url, ca, token }: ClusterProcess): SoakClient {
  return new SoakClient(url, ca, token, () => {});
}
