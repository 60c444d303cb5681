'use client';

import { useSyncExternalStore } from 'react';
import type { TreeView } from '@/lib/kinds/vm/tree';
import { TREE_STORAGE_KEY, TREE_WIDTH_PROPERTY } from './tree-script';

/** What this browser remembers of the tree. */
export interface TreeMemory {
  isShut?: boolean;
  /** In CSS pixels. */
  width?: number;
  view?: TreeView;
  /** What the view by label goes by: a label's key, or empty for tags. */
  labelKey?: string;
  /** Open branches as `cluster key`, oldest first. */
  open?: string[];
  /** Folders in which nothing lies (yet), as `cluster namespace/path`. */
  folders?: string[];
}

const KEPT_OPEN = 200;
const KEPT_FOLDERS = 200;
export const MIN_WIDTH = 180;
export const MAX_WIDTH = 600;
export const DEFAULT_WIDTH = 256;
const NONE: TreeMemory = {};

/** A store in the sense of useSyncExternalStore. */
class TreeMemoryStore {
  private known: TreeMemory | undefined;
  private readonly listeners = new Set<() => void>();

  get = (): TreeMemory => {
    this.known ??= read();
    return this.known;
  };

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  change(changes: Partial<TreeMemory>): void {
    // Another tab may have written meanwhile.
    const next = { ...read(), ...changes };
    next.open = next.open?.slice(-KEPT_OPEN) ?? [];
    next.folders = next.folders?.slice(-KEPT_FOLDERS) ?? [];
    this.known = next;
    try {
      localStorage.setItem(TREE_STORAGE_KEY, JSON.stringify(next));
    } catch {
      // Storage is full or forbidden: it is remembered as long as the page lives.
    }
    if (changes.width) setTreeWidth(changes.width);
    if (changes.isShut) document.documentElement.dataset.tree = 'shut';
    else if (changes.isShut === false) delete document.documentElement.dataset.tree;
    for (const listener of [...this.listeners]) listener();
  }

  toggleOpen(key: string): void {
    const { open = [] } = this.get();
    this.change({ open: open.includes(key) ? open.filter((each) => each !== key) : [...open, key] });
  }

  /** Keeps folders of a namespace in mind, or forgets them. */
  keepFolders(
    cluster: string,
    namespace: string,
    keep: readonly string[],
    forget: readonly string[] = [],
  ): void {
    const name = (folder: string) => `${cluster} ${namespace}/${folder}`;
    const gone = new Set([...keep, ...forget].map(name));
    const others = (this.get().folders ?? []).filter((each) => !gone.has(each));
    this.change({ folders: [...others, ...keep.map(name)] });
  }
}

/** The folders of a namespace that this browser keeps in mind. */
export function keptFolders({ folders = [] }: TreeMemory, cluster: string, namespace: string): string[] {
  const start = `${cluster} ${namespace}/`;
  return folders.flatMap((each) => (each.startsWith(start) ? [each.slice(start.length)] : []));
}

/** Shows a width; `change` remembers it. */
export function setTreeWidth(width: number): void {
  document.documentElement.style.setProperty(TREE_WIDTH_PROPERTY, `${width}px`);
}

function read(): TreeMemory {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(TREE_STORAGE_KEY) ?? '{}');
    return typeof stored === 'object' && stored !== null ? (stored as TreeMemory) : NONE;
  } catch {
    return NONE;
  }
}

export const treeMemory = new TreeMemoryStore();

/** What is remembered; nothing while the server renders. */
export function useTreeMemory(): TreeMemory {
  return useSyncExternalStore(treeMemory.subscribe, treeMemory.get, () => NONE);
}
