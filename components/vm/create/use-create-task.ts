'use client';

import { useEffect, useRef } from 'react';
import type { ApiErrorJson } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { taskStore } from '@/lib/live/tasks';
import { text } from '@/lib/text';
import type { CreateRun } from '../../form/create/use-create-run';

/** Tells the task panel of a creation. Returns what notes its beginning. */
export function useCreateTask(run: CreateRun, isAllDone: boolean): (target: Ref) => void {
  const task = useRef<{ id: string; name: string; wasBusy: boolean } | undefined>(undefined);
  const error = run.error ?? firstError(run);
  useEffect(() => {
    const current = task.current;
    if (!current) return;
    if (run.doing !== 'nothing') {
      current.wasBusy = true;
      return;
    }
    if (!current.wasBusy) return;
    task.current = undefined;
    const { id, name } = current;
    if (isAllDone) taskStore.patch(id, { state: 'done', title: text('create.task.done', { name }) });
    else taskStore.patch(id, { state: 'failed', ...(error ? { error } : {}) });
  }, [run.doing, isAllDone, error]);
  return (target) => {
    const { name } = target;
    const { id } = taskStore.add({
      title: text('create.task.doing', { name }),
      action: text('create.task.action'),
      target,
    });
    task.current = { id, name, wasBusy: false };
  };
}

function firstError({ outcomes }: CreateRun): ApiErrorJson | undefined {
  for (const outcome of outcomes.values()) if ('error' in outcome) return outcome.error;
  return undefined;
}
