import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Lease } from './dhcp';
import { LearningSwitch, type PortCounters } from './learning-switch';

const LOOPBACK = '127.0.0.1';
/** Outside the range that the kernel takes ports from by itself, so that a switch finds its port free when it comes back. */
const SWITCH_PORTS = { from: 20_000, to: 29_000 };
const TRIES = 50;
const RECEIVE_BUFFER = 1 << 20;

/** The two ends of a virtual cable, as QEMU's `dgram` netdev wants them. */
export interface Cable {
  /** Where the guest's QEMU listens. */
  local: number;
  /** Where the switch does. */
  remote: number;
}

/** A guest's network card as the switches know it. */
export interface CableEnd {
  /** Which layer-2 network: guests with the same key share it. */
  segment: string;
  /** Answered by the switch when the card asks by DHCP. */
  lease?: Lease;
}

interface Segment {
  port: number;
  socket: Socket;
  switch: LearningSwitch;
}

/**
 * The layer-2 networks of all guests: one switch for each, in this process, on a UDP port of the loopback interface,
 * and every card a cable to it. A switch comes back on its port, so that guests which outlived the sandbox find it.
 */
export class Segments {
  readonly #file: string;
  readonly #segments = new Map<string, Promise<Segment>>();
  readonly #ports: Map<string, number>;
  #closed = false;

  /** `directory` is the sandbox's state: the switches' ports are kept there. */
  constructor(directory: string) {
    this.#file = path.join(directory, 'segments.json');
    this.#ports = readPorts(this.#file);
  }

  /** Lays a cable for a new card. The card's end is free now, and QEMU's from when it listens there. */
  async plug(end: CableEnd): Promise<Cable> {
    const segment = await this.#segment(end.segment);
    const local = await freePort();
    this.#connect(segment, local, end.lease);
    return { local, remote: segment.port };
  }

  /**
   * Takes the cable of a card that outlived the sandbox into use again.
   * @throws an Error with a sentence when the switch is no longer where that card looks for it.
   */
  async adopt(end: CableEnd, { local, remote }: Cable): Promise<void> {
    // A directory that was copied, or whose list was lost, learns from the guest where its switch was.
    if (!this.#segments.has(end.segment)) this.#ports.set(end.segment, remote);
    const segment = await this.#segment(end.segment);
    if (segment.port !== remote) {
      throw new Error(
        `The switch of the network ${end.segment} could not come back on port ${remote}: its guests reach nobody there until they start anew.`,
      );
    }
    this.#connect(segment, local, end.lease);
  }

  async unplug(segment: string, { local }: Cable): Promise<void> {
    const found = await this.#segments.get(segment)?.catch(() => undefined);
    if (!found) return;
    found.switch.unplug(String(local));
    if (found.switch.size > 0) return;
    // Nobody is left: the port is given back, but kept in mind for the next guest.
    this.#segments.delete(segment);
    found.socket.close();
  }

  async counters(segment: string, { local }: Cable): Promise<PortCounters | undefined> {
    return (await this.#segments.get(segment))?.switch.counters(String(local));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = await Promise.allSettled(this.#segments.values());
    this.#segments.clear();
    for (const one of all) if (one.status === 'fulfilled') one.value.socket.close();
  }

  #connect({ socket, switch: into }: Segment, local: number, lease: Lease | undefined): void {
    into.plug(String(local), (frame) => socket.send(frame, local, LOOPBACK, () => {}), lease);
  }

  #segment(key: string): Promise<Segment> {
    if (this.#closed) return Promise.reject(new Error('The sandbox is ending.'));
    const present = this.#segments.get(key);
    if (present) return present;
    const opening = this.#open(key);
    this.#segments.set(key, opening);
    opening.catch(() => this.#segments.delete(key));
    return opening;
  }

  async #open(key: string): Promise<Segment> {
    const before = this.#ports.get(key);
    const socket = (before === undefined ? undefined : await bound(before)) ?? (await anyBound());
    const { port } = socket.address();
    if (port !== before || !readPorts(this.#file).has(key)) {
      this.#ports.set(key, port);
      this.#remember();
    }
    const learning = new LearningSwitch();
    socket.on('message', (frame, { port: from }) => learning.take(String(from), frame));
    // A guest that has just gone: its frames are lost, as on a pulled cable.
    socket.on('error', () => {});
    return { port, socket, switch: learning };
  }

  #remember(): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#ports)));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function readPorts(file: string): Map<string, number> {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return new Map(Object.entries(kept ?? {}).filter(([, port]) => Number.isInteger(port)));
  } catch {
    // The first start, or a file that was cut off: the guests know it as well.
    return new Map();
  }
}

async function bound(port: number): Promise<Socket | undefined> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind(port, LOOPBACK, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

async function anyBound(): Promise<Socket> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const socket = await bound(randomInt(SWITCH_PORTS.from, SWITCH_PORTS.to));
    if (socket) return socket;
  }
  throw new Error('No UDP port is free on 127.0.0.1 for the switch of a network.');
}

/**
 * A port that nobody has. QEMU binds its own with SO_REUSEADDR, for which the kernel gives the same port twice: so the
 * kernel is asked without, and QEMU is told.
 */
async function freePort(): Promise<number> {
  const socket = await bound(0);
  if (!socket) throw new Error('No UDP port is free on 127.0.0.1 for a network card.');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
