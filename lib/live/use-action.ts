'use client';

import { useCallback, useEffect } from 'react';
import type { Ref } from '@/lib/k8s/object';
import { isCall, VM_ACTIONS, type VmAction, type VmCallAction } from '@/lib/kinds/vm/actions';
import type { DeleteInput } from '@/lib/kinds/vm/delete';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { resumeClone } from './follow-clone';
import type { LiveClient } from './live-client';
import { useLiveClient } from './live-provider';
import { repeatAction, runAction, watchOutcome } from './run-action';
import { isOpen, type Task, taskStore } from './tasks';

export type RunAction = (action: VmCallAction, ref: Ref, facts: VmFacts, input?: DeleteInput) => void;

/** Returns the function that runs an action; its progress and outcome are a task (`useTasks`), also after a reload. */
export function useAction(): RunAction {
  const client = useLiveClient();
  useResume();
  return useCallback<RunAction>(
    (action, ref, facts, input) => void runAction(client, action, ref, facts, input),
    [client],
  );
}

/** Goes on following what a reload of the tab left open, once per page. */
export function useResume(): void {
  const client = useLiveClient();
  useEffect(() => resumeTasks(client), [client]);
}

/** Returns the function that does a failed task once more; see `isRepeatable`. */
export function useRepeat(): (task: Task) => void {
  const client = useLiveClient();
  return useCallback(
    (task) => {
      const action = (VM_ACTIONS as readonly VmAction[]).find(({ id }) => id === task.follow?.actionId);
      if (!action || !isCall(action)) return;
      taskStore.drop(task.id);
      repeatAction(client, action, task);
    },
    [client],
  );
}

let resumedFor: LiveClient | undefined;

function resumeTasks(client: LiveClient): void {
  if (resumedFor === client) return;
  resumedFor = client;
  // Subscribing is what loads the stored tasks.
  taskStore.subscribe(() => undefined)();
  for (const task of taskStore.get()) {
    resumeClone(client, task);
    const action = (VM_ACTIONS as readonly VmAction[]).find(({ id }) => id === task.follow?.actionId);
    if (action && isCall(action) && isOpen(task.state) && task.follow?.accepted) {
      watchOutcome(client, action, task, task.follow.before as VmFacts);
    }
  }
}
