import type { K8sObject } from '@/lib/k8s/object';
import type { ApiAnswer, ApiTransport, Asker, Clock, GetOptions } from '../transport';

/** A clock that stands until it is moved; `random` is always 1, so that back-off takes its whole time. */
export class FakeClock implements Clock {
  private time = 1_000_000;
  private readonly timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.time;
  }

  random(): number {
    return 1;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Moves on, and lets what was waiting run to its next wait. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.callback();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets every promise that can go on go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A watch that the test feeds and ends. */
export class FakeWatch {
  private readonly chunks: Uint8Array[] = [];
  private wake: () => void = () => {};
  private ended = false;
  private failure: Error | undefined;
  aborted = false;

  constructor(
    readonly path: string,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => {
      this.aborted = true;
      this.end();
    });
  }

  async send(...events: { type: string; object: unknown }[]): Promise<void> {
    await this.sendText(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  }

  async sendText(text: string): Promise<void> {
    this.chunks.push(new TextEncoder().encode(text));
    this.wake();
    await settle();
  }

  /** Ends it as a server does when its time is over, or breaks it off. */
  end(failure?: Error): void {
    this.ended = true;
    this.failure = failure;
    this.wake();
  }

  async *body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk) yield chunk;
      else if (this.aborted) throw new DOMException('aborted', 'AbortError');
      else if (this.failure) throw this.failure;
      else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** A cluster of lists and watches. `answers` are taken first, for whatever is asked; then lists are read from `lists`. */
export class FakeApi implements ApiTransport {
  readonly asked: string[] = [];
  readonly watches: FakeWatch[] = [];
  /** What the next calls answer or throw, oldest first; `undefined` means: as usual. */
  readonly answers: (Error | { status: number; body: unknown; retryAfterMs?: number } | undefined)[] = [];
  /** By plural. */
  lists: Record<string, K8sObject[]> = {};
  version = '10';

  async get(_: Asker, path: string, { signal, streaming }: GetOptions): Promise<ApiAnswer> {
    this.asked.push(path);
    const scripted = this.answers.shift();
    if (scripted instanceof Error) throw scripted;
    if (scripted) return { ...scripted, body: bytes(scripted.body) };
    if (streaming) {
      const watch = new FakeWatch(path, signal);
      this.watches.push(watch);
      return { status: 200, body: watch.body() };
    }
    const plural = path.split('?')[0]?.split('/').at(-1) ?? '';
    return {
      status: 200,
      body: bytes({ metadata: { resourceVersion: this.version }, items: this.lists[plural] ?? [] }),
    };
  }

  /** The watch that is open now on a plural. */
  watch(plural = ''): FakeWatch {
    const watch = this.watches.findLast((it) => it.path.split('?')[0]?.endsWith(plural));
    if (!watch) throw new Error(`nobody watches ${plural}`);
    return watch;
  }
}

async function* bytes(body: unknown): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

export function object(name: string, version: string, more: Record<string, unknown> = {}): K8sObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'demo',
      uid: `uid-${name}`,
      resourceVersion: version,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    ...more,
  };
}

export function virtualMachine(name: string, version: string, printableStatus: string, namespace = 'demo') {
  const plain = object(name, version, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    spec: { runStrategy: 'Always', template: { spec: { domain: { devices: {} } } } },
    status: { printableStatus },
  });
  return { ...plain, metadata: { ...plain.metadata, namespace, uid: `uid-${namespace}-${name}` } };
}
