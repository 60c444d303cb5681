'use client';

import { useSyncExternalStore } from 'react';
import type { ApiErrorJson } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import type { Text } from '@/lib/text';
import type { BulkCounts } from './bulk-item';
import { bulkStore } from './bulk-store';
import { sessionStore } from './sessions';

/**
 * - `running`: sent, or accepted and its effect is awaited.
 * - `overdue`: accepted, but its effect was not seen in time; it is still watched.
 * - `done`: its effect was seen (or accepted, where the API shows no effect).
 * - `failed`: refused, with `error`; or accepted and come to nothing, with `words`.
 * - `lost`: this tab was reloaded before the API answered.
 * - `stopped`: ended before all of its VMs had begun.
 */
export type TaskState = 'running' | 'overdue' | 'done' | 'failed' | 'lost' | 'stopped';

/** Something the user started, for the task panel. Plain data: it survives a reload of the tab. */
export interface Task {
  id: string;
  /** A whole sentence that fits the state: "Starting web-1", "Started web-1". */
  title: Text;
  /** The action alone: "Start". */
  action: Text;
  /** Without a name: many VMs (`bulk`), of one namespace or, without that, of several. */
  target: Ref;
  /** Who was signed in; absent where nobody signs in. */
  by?: string;
  /** ms since the epoch. */
  startedAt: number;
  endedAt?: number;
  state: TaskState;
  error?: ApiErrorJson;
  /** The cluster's own words about an effect that failed to come. */
  words?: string;
  /** Which action this is, and what its runner needs to go on after a reload. */
  follow?: { actionId: string; before: unknown; accepted: boolean; input?: unknown };
  /** How far it is with many VMs; each of them is in the bulk store, under this task's id. */
  bulk?: { actionId: string; total: number; counts: BulkCounts };
}

const STORAGE_KEY = 'portlight.tasks';
const KEPT = 100;
const NONE: Task[] = [];

/** The tasks of this browser tab, newest first. A store in the sense of useSyncExternalStore. */
class TaskStore {
  private tasks: Task[] = NONE;
  private loaded = false;
  private readonly listeners = new Set<() => void>();

  get = (): Task[] => this.tasks;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.load();
    return () => this.listeners.delete(listener);
  };

  add(task: Omit<Task, 'id' | 'startedAt' | 'state'>): Task {
    this.load();
    // Not randomUUID: browsers have it on secure origins only.
    const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
    const by = sessionStore.get(task.target.cluster)?.session.user;
    const added: Task = { ...(by ? { by } : {}), ...task, id, startedAt: Date.now(), state: 'running' };
    this.set([added, ...this.tasks]);
    return added;
  }

  /** Changes a task that is there; one that ends gets the time of its end. */
  patch(id: string, changes: Partial<Task>): void {
    const ended = changes.state && !isOpen(changes.state);
    const patch = ended ? { endedAt: Date.now(), ...changes } : changes;
    this.set(this.tasks.map((task) => (task.id === id ? { ...task, ...patch } : task)));
  }

  /** Forgets all that have ended. */
  clearEnded(): void {
    this.set(this.tasks.filter(({ state }) => isOpen(state)));
  }

  /** Forgets one, e.g. because it is done again as a new one. */
  drop(id: string): void {
    this.set(this.tasks.filter((task) => task.id !== id));
  }

  /** Forgets all of a cluster that somebody signs out of. */
  forget(cluster: string): void {
    this.load();
    this.set(this.tasks.filter(({ target }) => target.cluster !== cluster));
  }

  private set(tasks: Task[]): void {
    const open = tasks.filter(({ state }) => isOpen(state)).length;
    this.tasks = tasks.slice(0, Math.max(KEPT, open));
    bulkStore.keepOnly(new Set(this.tasks.flatMap(({ id, bulk }) => (bulk ? [id] : []))));
    try {
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify(this.tasks));
    } catch {
      // Storage is full or forbidden: the tasks then live as long as the page.
    }
    for (const listener of [...this.listeners]) listener();
  }

  private load(): void {
    if (this.loaded) return;
    this.loaded = true;
    const stored = readStored();
    if (stored.length === 0) return;
    this.set(stored.map((task) => (wasCut(task) ? { ...task, state: 'lost', endedAt: Date.now() } : task)));
  }
}

/** The page went before the API answered, so nobody knows whether it was accepted. */
function wasCut({ state, follow, bulk }: Task): boolean {
  return isOpen(state) && !follow?.accepted && !bulk;
}

function readStored(): Task[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(stored) ? (stored as Task[]) : NONE;
  } catch {
    return NONE;
  }
}

/** Whether a task in this state may still change. */
export function isOpen(state: TaskState): boolean {
  return state === 'running' || state === 'overdue';
}

export const taskStore = new TaskStore();

/** All tasks of this tab, newest first; none while the server renders. */
export function useTasks(): Task[] {
  return useSyncExternalStore(taskStore.subscribe, taskStore.get, () => NONE);
}

/** The open task of an object, if any, e.g. to show progress where its status stands. */
export function useOpenTask({ cluster, namespace, name }: Ref): Task | undefined {
  const tasks = useTasks();
  return tasks.find(
    ({ state, target }) =>
      isOpen(state) && target.name === name && target.namespace === namespace && target.cluster === cluster,
  );
}
