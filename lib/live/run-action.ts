import { ApiError } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import type { VmCallAction } from '@/lib/kinds/vm/actions';
import type { DeleteInput } from '@/lib/kinds/vm/delete';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { text } from '@/lib/text';
import { followVm } from './follow-vm';
import type { LiveClient } from './live-client';
import { isOpen, type Task, taskStore } from './tasks';
import { accessStore } from './use-access';

/**
 * Runs one action to its visible end: the calls, then the watch until the effect is seen. All of it is told as a task;
 * nothing is thrown. The same action twice at once on one VM is one action.
 */
export async function runAction(
  client: LiveClient,
  action: VmCallAction,
  ref: Ref,
  facts: VmFacts,
  input?: DeleteInput,
): Promise<void> {
  const isRunning = taskStore
    .get()
    .some(
      ({ state, target, follow }) =>
        isOpen(state) && follow?.actionId === action.id && JSON.stringify(target) === JSON.stringify(ref),
    );
  if (isRunning) return;
  const follow = { actionId: action.id, before: facts, accepted: false, ...(input ? { input } : {}) };
  const task = taskStore.add({
    title: text(action.doing, { name: ref.name }),
    action: text(action.label),
    target: ref,
    follow,
  });
  try {
    for (const { path, ...request } of action.run(ref, facts, input)) {
      await callApi(ref.cluster, path, request);
    }
  } catch (error) {
    // A right that was thought to be there is not: the control has to say so.
    if (error instanceof ApiError && error.code === 403) accessStore.expire(ref.cluster);
    taskStore.patch(task.id, { state: 'failed', error: toJson(error) });
    return;
  }
  taskStore.patch(task.id, { follow: { ...follow, accepted: true } });
  watchOutcome(client, action, task, facts);
}

/** Whether a task failed only because nobody was signed in any more, so that it can be done again as it was. */
export function isRepeatable({ state, error, follow }: Task): boolean {
  return state === 'failed' && error !== undefined && isSignInNeeded(error) && follow !== undefined;
}

/** Runs what a task was about once more, on the VM as it is now. */
export function repeatAction(client: LiveClient, action: VmCallAction, { target, follow }: Task): void {
  let isDone = false;
  const detach = followVm(client, target, (seen) => {
    if (isDone || !seen) return;
    isDone = true;
    // Only `delete` has an input, and only its own dialog makes one.
    void runAction(client, action, target, seen.facts, follow?.input as DeleteInput | undefined);
    queueMicrotask(() => detach());
  });
}

/** Follows an accepted action until its effect is seen. Also picks up the tasks that a reload of the tab left. */
export function watchOutcome(client: LiveClient, action: VmCallAction, task: Task, before: VmFacts): void {
  const finished = () =>
    taskStore.patch(task.id, { state: 'done', title: text(action.done, { name: task.target.name }) });
  const { settled } = action;
  if (!settled) {
    finished();
    return;
  }
  let detach: (() => void) | undefined;
  let ended = false;
  const end = () => {
    ended = true;
    clearTimeout(patience);
    detach?.();
  };
  const waited = Date.now() - task.startedAt;
  const patience = setTimeout(
    () => taskStore.patch(task.id, { state: 'overdue' }),
    Math.max(0, action.patienceMs(before) - waited),
  );
  detach = followVm(client, task.target, (seen) => {
    if (ended) return;
    const settlement = settled(before, seen?.facts);
    if (!settlement) return;
    end();
    if (settlement === 'done') finished();
    else taskStore.patch(task.id, { state: 'failed', words: seen?.reason || seen?.facts.printableStatus });
  });
  // The first report may have come before `detach` was there.
  if (ended) detach();
}

function toJson(error: unknown): ReturnType<ApiError['toJSON']> {
  if (error instanceof ApiError) return error.toJSON();
  const message = error instanceof Error ? error.message : String(error);
  return { code: 0, reason: 'Unreachable', message, request: { method: '', path: '' }, causes: [] };
}
