import { ApiError } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { checkOf, refusalOf, refusalText } from '@/lib/kinds/abilities';
import { bulkAction, type SkippedVms } from '@/lib/kinds/vm/bulk';
import type { BulkAction, BulkInput } from '@/lib/kinds/vm/bulk-action';
import type { VmRow } from '@/lib/kinds/vm/row';
import { type Text, text } from '@/lib/text';
import { prepareEdit } from './bulk-edit-calls';
import { afterReload, type BulkItem, countItems, isItemOpen, REPEATABLE } from './bulk-item';
import { type BulkEffects, BulkRun } from './bulk-run';
import { type BulkRecord, bulkStore } from './bulk-store';
import { listObjects, readDependents, sharedLists } from './dependents';
import type { LiveClient } from './live-client';
import { isOpen, type Task, type TaskState, taskStore } from './tasks';
import { accessStore } from './use-access';

/** What bulk runs need of the page that they live in. */
export interface BulkContext {
  client: LiveClient;
  /** Renders a message: the words of a missing right hold other messages. */
  say: (message: Text) => string;
}

export interface BulkRequest {
  cluster: string;
  action: BulkAction;
  input: BulkInput;
  runnable: readonly VmRow[];
  skipped: readonly SkippedVms[];
}

/** Progress is told no more often than this: a thousand VMs must not freeze the tab. */
const TELL_MS = 150;
/** The lists of one namespace serve the deletions of about this time; uids guard what they say. */
const LISTS_KEPT_MS = 5_000;

const runs = new Map<string, BulkRun>();

/** Runs one action on many VMs. Its progress and outcome are a task; nothing is thrown. */
export function startBulk(context: BulkContext, request: BulkRequest): Task {
  const { cluster, action, input, runnable, skipped } = request;
  const items = [
    ...runnable.map((row): BulkItem => ({ ...nameOf(row), state: 'queued' })),
    ...skipped.flatMap(({ reason, rows }) =>
      rows.map((row): BulkItem => ({ ...nameOf(row), state: 'skipped', reason })),
    ),
  ];
  const namespaces = new Set(items.map(({ namespace }) => namespace));
  const [only = ''] = namespaces;
  const task = taskStore.add({
    title: text(action.doing),
    action: text(action.label),
    target: { cluster, namespace: namespaces.size === 1 ? only : '', name: '' },
    bulk: { actionId: action.id, total: items.length, counts: countItems(items) },
  });
  const record = { id: task.id, cluster, actionId: action.id, input, items };
  bulkStore.put(record);
  runOf(context, record, action).start();
  return task;
}

/** Goes on watching what a reload of the tab cut; what had not begun stays so until somebody asks for it. */
export function resumeBulks(context: BulkContext): void {
  // Subscribing is what loads the stored tasks.
  taskStore.subscribe(() => undefined)();
  for (const task of taskStore.get()) {
    if (!task.bulk || !isOpen(task.state) || runs.has(task.id)) continue;
    const record = bulkStore.get(task.id);
    const action = record && bulkAction(record.actionId);
    if (!record || !action) {
      taskStore.patch(task.id, { state: 'lost' });
      continue;
    }
    record.items = afterReload(record.items);
    bulkStore.put(record);
    const run = runOf(context, record, action);
    run.start();
    tell(record, action);
  }
}

/** What has begun ends; the rest is not started. */
export function stopBulk(id: string): void {
  runs.get(id)?.stop();
}

/** Does the VMs of a run once more that failed or had not begun, each as it is now. */
export function repeatBulk(context: BulkContext, id: string): void {
  const record = bulkStore.get(id);
  const action = record && bulkAction(record.actionId);
  if (record && action) runOf(context, record, action).repeat(REPEATABLE);
}

function nameOf({ namespace, name, uid }: VmRow) {
  return { namespace, name, uid };
}

function runOf(context: BulkContext, record: BulkRecord, action: BulkAction): BulkRun {
  const known = runs.get(record.id);
  if (known) return known;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = new BulkRun({
    cluster: record.cluster,
    action,
    input: record.input,
    items: record.items,
    effects: effectsOf(context, record, action),
    onChange: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        tell(record, action);
      }, TELL_MS);
    },
  });
  runs.set(record.id, run);
  // Whoever signs out, or clears it away, ends it.
  const detach = taskStore.subscribe(() => {
    if (taskStore.get().some(({ id }) => id === record.id)) return;
    detach();
    clearTimeout(timer);
    run.close();
    runs.delete(record.id);
  });
  return run;
}

/** Brings the task up to what its items say. */
function tell({ id, items }: BulkRecord, action: BulkAction): void {
  const task = taskStore.get().find((each) => each.id === id);
  if (!task) return;
  const state = stateOf(items);
  const wasOpen = isOpen(task.state);
  bulkStore.changed(id);
  taskStore.patch(id, {
    bulk: { actionId: action.id, total: items.length, counts: countItems(items) },
    ...(state === task.state ? {} : { state, title: text(state === 'done' ? action.done : action.doing) }),
    ...(isOpen(state) && !wasOpen ? { endedAt: undefined } : {}),
  });
}

/** What a run is as a task. */
export function stateOf(items: readonly BulkItem[]): TaskState {
  const open = items.filter((item) => isItemOpen(item) && item.endedAt === undefined);
  if (open.length > 0) return open.every(({ state }) => state === 'overdue') ? 'overdue' : 'running';
  const counts = countItems(items);
  if (counts.failed || counts.lost) return 'failed';
  return counts.notStarted ? 'stopped' : 'done';
}

function effectsOf({ client, say }: BulkContext, record: BulkRecord, action: BulkAction): BulkEffects {
  const { cluster, input } = record;
  const list = sharedLists(listObjects(cluster), LISTS_KEPT_MS);
  return {
    call: async ({ path, ...request }) => {
      try {
        await callApi(cluster, path, request);
      } catch (error) {
        // A right that was thought to be there is not: controls have to say so.
        if (error instanceof ApiError && error.code === 403) accessStore.expire(cluster);
        throw error;
      }
    },
    denial: async (namespace) => {
      const check = checkOf(action.access, namespace);
      const { allowed } = await accessStore.may(cluster, check);
      return allowed ? undefined : refusalText(refusalOf(check), say);
    },
    prepare: async ({ namespace, name, uid }) => {
      if (input.edit) return prepareEdit({ cluster, namespace, name }, uid, input.edit);
      if (!input.keepDisks) return {};
      const { disks, hidden, hasTemplates } = await readDependents({ cluster, namespace, name }, uid, list);
      const [resource] = hidden;
      // Disks that cannot be seen cannot be kept, and a disk once gone is gone.
      if (resource)
        throw new Error(say(refusalText(refusalOf(checkOf({ verb: 'list', resource }, namespace)), say)));
      return { deletion: { keep: disks, hasTemplates } };
    },
    follow: (names, listener) => {
      const view = client.view(cluster, { kind: 'vm-rows', vms: names });
      let isAttached = true;
      const report = () => {
        const { arrived, rows } = view.get();
        if (!isAttached || !arrived) return;
        listener(new Map(rows.map((row) => [`${row.namespace}/${row.name}`, row])));
      };
      const detach = view.subscribe(report);
      // Not within the call: the run has yet to take note of what it follows.
      queueMicrotask(report);
      return () => {
        isAttached = false;
        detach();
      };
    },
  };
}
