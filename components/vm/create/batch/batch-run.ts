import { callApi } from '@/lib/k8s/request';
import { taskStore } from '@/lib/live/tasks';
import { isMapping } from '@/lib/manifest/manifest';
import type { Step } from '@/lib/manifest/plan';
import { text } from '@/lib/text';
import { createAll, type Mode, type Outcome } from '../../../form/create/create-run';

/** What became of one VM of several. */
export interface MemberState {
  name: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** The server's words about a refusal. */
  words?: string;
}

/** So many VMs are under way at once: enough to be quick, few enough to be polite. */
const PARALLEL = 4;
const NO_MODES: ReadonlyMap<string, Mode> = new Map<string, Mode>();

interface Work extends MemberState {
  steps: readonly Step[];
  outcomes: Map<string, Outcome>;
}

export interface BatchRunOptions {
  cluster: string;
  namespace: string;
  members: readonly { name: string; steps: readonly Step[] }[];
  call?: typeof callApi;
}

/**
 * Creates several VMs, each with what belongs to it, some at a time; each VM is checked as a whole before any of it is
 * sent. It lives on when its page is left, tells the task panel, and can be asked to try again what failed: what is
 * done stays done.
 */
export class BatchRun {
  readonly cluster: string;
  readonly namespace: string;
  private work: readonly Work[];
  private states: readonly MemberState[];
  private isRunning = false;
  private closed = false;
  private readonly call: typeof callApi;
  private readonly listeners = new Set<() => void>();

  constructor({ cluster, namespace, members, call = callApi }: BatchRunOptions) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.call = call;
    this.work = members.map(({ name, steps }) => ({ name, steps, state: 'waiting', outcomes: new Map() }));
    this.states = this.work.map(told);
  }

  get = (): readonly MemberState[] => this.states;

  get isBusy(): boolean {
    return this.isRunning;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Creates what is not done yet. Resolves when all of it has ended. */
  async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    const open = this.work.filter(({ state }) => state !== 'done');
    for (const each of open) this.set(each, 'waiting');
    const count = this.work.length;
    const task = taskStore.add({
      title: text('create.batch.doing', { count }),
      action: text('create.task.action'),
      target: { cluster: this.cluster, namespace: this.namespace, name: '' },
    });
    const queue = [...open];
    const worker = async () => {
      for (let next = queue.shift(); next && !this.closed; next = queue.shift()) await this.create(next);
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    this.isRunning = false;
    const failed = this.work.filter(({ state }) => state !== 'done');
    taskStore.patch(
      task.id,
      failed.length === 0
        ? { state: 'done', title: text('create.batch.done', { count }) }
        : { state: 'failed', words: failed.map(({ name, words = '' }) => `${name}: ${words}`).join('\n') },
    );
    this.tell();
  }

  /** Begins with no further VM. */
  close(): void {
    this.closed = true;
  }

  private async create(work: Work): Promise<void> {
    this.set(work, 'running');
    try {
      const isDone = await createAll({
        call: this.call,
        cluster: this.cluster,
        steps: work.steps,
        outcomes: work.outcomes,
        modes: NO_MODES,
        missing: [],
        newNamespaces: [],
        tell: (key, outcome) => work.outcomes.set(key, outcome),
      });
      if (isDone) this.set(work, 'done');
      else this.set(work, 'failed', wordsOf(work.outcomes));
    } catch (error) {
      this.set(work, 'failed', error instanceof Error ? error.message : String(error));
    }
  }

  private set(work: Work, state: MemberState['state'], words?: string): void {
    work.state = state;
    if (words === undefined) delete work.words;
    else work.words = words;
    this.tell();
  }

  private tell(): void {
    this.states = this.work.map(told);
    for (const listener of [...this.listeners]) listener();
  }
}

function told({ name, state, words }: Work): MemberState {
  return { name, state, ...(words === undefined ? {} : { words }) };
}

function wordsOf(outcomes: ReadonlyMap<string, Outcome>): string {
  for (const outcome of outcomes.values()) {
    if ('error' in outcome && isMapping(outcome.error)) return outcome.error.message;
  }
  return '';
}
