import type { Ref } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import { cloneProgress } from '@/lib/kinds/vm/clone';
import { text } from '@/lib/text';
import type { LiveClient } from './live-client';
import { isOpen, type Task, taskStore } from './tasks';
import { objectSubscription } from './use-live';

/** Marks the tasks that are clones; it is no action of a VM that exists. */
const CLONE_TASK = 'kubevirt-clone';

/** Tells the task panel of a clone that the API has accepted. `target` is the VM that is to come of it. */
export function beginClone(client: LiveClient, target: Ref, source: string, clone: string): void {
  const task = taskStore.add({
    title: text('create.clone.task.doing', { name: target.name, source }),
    action: text('create.clone.task.action'),
    target,
    follow: { actionId: CLONE_TASK, before: undefined, accepted: true, input: { clone, source } },
  });
  watchClone(client, task);
}

/** Goes on following the clones that a reload of the tab left open. */
export function resumeClone(client: LiveClient, task: Task): void {
  if (task.follow?.actionId === CLONE_TASK && isOpen(task.state)) watchClone(client, task);
}

/** Follows until the VM is made or the clone has failed; one that is stuck is still watched. */
function watchClone(client: LiveClient, { id, target, follow }: Task): void {
  // Only `beginClone` makes such tasks.
  const { clone, source } = (follow?.input ?? {}) as { clone: string; source: string };
  const view = client.view(
    target.cluster,
    objectSubscription(RESOURCES.virtualMachineClones, target.namespace, clone),
  );
  let detach: (() => void) | undefined;
  let hasEnded = false;
  let wasSeen = false;
  const end = (changes: Partial<Task>) => {
    hasEnded = true;
    taskStore.patch(id, changes);
    detach?.();
  };
  const report = () => {
    const { arrived, objects } = view.get();
    if (hasEnded || !arrived) return;
    const [object] = objects;
    // A list that is a moment older than the clone does not have it yet.
    if (!object) {
      if (wasSeen) end({ state: 'failed' });
      return;
    }
    wasSeen = true;
    const { state, words } = cloneProgress(object);
    if (state === 'done')
      end({ state: 'done', title: text('create.clone.task.done', { name: target.name, source }) });
    else if (state === 'failed') end({ state: 'failed', words });
    else taskStore.patch(id, state === 'stuck' ? { state: 'overdue', words } : { state: 'running' });
  };
  detach = view.subscribe(report);
  report();
  if (hasEnded) detach();
}
