import { ApiError } from '@/lib/k8s/error';
import type { ApiCall } from '@/lib/kinds/action';
import { GONE } from '@/lib/kinds/vm/bulk';
import type { BulkAction, BulkInput, Prepared } from '@/lib/kinds/vm/bulk-action';
import type { VmRow } from '@/lib/kinds/vm/row';
import { type Text, text } from '@/lib/text';
import { callPatiently, type Halt, haltOf } from './bulk-calls';
import { type BulkItem, type BulkItemState, isItemOpen, UNDER_WAY } from './bulk-item';

/** What a run needs of the world around it. */
export interface BulkEffects {
  /** Sends one call. @throws ApiError */
  call: (call: ApiCall) => Promise<unknown>;
  /** Why this user may not do it in a namespace; undefined when they may, or nobody knows. Cheap to ask again. */
  denial: (namespace: string) => Promise<Text | undefined>;
  /** Looks up what the calls for one VM need to know. @throws ApiError */
  prepare: (row: VmRow) => Promise<Prepared>;
  /** Reports the rows of these VMs (`namespace/name`) now and whenever they change, until the returned function is called. */
  follow: (names: string[], listener: (rows: ReadonlyMap<string, VmRow>) => void) => () => void;
}

export interface BulkRunOptions {
  cluster: string;
  action: BulkAction;
  input: BulkInput;
  items: BulkItem[];
  effects: BulkEffects;
  /** Called after every change of an item; many at once are many calls. */
  onChange: () => void;
  /** How many VMs are worked on at once. */
  parallel?: number;
}

export const DEFAULT_PARALLEL = 8;
/**
 * How long a VM whose effect is awaited keeps others from beginning. A guest may take minutes to shut down: it goes on
 * being watched, but does not hold up a thousand others.
 */
const PLACE_MS = 3_000;
/** VMs in the one subscription: those under way, and the next ones, so that each begins from what is known by then. */
const FOLLOWED = 200;
const UNREACHABLE_IN_A_ROW = 3;
/**
 * A page that is being reloaded has its calls refused first, as if nothing answered. Judged this much later, they are
 * still under way for the page that comes, which looks for their effect.
 */
const UNLOAD_MS = 1_000;
/** How long after a reload the effect is looked for of what may never have been sent; then it can be done again. */
const UNSURE_MS = 15_000;

const keyOf = ({ namespace, name }: Pick<BulkItem, 'namespace' | 'name'>) => `${namespace}/${name}`;

/**
 * Does one thing with many VMs: a few at a time, each from its access check to the effect that the watch shows. Items
 * are changed in place. It ends by itself when nothing is open any more, and can be asked to begin again.
 */
export class BulkRun {
  readonly items: BulkItem[];
  private readonly parallel: number;
  /** Those that keep others from beginning. */
  private readonly places = new Set<BulkItem>();
  private readonly timers = new Map<BulkItem, Set<ReturnType<typeof setTimeout>>>();
  /** Those that the subscription covers, and what it says; undefined until it has said something. */
  private followed = new Set<BulkItem>();
  private rows: ReadonlyMap<string, VmRow> | undefined;
  private unfollow: (() => void) | undefined;
  private unreachable = 0;
  private closed = false;
  /** Aborted by `stop`; what waits to be sent again gives up. */
  private stopping = new AbortController();

  constructor(private readonly options: BulkRunOptions) {
    this.items = options.items;
    this.parallel = options.parallel ?? DEFAULT_PARALLEL;
  }

  /** Begins with what is queued, and goes on watching what a reload left under way. */
  start(): void {
    this.stopping = new AbortController();
    this.unreachable = 0;
    for (const item of this.items) if (UNDER_WAY.includes(item.state)) this.beginWaiting(item);
    this.pump();
  }

  /** What has begun ends; the rest is not started. */
  stop(reason?: Text): void {
    this.stopping.abort();
    for (const item of this.items) {
      if (item.state === 'queued') this.set(item, { state: 'notStarted', ...(reason ? { reason } : {}) });
      // Its time is over already, and whoever stops does not want to wait for it.
      else if (item.state === 'overdue') this.end(item, 'overdue');
    }
    this.pump();
  }

  /** Does those in these states once more. */
  repeat(states: readonly BulkItemState[]): void {
    for (const item of this.items) {
      if (!states.includes(item.state)) continue;
      for (const key of ['words', 'reason', 'before', 'unsure', 'startedAt', 'endedAt'] as const) {
        delete item[key];
      }
      this.set(item, { state: 'queued' });
    }
    this.start();
  }

  get isOpen(): boolean {
    return this.items.some((item) => this.isLive(item));
  }

  /** Leaves everything as it is. */
  close(): void {
    this.closed = true;
    this.stopping.abort();
    for (const item of [...this.timers.keys()]) this.clearTimers(item);
    this.unfollow?.();
  }

  /** An item that ended overdue has an end, and is watched no more. */
  private isLive(item: BulkItem): boolean {
    return isItemOpen(item) && item.endedAt === undefined;
  }

  private pump(): void {
    if (this.closed) return;
    let next = this.nextKnown();
    while (next && this.places.size < this.parallel) {
      void this.work(next.item, next.row);
      next = this.nextKnown();
    }
    if (this.places.size < this.parallel) this.followMore();
    if (this.isOpen) return;
    this.unfollow?.();
    this.unfollow = undefined;
    this.followed.clear();
    this.rows = undefined;
  }

  /** The next in turn of which the subscription knows; those that are no longer there are skipped on the way. */
  private nextKnown(): { item: BulkItem; row: VmRow } | undefined {
    if (!this.rows || this.stopping.signal.aborted) return undefined;
    for (const item of this.followed) {
      if (item.state !== 'queued') continue;
      const row = this.rows.get(keyOf(item));
      const isSame = row?.uid === item.uid;
      const reason = isSame ? this.options.action.unavailable(row, this.options.input) : GONE;
      if (isSame && !reason) return { item, row };
      this.end(item, 'skipped', reason ? { reason } : {});
    }
    return undefined;
  }

  /** Moves the subscription on when all that it covers has begun and there is more to begin with, or to watch. */
  private followMore(): void {
    const live = this.items.filter((item) => this.isLive(item));
    const isCovered = (item: BulkItem) => this.followed.has(item);
    const queued = live.filter(({ state }) => state === 'queued');
    const underWay = live.filter(({ state }) => state !== 'queued');
    const someQueuedIsCovered = queued.some(isCovered);
    const isAllCovered = someQueuedIsCovered || queued.length === 0;
    if (live.length === 0 || (isAllCovered && underWay.every(isCovered))) return;
    // What nothing was seen of for long gives its room to those that have not begun.
    const tooMany = underWay.length - (FOLLOWED - this.parallel);
    if (queued.length > 0 && tooMany > 0) {
      const overdue = underWay.filter(({ state }) => state === 'overdue').slice(0, tooMany);
      for (const item of overdue) this.end(item, 'overdue');
      // Without room it goes on when something ends.
      if (overdue.length < tooMany) return;
    }
    const watched = underWay.filter((item) => this.isLive(item));
    this.follow([...watched, ...queued].slice(0, FOLLOWED));
  }

  private follow(items: BulkItem[]): void {
    this.unfollow?.();
    const followed = new Set(items);
    this.followed = followed;
    this.rows = undefined;
    this.unfollow = this.options.effects.follow(items.map(keyOf), (rows) => {
      if (this.closed || this.followed !== followed) return;
      this.rows = rows;
      for (const item of followed) this.look(item);
      this.pump();
    });
  }

  private async work(item: BulkItem, row: VmRow): Promise<void> {
    const { action, input, effects, cluster } = this.options;
    const { namespace, name } = item;
    this.places.add(item);
    this.set(item, { state: 'calling', before: row.facts, startedAt: Date.now() });
    try {
      const reason = await effects.denial(namespace);
      if (reason) return this.end(item, 'skipped', { reason });
      const prepared = await effects.prepare(row);
      for (const call of action.calls({ cluster, namespace, name }, row, input, prepared)) {
        await callPatiently(() => effects.call(call), this.stopping.signal);
      }
      this.unreachable = 0;
    } catch (error) {
      if (haltOf(error) === 'unreachable') await new Promise((resolve) => setTimeout(resolve, UNLOAD_MS));
      return this.refused(item, error);
    }
    if (this.closed) return;
    if (!action.settled) return this.end(item, 'done');
    this.set(item, { state: 'waiting' });
    this.beginWaiting(item);
    this.pump();
  }

  private refused(item: BulkItem, error: unknown): void {
    if (this.closed) return;
    const halt = haltOf(error);
    if (halt === 'stopped' || halt === 'signedOut') {
      delete item.before;
      delete item.startedAt;
      this.end(item, 'notStarted', halt === 'signedOut' ? { reason: HALTED[halt] } : {});
    } else {
      this.unreachable = halt === 'unreachable' ? this.unreachable + 1 : 0;
      this.end(item, 'failed', { words: wordsOf(error) });
    }
    if (halt === 'signedOut') this.stop(HALTED.signedOut);
    if (this.unreachable >= UNREACHABLE_IN_A_ROW) this.stop(HALTED.unreachable);
  }

  private beginWaiting(item: BulkItem): void {
    const { action } = this.options;
    const { before, startedAt } = item;
    if (item.state === 'waiting' && !this.timers.has(item) && before) {
      const since = Date.now() - (startedAt ?? Date.now());
      this.after(item, PLACE_MS, () => {
        if (this.places.delete(item)) this.pump();
      });
      const patienceMs = item.unsure ? UNSURE_MS : Math.max(0, action.patienceMs(before) - since);
      this.after(item, patienceMs, () => {
        this.places.delete(item);
        if (item.unsure) this.end(item, 'lost');
        else this.set(item, { state: 'overdue' });
        this.pump();
      });
    }
    this.look(item);
  }

  /** Whether the effect of an accepted call shows by now. */
  private look(item: BulkItem): void {
    const { action, input } = this.options;
    const { before, state } = item;
    if (!this.rows || !before || (state !== 'waiting' && state !== 'overdue')) return;
    const now = this.rows.get(keyOf(item));
    const settlement = action.settled?.(before, now, input);
    if (settlement === 'done') this.end(item, 'done');
    if (settlement === 'failed') {
      // What came to nothing was not necessarily asked for by this run.
      if (item.unsure) this.end(item, 'lost');
      else this.end(item, 'failed', { words: now?.reason || now?.facts.printableStatus || '' });
    }
  }

  private end(item: BulkItem, state: BulkItemState, more: Partial<BulkItem> = {}): void {
    this.clearTimers(item);
    const hadPlace = this.places.delete(item);
    delete item.before;
    delete item.unsure;
    this.set(item, { ...more, state, ...(state === 'notStarted' ? {} : { endedAt: Date.now() }) });
    // Not at once: ending happens in the midst of looking through all items.
    if (hadPlace || !this.isOpen) queueMicrotask(() => this.pump());
  }

  private set(item: BulkItem, changes: Partial<BulkItem>): void {
    Object.assign(item, changes);
    this.options.onChange();
  }

  private after(item: BulkItem, ms: number, act: () => void): void {
    const timers = this.timers.get(item) ?? new Set();
    this.timers.set(item, timers);
    timers.add(setTimeout(act, ms));
  }

  private clearTimers(item: BulkItem): void {
    for (const timer of this.timers.get(item) ?? []) clearTimeout(timer);
    this.timers.delete(item);
  }
}

const HALTED: Record<Exclude<Halt, 'stopped'>, Text> = {
  signedOut: text('bulk.reason.signedOut'),
  unreachable: text('bulk.reason.unreachable'),
};

function wordsOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
