import { ApiError } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { changeWords, labelCall } from '@/lib/kinds/vm/drop';
import type { LabelChange } from '@/lib/kinds/vm/labels';
import { taskStore } from './tasks';
import { accessStore } from './use-access';

/**
 * Changes labels of one VM; how it goes is a task, and nothing is thrown. The API answers with the object as it keeps
 * it, so its answer is the effect.
 */
export async function changeLabels(ref: Ref, uid: string, change: LabelChange): Promise<boolean> {
  const words = changeWords(ref.name, change);
  const task = taskStore.add({ title: words.doing, action: words.action, target: ref });
  const { path, ...request } = labelCall(ref, uid, change);
  try {
    await callApi(ref.cluster, path, request);
    taskStore.patch(task.id, { state: 'done', title: words.done });
    return true;
  } catch (error) {
    const asked = { method: request.method, path };
    const known = error instanceof ApiError ? error : new ApiError(0, 'Unreachable', String(error), asked);
    if (known.code === 403) accessStore.expire(ref.cluster);
    taskStore.patch(task.id, { state: 'failed', error: known.toJSON() });
    return false;
  }
}
