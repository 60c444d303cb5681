// A session with a hand on every port, for the tests: fake sockets, a fake clock, and answers on demand.
import type { VmFacts } from '@/lib/kinds/vm/facts';
import type { ConsoleKind } from '@/lib/paths';
import type { Probe } from './machine';
import { type Clock, type Connection, type ConnectionEvents, ConsoleSession } from './session';
import type { ConsoleStateName, Situation } from './state';

const VMI = {
  uid: 'i-1',
  phase: 'Running',
  deleting: false,
  paused: false,
  ready: true,
  agentConnected: false,
  acpi: true,
  graphics: true,
  serial: true,
};

export function facts(vm: Partial<VmFacts> = {}, vmi?: Partial<NonNullable<VmFacts['vmi']>> | null): VmFacts {
  const base: VmFacts = {
    uid: 'v-1',
    printableStatus: 'Running',
    runStrategy: 'Always',
    deleting: false,
    requests: [],
    restartRequired: false,
    ...vm,
  };
  return vmi === null ? base : { ...base, vmi: { ...VMI, ...vmi } };
}

export const live = (vm?: VmFacts, node = 'node-1'): Situation => ({
  feed: 'live',
  node,
  ...(vm ? { vm } : {}),
});
export const RUNNING = live(facts());

export class FakeClock implements Clock {
  private time = 1_000_000;
  private timers: { at: number; run: () => void }[] = [];

  now = () => this.time;

  after(ms: number, run: () => void) {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  pass(ms: number) {
    const end = this.time + ms;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((other) => other !== due);
      this.time = Math.max(this.time, due.at);
      due.run();
    }
    this.time = end;
  }
}

class FakeSocket implements Connection {
  closed = false;
  constructor(readonly events: ConnectionEvents) {}
  close() {
    this.closed = true;
  }
}

/** A session with a hand on every port. */
export function stage(kind: ConsoleKind = 'vnc') {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const questions: { about: 'endpoint' | 'instance'; answer: (probe: Probe) => Promise<void> }[] = [];
  const ask = (about: 'endpoint' | 'instance') => () =>
    new Promise<Probe>((resolve) => {
      questions.push({
        about,
        answer: async (probe) => {
          resolve(probe);
          await Promise.resolve();
          await Promise.resolve();
        },
      });
    });
  const session = new ConsoleSession(kind, {
    open: (events) => {
      const socket = new FakeSocket(events);
      sockets.push(socket);
      return socket;
    },
    askEndpoint: ask('endpoint'),
    askInstance: ask('instance'),
    clock,
  });
  const seen: ConsoleStateName[] = [];
  session.subscribe((state) => seen.push(state.name));
  const socket = () => {
    const last = sockets.at(-1);
    if (!last) throw new Error('no socket was opened');
    return last;
  };
  const question = () => {
    const last = questions.at(-1);
    if (!last) throw new Error('nothing was asked');
    return last;
  };
  return {
    clock,
    session,
    sockets,
    socket,
    questions,
    question,
    seen,
    name: () => session.getState().name,
    connected: () => {
      session.observe(RUNNING);
      socket().events.opened();
    },
  };
}

export const sameInstance = (change: Partial<Extract<Probe, { answer: 'instance' }>> = {}): Probe => ({
  answer: 'instance',
  uid: 'i-1',
  phase: 'Running',
  deleting: false,
  migrating: false,
  node: 'node-1',
  ...change,
});
