import { request } from 'undici';
import type { SoakClient } from './client';
import type { Random } from './random';

/** One event of a watch, as little as the comparison needs. */
export interface Seen extends Entry {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  uid: string;
}

/** The version of an object that somebody was told of. */
export interface Entry {
  revision: number;
  labels: Record<string, string>;
}

/** What an observer knows: the objects of a list, and every event after it. */
export interface Log {
  /** Uid to revision, as listed. */
  listed: Map<string, Entry>;
  /** The list's own revision. */
  from: number;
  events: Seen[];
}

export interface WireObject {
  metadata: { uid: string; resourceVersion: string; labels?: Record<string, string> };
  code?: number;
}

export interface ObserverOptions {
  /** Collection path, cluster-wide. */
  path: string;
  labelSelector?: string;
  /** Hangs up by itself now and then, and goes on from the last version seen. */
  restless?: Random;
}

const RESTLESS_MS = 3_000;

/**
 * A client that lists and watches, and notes what it is told. When its version is too old it lists anew and begins a
 * new log; those before are kept, since they were right in their time.
 */
export class Observer {
  readonly logs: Log[] = [];
  /** Streams that went wrong in a way that no lawful server may bring about. */
  readonly faults: string[] = [];
  /** How often the stream was taken up again. */
  resumptions = 0;
  private closed = false;
  private abort = new AbortController();
  private readonly done: Promise<void>;

  constructor(
    private readonly client: SoakClient,
    readonly options: ObserverOptions,
  ) {
    this.done = this.run();
  }

  get log(): Log | undefined {
    return this.logs.at(-1);
  }

  /** The newest version that was seen. */
  get revision(): number {
    return this.log?.events.at(-1)?.revision ?? this.log?.from ?? 0;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.abort.abort();
    await this.done;
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      try {
        if (!this.log) await this.list();
        await this.watch();
      } catch (error) {
        // A connection that was cut is taken up again; that is what the control endpoint's drops are for.
        if (this.closed) return;
        if (error instanceof SyntaxError || error instanceof TypeError) this.faults.push(String(error));
      }
      this.resumptions += 1;
    }
  }

  private async list(): Promise<void> {
    const selector = this.options.labelSelector;
    const query = selector ? `?labelSelector=${encodeURIComponent(selector)}` : '';
    const { json } = await this.client.ask('GET', this.options.path + query);
    const { items, metadata } = json as unknown as {
      items: WireObject[];
      metadata: { resourceVersion: string };
    };
    const listed = new Map(items.map((item) => [item.metadata.uid, entryOf(item)]));
    this.logs.push({ listed, from: Number(metadata.resourceVersion), events: [] });
  }

  private async watch(): Promise<void> {
    if (this.closed) return;
    this.abort = new AbortController();
    const { labelSelector, restless, path } = this.options;
    const query = new URLSearchParams({ watch: 'true', resourceVersion: String(this.revision) });
    if (labelSelector) query.set('labelSelector', labelSelector);
    const { statusCode, body } = await request(`${this.client.url}${path}?${query}`, {
      dispatcher: this.client.agent,
      headers: this.client.headers,
      signal: this.abort.signal,
    });
    if (statusCode !== 200) {
      const text = await body.text();
      if (statusCode === 410) await this.startOver();
      else this.faults.push(`${path}: the watch is refused with ${statusCode}: ${text.slice(0, 200)}`);
      return;
    }
    const hangUp = restless && setTimeout(() => this.abort.abort(), restless.below(RESTLESS_MS));
    try {
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of body) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line && !(await this.take(line))) return;
      }
    } finally {
      clearTimeout(hangUp);
      body.destroy();
    }
  }

  /** False when the stream is at its end. */
  private async take(line: string): Promise<boolean> {
    const { type, object } = JSON.parse(line) as { type: string; object: WireObject };
    if (type === 'BOOKMARK') return true;
    if (type === 'ERROR') {
      if (object.code === 410) await this.startOver();
      else this.faults.push(`${this.options.path}: ERROR ${JSON.stringify(object).slice(0, 200)}`);
      return false;
    }
    const { uid } = object.metadata;
    this.log?.events.push({ type: type as Seen['type'], uid, ...entryOf(object) });
    return true;
  }

  private async startOver(): Promise<void> {
    await this.list();
  }
}

/** What a comparison needs to know of an object. */
export function entryOf({ metadata }: WireObject): Entry {
  return { revision: Number(metadata.resourceVersion), labels: metadata.labels ?? {} };
}
