import { lookup } from 'node:dns/promises';
import { Agent, request as sendRequest } from 'undici';
import type { KeyRing } from '@/lib/auth/key-ring';
import type { Revocation, RevocationList } from './revocations';

export const PEER_PATH = '/auth/peer';
const PURPOSE = 'peer';
/** Clocks of replicas may differ; what is older is a recording. */
const MAX_AGE_MS = 120_000;
const TIMEOUT_MS = 3_000;
/** What a replica missed (it was away, the network was) it learns at the latest after this. */
const ASK_EVERY_MS = 30_000;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_ENTRIES = 50_000;

interface Message {
  at: number;
  revocations: Revocation[];
  /** Whether the answer is to tell what the other side knows. */
  asks: boolean;
}

export interface PeersOptions {
  /** `host:port`, or `https://host:port`; every address of each name is a replica. */
  peers: readonly string[];
  ring: KeyRing;
  revocations: RevocationList;
  log?: (sentence: string) => void;
  askEveryMs?: number;
}

/**
 * Tells the other replicas which sessions were signed out before their time, and asks them at the start and now and
 * then. What is said is sealed with the session keys that all replicas share: who cannot seal is no replica, and whoever
 * listens learns nothing.
 */
export class Peers {
  private readonly agent = new Agent({
    connect: {
      timeout: TIMEOUT_MS,
      // A replica is reached by its address, which no certificate names; the seal tells who it is, TLS adds nothing.
      rejectUnauthorized: false,
    },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  private readonly stopListening: () => void;
  private readonly timer: ReturnType<typeof setInterval> | undefined;
  /** What came from others is not told to others: they hear it from where it began. */
  private isReceiving = false;
  private lastProblem = '';
  private hasComplained = false;

  constructor(private readonly options: PeersOptions) {
    const { revocations, peers, askEveryMs = ASK_EVERY_MS } = options;
    this.stopListening = revocations.onAdd((entry) => {
      if (!this.isReceiving && peers.length > 0) void this.tell({ revocations: [entry], asks: false });
    });
    if (peers.length > 0) this.timer = setInterval(() => void this.ask(), askEveryMs).unref();
  }

  /** Learns what the others know; done when each has answered or not. Never throws. */
  ask(): Promise<void> {
    return this.tell({ revocations: [], asks: true });
  }

  /** Answers another replica: what it is to be told, sealed; undefined for whoever is none. */
  async answer(sealed: string): Promise<string | undefined> {
    const message = await this.open(sealed);
    if (!message) return undefined;
    this.receive(message.revocations);
    const known = message.asks ? [...this.options.revocations.list()] : [];
    return this.seal({ revocations: known, asks: false });
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.stopListening();
    await this.agent.destroy();
  }

  private async tell(message: Omit<Message, 'at'>): Promise<void> {
    const addresses = await Promise.all(this.options.peers.map(addressesOf));
    const sealed = await this.seal(message);
    const results = await Promise.all(
      [...new Set(addresses.flat())].map((origin) => this.exchange(origin, sealed)),
    );
    this.complain(results.filter((problem) => problem !== undefined));
  }

  /** Returns why it failed. */
  private async exchange(origin: string, sealed: string): Promise<string | undefined> {
    try {
      const { statusCode, body } = await sendRequest(`${origin}${PEER_PATH}`, {
        dispatcher: this.agent,
        method: 'POST',
        headers: { 'content-type': 'application/jose' },
        body: sealed,
      });
      const text = await readAll(body);
      const answer = statusCode === 200 ? await this.open(text) : undefined;
      if (!answer) return `${origin} answers ${statusCode}, as if it had other session keys`;
      this.receive(answer.revocations);
      return undefined;
    } catch (cause) {
      return `${origin} does not answer (${(cause as { code?: string }).code ?? String(cause)})`;
    }
  }

  private receive(entries: Revocation[]): void {
    const { revocations } = this.options;
    const known = new Set(revocations.list().map((entry) => JSON.stringify(entry)));
    this.isReceiving = true;
    try {
      for (const entry of entries.slice(0, MAX_ENTRIES)) {
        if (entry.until > Date.now() && !known.has(JSON.stringify(entry))) revocations.add(entry);
      }
    } finally {
      this.isReceiving = false;
    }
  }

  private seal(message: Omit<Message, 'at'>): Promise<string> {
    return this.options.ring.seal(PURPOSE, { ...message, at: Date.now() });
  }

  private async open(sealed: string): Promise<Message | undefined> {
    // Sealed with the replicas' own keys for this purpose, so it has the shape.
    const message = (await this.options.ring.open(PURPOSE, sealed)) as Message | undefined;
    return message && Math.abs(Date.now() - message.at) < MAX_AGE_MS ? message : undefined;
  }

  /** Once, and not at the first failure: replicas that start together do not answer each other at first. */
  private complain(problems: string[]): void {
    const problem = problems.toSorted().join('; ');
    const isAgain = problem === this.lastProblem;
    if (problem && isAgain && !this.hasComplained) {
      const { log = console.warn } = this.options;
      log(`Replicas that may not know who signed out: ${problem}.`);
    }
    this.hasComplained = problem !== '' && isAgain;
    this.lastProblem = problem;
  }
}

/** Every address behind a name, as an origin; none while it does not resolve, as with a service without pods. */
async function addressesOf(peer: string): Promise<string[]> {
  const text = /^https?:\/\//.test(peer) ? peer : `http://${peer}`;
  if (!URL.canParse(text)) return [];
  const { protocol, hostname, port } = new URL(text);
  const found = await lookup(hostname.replace(/^\[(.*)\]$/, '$1'), { all: true }).catch(() => []);
  return found.map(({ address, family }) => {
    const host = family === 6 ? `[${address}]` : address;
    return `${protocol}//${host}${port ? `:${port}` : ''}`;
  });
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
