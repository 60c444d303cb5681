import { answerDhcp, isFromDhcpClient, type Lease } from './dhcp';
import { ends, isGroup } from './frame';

/** How long an address is remembered that nobody hears of: a Linux bridge's own time. */
const AGEING_MS = 300_000;
/** A guest can invent addresses without end; a real switch forgets the oldest as well. */
const MOST_ADDRESSES = 4096;

/** What went through a port, as its guest sees it. */
export interface PortCounters {
  /** Frames and bytes to the guest. */
  receivedFrames: number;
  receivedBytes: number;
  /** Frames and bytes from the guest. */
  sentFrames: number;
  sentBytes: number;
  /** What the guest sent that was no frame, or that nobody could be sent. */
  dropped: number;
}

interface Port {
  lease: Lease | undefined;
  deliver: (frame: Buffer) => void;
  counters: PortCounters;
}

/**
 * An Ethernet switch: learns behind which port an address is, floods what it does not know, and answers the DHCP of
 * ports that have a lease. A machine that has moved is found again by its first frame from the new port.
 */
export class LearningSwitch {
  readonly #ports = new Map<string, Port>();
  /** In the order in which they were last heard of. */
  readonly #addresses = new Map<string, { port: string; heardAt: number }>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  get size(): number {
    return this.#ports.size;
  }

  has(port: string): boolean {
    return this.#ports.has(port);
  }

  plug(port: string, deliver: (frame: Buffer) => void, lease?: Lease): void {
    const counters = { receivedFrames: 0, receivedBytes: 0, sentFrames: 0, sentBytes: 0, dropped: 0 };
    this.#ports.set(port, { lease, deliver, counters });
  }

  unplug(port: string): void {
    this.#ports.delete(port);
    for (const [address, place] of this.#addresses) if (place.port === port) this.#addresses.delete(address);
  }

  counters(port: string): PortCounters | undefined {
    return this.#ports.get(port)?.counters;
  }

  /** Takes a frame that came from the guest at `from`. */
  take(from: string, frame: Buffer): void {
    const port = this.#ports.get(from);
    if (!port) return;
    const between = ends(frame);
    if (!between || isGroup(between.source)) {
      port.counters.dropped += 1;
      return;
    }
    port.counters.sentFrames += 1;
    port.counters.sentBytes += frame.length;
    this.#learn(between.source, from);
    if (port.lease && isFromDhcpClient(frame)) {
      const answer = answerDhcp(frame, port.lease);
      if (answer) this.#send(port, answer);
      return;
    }
    const known = isGroup(between.target) ? undefined : this.#find(between.target);
    if (known === from) return;
    if (known !== undefined) {
      const target = this.#ports.get(known);
      if (target) this.#send(target, frame);
      return;
    }
    for (const [name, other] of this.#ports) if (name !== from) this.#send(other, frame);
  }

  #send(port: Port, frame: Buffer): void {
    port.counters.receivedFrames += 1;
    port.counters.receivedBytes += frame.length;
    port.deliver(frame);
  }

  #learn(address: string, port: string): void {
    this.#addresses.delete(address);
    this.#addresses.set(address, { port, heardAt: this.now() });
    if (this.#addresses.size <= MOST_ADDRESSES) return;
    const [oldest] = this.#addresses.keys();
    if (oldest !== undefined) this.#addresses.delete(oldest);
  }

  #find(address: string): string | undefined {
    const place = this.#addresses.get(address);
    if (!place) return undefined;
    if (this.now() - place.heardAt <= AGEING_MS) return place.port;
    this.#addresses.delete(address);
    return undefined;
  }
}
