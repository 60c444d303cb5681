import type { Refusal } from '@/lib/kinds/abilities';
import { type Text, text } from '@/lib/text';
import { isCall, VM_ACTIONS, type VmAction, type VmActionId, type VmCallAction } from './actions';
import type { BulkAction, BulkInput } from './bulk-action';
import { BULK_EDIT } from './bulk-edit';
import { BULK_LABEL_ACTIONS } from './bulk-labels';
import { MOVE_FOLDER } from './move-folder';
import type { VmRow } from './row';

/** An action on one VM as an action on many; what opens a page is none. */
function ofVmAction(action: VmCallAction): BulkAction {
  const { id, label, doing, done, tone, group, access, confirm, settled, patienceMs } = action;
  return {
    id,
    label,
    doing,
    done,
    tone,
    group,
    access,
    ...(confirm ? { loss: confirm.loss } : {}),
    ...(id === ('delete' satisfies VmActionId) ? { asks: 'keepDisks' as const } : {}),
    unavailable: (row) => action.unavailable(row.facts),
    calls: (ref, row, _, { deletion }) => action.run(ref, row.facts, deletion),
    ...(settled ? { settled: (before, now) => settled(before, now?.facts) } : {}),
    patienceMs,
  };
}

/** Everything that can be done with many VMs, in the order in which menus show it. */
export const BULK_ACTIONS: readonly BulkAction[] = [
  ...(VM_ACTIONS as readonly VmAction[]).filter(isCall).map(ofVmAction),
  BULK_EDIT,
  ...BULK_LABEL_ACTIONS,
];

/** The bulk action of that id; undefined for one that this version does not know. */
export function bulkAction(id: string): BulkAction | undefined {
  return [...BULK_ACTIONS, MOVE_FOLDER].find((action) => action.id === id);
}

/** VMs left out for one and the same reason. */
export interface SkippedVms {
  reason: Text;
  /** When a right is missing. */
  refusal?: Refusal;
  rows: VmRow[];
}

export interface BulkPlan {
  runnable: VmRow[];
  /** The largest group first. */
  skipped: SkippedVms[];
}

/** A missing right, with the sentence that says so. */
export interface Denial {
  reason: Text;
  refusal: Refusal;
}

/** Sorts VMs into those with which it can be done now and those that are left out, each with its reason. */
export function planBulk(
  action: BulkAction,
  rows: readonly VmRow[],
  input: BulkInput,
  denialIn: (namespace: string) => Denial | undefined,
): BulkPlan {
  const runnable: VmRow[] = [];
  const skipped = new Map<string, SkippedVms>();
  const denials = new Map<string, Denial | undefined>();
  for (const row of rows) {
    if (!denials.has(row.namespace)) denials.set(row.namespace, denialIn(row.namespace));
    const denial = denials.get(row.namespace);
    const reason = denial?.reason ?? action.unavailable(row, input);
    if (!reason) {
      runnable.push(row);
      continue;
    }
    const key = JSON.stringify(reason);
    const group = skipped.get(key);
    if (group) group.rows.push(row);
    else skipped.set(key, { reason, rows: [row], ...(denial ? { refusal: denial.refusal } : {}) });
  }
  return { runnable, skipped: [...skipped.values()].sort((a, b) => b.rows.length - a.rows.length) };
}

/** More VMs than this at once are taken as meant only when their number is typed. */
export const MANY_VMS = 20;

/** What has to be typed before it runs: the name of the one VM, the number of many, or nothing. */
export function wordToType(action: BulkAction, runnable: readonly VmRow[]): string | undefined {
  const cannotBeUndone = action.loss !== undefined;
  const [only] = runnable;
  if (!only || (!cannotBeUndone && runnable.length <= MANY_VMS)) return undefined;
  return runnable.length === 1 ? only.name : String(runnable.length);
}

/** Why a VM is skipped that was there when the run was planned. */
export const GONE: Text = text('bulk.reason.gone');
