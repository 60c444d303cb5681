import type { Cluster } from '../api/store';
import { clock } from '../clock';
import type { NodeFacts } from '../seed/nodes';
import { seedPlatform } from '../seed/seed';
import { SIZES } from './catalogue';
import type { Place } from './instance-objects';
import { ESTATE_AGE_MS } from './plan';
import { TEAMS } from './words';

/** Of the platform itself there are three nodes; with these the estate has fifty. */
const FIRST_NODE = 4;
const LAST_NODE = 50;
const RACKS = 8;
const DAY_MS = 86_400_000;
/** How full the estate is. */
const FILLED = 0.7;
const RUNNING = 0.8;
/** Nodes looked at for each machine, and how far apart they stand. */
const CANDIDATES = 5;
const STRIDE = 11;
/** Addresses of a node: room for a restart of everything on it. */
const ADDRESS_ROOM = 4;
const FIRST_POD_ADDRESS = (10 << 24) | (128 << 16);
const FIRST_HOST = 2;

/** The machines' nodes and namespaces, made large enough for the number of machines asked for. */
export class Estate {
  private readonly nodes: NodeFacts[] = [];
  private readonly used = new Map<string, number>();
  /** GiB of the machines on each node. */
  private readonly memory = new Map<string, number>();
  private readonly prefix: number;

  constructor(count: number) {
    const perNode = Math.ceil((count * RUNNING) / (LAST_NODE - FIRST_NODE + 1));
    const weight = SIZES.reduce((sum, [, share]) => sum + share, 0);
    const mean = (of: (size: { cpus: number; memoryGi: number }) => number) =>
      SIZES.reduce((sum, [size, share]) => sum + of(size) * share, 0) / weight;
    const memoryGi = upTo((perNode * (mean(({ memoryGi: gi }) => gi) + 0.5)) / FILLED, 128);
    const cpus = upTo((perNode * mean(({ cpus: vcpus }) => vcpus) * 0.11) / FILLED, 32);
    const pods = upTo(perNode / FILLED, 250);
    this.prefix = 32 - Math.ceil(Math.log2(pods * ADDRESS_ROOM));
    for (let number = FIRST_NODE; number <= LAST_NODE; number += 1) {
      const zone = `rack-${String.fromCharCode(97 + (number % RACKS))}`;
      const address = `192.168.50.${10 + number}`;
      const podCIDR = `${dotted(this.base(number))}/${this.prefix}`;
      this.nodes.push({ name: `node-${number}`, address, podCIDR, cpus, memoryGi, zone, pods });
    }
  }

  /** Writes the platform with all its nodes, and the namespaces; all of it is older than any machine. */
  build(cluster: Cluster): void {
    seedPlatform(cluster, { ageMs: ESTATE_AGE_MS + 2 * DAY_MS, moreNodes: this.nodes });
    clock.ago(ESTATE_AGE_MS + DAY_MS, () => {
      for (const name of [...TEAMS, 'golden-images']) {
        cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      }
    });
  }

  /** A place for one more machine of so many GiB: the emptiest of a few nodes, which `share` in [0, 1) chooses. */
  place(share: number, memoryGi: number): Place {
    const first = Math.floor(share * this.nodes.length);
    const fill = ({ name }: NodeFacts) => this.memory.get(name) ?? 0;
    let facts = this.nodes[first];
    for (let step = 1; step < CANDIDATES; step += 1) {
      const other = this.nodes[(first + step * STRIDE) % this.nodes.length];
      if (facts && other && fill(other) < fill(facts)) facts = other;
    }
    if (!facts) throw new Error('The estate has no nodes');
    this.memory.set(facts.name, fill(facts) + memoryGi);
    const host = (this.used.get(facts.name) ?? FIRST_HOST - 1) + 1;
    this.used.set(facts.name, host);
    const number = Number(facts.name.slice('node-'.length));
    return { node: facts.name, nodeAddress: facts.address, podAddress: dotted(this.base(number) + host) };
  }

  private base(number: number): number {
    return FIRST_POD_ADDRESS + number * 2 ** (32 - this.prefix);
  }
}

function upTo(amount: number, step: number): number {
  return Math.ceil(amount / step) * step;
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
