'use client';

import { useCallback } from 'react';
import { useText } from '@/components/ui/text';
import type { Task } from '@/lib/live/tasks';

/** How many of a bulk run's VMs have ended, of those that were to begin. */
export function progressOf({ total, counts }: NonNullable<Task['bulk']>): { ended: number; total: number } {
  const { skipped = 0, done = 0, failed = 0, lost = 0 } = counts;
  return { ended: done + failed + lost, total: total - skipped };
}

/** Returns the function that says what a task is: of one VM by its name, of many by their number. */
export function useTaskTitle(): (task: Task) => string {
  const t = useText();
  return useCallback(
    ({ title, bulk }) => {
      if (!bulk) return t(title);
      const { ended, total } = progressOf(bulk);
      const sentence = t(title, { name: t('bulk.vms', { count: total }) });
      return t('tasks.latest', { title: sentence, words: t('tasks.bulk.progress', { ended, total }) });
    },
    [t],
  );
}
