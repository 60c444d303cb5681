import type { ConsoleKind } from '@/lib/paths';
import { type Effect, type Input, initialModel, type Model, type Probe, step, view, wakeAt } from './machine';
import type { ConsoleState, Situation } from './state';

/** One connection. After `close`, or after it said `closed`, it never speaks again. */
export interface Connection {
  close(): void;
}

/** What a connection reports about itself. */
export interface ConnectionEvents {
  opened(): void;
  closed(code: number, reason?: string): void;
  failed(message: string): void;
}

export interface Clock {
  now(): number;
  /** Runs once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
}

/** Everything that a session does to the world. */
export interface SessionPorts {
  open(events: ConnectionEvents): Connection;
  /** Asks the endpoint without upgrade. Never rejects. */
  askEndpoint(): Promise<Probe>;
  /** Asks the API for the VMI. Never rejects. */
  askInstance(): Promise<Probe>;
  clock: Clock;
}

/**
 * A console of one VM: the state machine with its timers and its one connection. A store in the sense of
 * `useSyncExternalStore`; it lives outside React, so that a page can be left and come back to.
 */
export class ConsoleSession {
  private model: Model;
  private state: ConsoleState;
  private connection: { id: number; link: Connection } | undefined;
  private cancelWake: (() => void) | undefined;
  private readonly listeners = new Set<(state: ConsoleState, before: ConsoleState) => void>();
  private ended = false;

  constructor(
    kind: ConsoleKind,
    private readonly ports: SessionPorts,
  ) {
    this.model = initialModel(kind);
    this.state = view(this.model);
  }

  getState = (): ConsoleState => this.state;

  subscribe = (listener: (state: ConsoleState, before: ConsoleState) => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** What the watches say now. */
  observe(situation: Situation): void {
    this.send({ type: 'situation', situation });
  }

  /** Whether somebody looks at it. */
  show(shown: boolean): void {
    this.send({ type: 'shown', shown });
  }

  /** Reconnects at once: "Reconnect now", "Take over", "Bring it back here". */
  connect(): void {
    this.send({ type: 'connect' });
  }

  /** Gives the console up until `connect`; `detached` when it goes on in another browser tab. */
  close(detached = false): void {
    this.send({ type: 'close', detached });
  }

  /** The end of this object. */
  dispose(): void {
    this.close();
    this.ended = true;
    this.cancelWake?.();
    this.listeners.clear();
  }

  private send(input: Input): void {
    if (this.ended) return;
    const { model, effects } = step(this.model, input, this.ports.clock.now());
    this.model = model;
    for (const effect of effects) this.perform(effect);
    this.schedule();
    this.publish();
  }

  private publish(): void {
    const next = view(this.model);
    const before = this.state;
    if (isSame(before, next)) return;
    this.state = next;
    for (const listener of [...this.listeners]) listener(next, before);
  }

  private schedule(): void {
    this.cancelWake?.();
    this.cancelWake = undefined;
    const due = wakeAt(this.model);
    if (due === undefined) return;
    this.cancelWake = this.ports.clock.after(Math.max(0, due - this.ports.clock.now()), () =>
      this.send({ type: 'wake' }),
    );
  }

  private perform(effect: Effect): void {
    const { id } = effect;
    switch (effect.type) {
      case 'open': {
        const link = this.ports.open({
          opened: () => this.send({ type: 'opened', id }),
          closed: (code, reason = '') => {
            if (this.connection?.id === id) this.connection = undefined;
            this.send({ type: 'closed', id, code, reason });
          },
          failed: (message) => this.send({ type: 'failed', id, message }),
        });
        this.connection = { id, link };
        return;
      }
      case 'drop':
        if (this.connection?.id !== id) return;
        this.connection.link.close();
        this.connection = undefined;
        return;
      case 'ask-endpoint':
        void this.ports.askEndpoint().then((probe) => this.send({ type: 'probed', id, probe }));
        return;
      case 'ask-instance':
        void this.ports.askInstance().then((probe) => this.send({ type: 'probed', id, probe }));
        return;
    }
  }
}

// States are flat but for a refusal; written keys come in one order.
const isSame = (a: ConsoleState, b: ConsoleState): boolean => JSON.stringify(a) === JSON.stringify(b);

export const browserClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
