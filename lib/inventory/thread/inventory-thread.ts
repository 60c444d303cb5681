import { ApiError } from '@/lib/k8s/error';
import { type Asker, SYSTEM_CLOCK } from '../transport';
import { InventoryLink, type LiveSocket, type Network } from './inventory-link';
import type { FromInventory, InventoryStats, Port, Queries, ToInventory } from './messages';

/** As WebSockets say that a server starts again: browsers come back and subscribe anew. */
const RESTART_CODE = 1012;
/** A thread that dies again at once is not started in a circle. */
const RESTART_MS = 1_000;

/** A running thread: its end of the channel, and how it is ended. */
export interface RunningThread {
  port: Port<FromInventory, ToInventory>;
  end(): void;
}

export interface InventoryThreadOptions<A extends Asker> extends Network<A> {
  /** Starts the thread; `died` is called when it ends of itself, with what it died of. */
  start(died: (cause: unknown) => void): RunningThread;
  /** Told of a thread that died, in a sentence for the log. */
  report?: (sentence: string) => void;
}

type WithAsker<F, A> = F extends (asker: never, ...rest: infer Rest) => infer Result
  ? (asker: A, ...rest: Rest) => Result
  : never;

/**
 * The inventory, in a thread of its own: lists, rows and queries never hold up what the main thread relays. A thread that
 * dies is replaced, and browsers subscribe again.
 */
export class InventoryThread<A extends Asker> {
  private running: { thread: RunningThread; link: InventoryLink<A> } | undefined;
  private isClosed = false;
  private cancelStart: () => void = () => {};
  private statsUnderWay: Promise<InventoryStats> | undefined;

  constructor(private readonly options: InventoryThreadOptions<A>) {
    this.start();
  }

  /** A tab's socket is there; the returned functions pass on what it says, and that it has gone. */
  open(socket: LiveSocket<A>): { receive(text: string): void; close(): void } {
    if (this.running) return this.running.link.open(socket);
    socket.close(RESTART_CODE, 'The inventory starts again.');
    return { receive: () => {}, close: () => {} };
  }

  firstVmWindow: WithAsker<Queries['firstVmWindow'], A> = (...args) => this.ask('firstVmWindow', ...args);
  firstObjects: WithAsker<Queries['firstObjects'], A> = (...args) => this.ask('firstObjects', ...args);
  firstVmGroups: WithAsker<Queries['firstVmGroups'], A> = (...args) => this.ask('firstVmGroups', ...args);
  select: WithAsker<Queries['select'], A> = (...args) => this.ask('select', ...args);

  /** For /metrics; who asks meanwhile shares the answer. */
  stats(): Promise<InventoryStats> {
    this.statsUnderWay ??= this.link()
      .then((link) => link.calls.call('stats'))
      .finally(() => {
        this.statsUnderWay = undefined;
      });
    return this.statsUnderWay;
  }

  close(): void {
    this.isClosed = true;
    this.cancelStart();
    this.running?.link.close(1001, 'The server stops.');
    this.running?.thread.end();
    this.running = undefined;
  }

  private async ask<M extends keyof Queries>(
    method: M,
    asker: A,
    ...rest: unknown[]
  ): Promise<Awaited<ReturnType<Queries[M]>>> {
    const { calls, askers } = await this.link();
    const args = [askers.remote(asker), ...rest] as Parameters<Queries[M]>;
    return (await calls.call(method, ...args)) as Awaited<ReturnType<Queries[M]>>;
  }

  private async link(): Promise<InventoryLink<A>> {
    if (this.running) return this.running.link;
    const request = { method: 'GET', path: '/' };
    throw new ApiError(503, 'ServiceUnavailable', 'The inventory starts again. Try it once more.', request);
  }

  private start(): void {
    const { clock = SYSTEM_CLOCK } = this.options;
    const startedAt = clock.now();
    const thread = this.options.start((cause) => {
      if (this.isClosed || this.running?.thread !== thread) return;
      const words = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      this.options.report?.(`The inventory's thread died and starts again: ${words}`);
      this.running.link.close(RESTART_CODE, 'The inventory starts again.');
      this.running = undefined;
      const wait = clock.now() - startedAt < RESTART_MS ? RESTART_MS : 0;
      this.cancelStart = clock.after(wait, () => this.start());
    });
    this.running = { thread, link: new InventoryLink(thread.port, this.options) };
  }
}
