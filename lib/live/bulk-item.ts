import type { VmFacts } from '@/lib/kinds/vm/facts';
import type { Text } from '@/lib/text';

/**
 * - `queued`: waits for its turn.
 * - `calling`: its calls are under way.
 * - `waiting`: accepted; its effect is awaited.
 * - `overdue`: accepted, but the effect was not seen in time. Still watched while the run goes on.
 * - `done`, `failed`: as for a task.
 * - `skipped`: could not be done with this VM, for a reason.
 * - `lost`: the page was reloaded before the API answered, and no effect was seen.
 * - `notStarted`: the run ended before its turn.
 */
export type BulkItemState =
  | 'queued'
  | 'calling'
  | 'waiting'
  | 'overdue'
  | 'done'
  | 'failed'
  | 'skipped'
  | 'lost'
  | 'notStarted';

/** One VM of a bulk run. Plain data: it survives a reload of the tab. */
export interface BulkItem {
  namespace: string;
  name: string;
  uid: string;
  state: BulkItemState;
  /** The server's own words about a failure. */
  words?: string;
  /** Why it was skipped, or why the run ended before it. */
  reason?: Text;
  /** The VM as it was right before its calls; only while it is under way. */
  before?: VmFacts;
  /** The page was reloaded before the API answered, so nobody knows whether it was accepted. */
  unsure?: true;
  /** ms since the epoch. */
  startedAt?: number;
  endedAt?: number;
}

export type BulkCounts = Partial<Record<BulkItemState, number>>;

/** How many items there are of each state. */
export function countItems(items: readonly BulkItem[]): BulkCounts {
  const counts: BulkCounts = {};
  for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

export const UNDER_WAY: readonly BulkItemState[] = ['calling', 'waiting', 'overdue'];

/** Whether something may still become of it in this run. */
export function isItemOpen({ state }: Pick<BulkItem, 'state'>): boolean {
  return state === 'queued' || UNDER_WAY.includes(state);
}

/** What a run can be asked to do once more. */
export const REPEATABLE: readonly BulkItemState[] = ['failed', 'lost', 'notStarted'];

/**
 * The items as a page finds them that was reloaded in the middle: what was accepted goes on being watched, what was
 * being asked for is watched all the same, and what had not begun does not begin by itself.
 */
export function afterReload(items: readonly BulkItem[]): BulkItem[] {
  return items.map((item): BulkItem => {
    if (item.state === 'queued') return { ...item, state: 'notStarted' };
    if (item.state === 'calling') {
      return item.before ? { ...item, state: 'waiting', unsure: true } : { ...item, state: 'notStarted' };
    }
    return item;
  });
}
