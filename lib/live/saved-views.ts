'use client';

import { useMemo, useSyncExternalStore } from 'react';

/** A list as somebody likes to see it. */
export interface SavedView {
  name: string;
  /** The parameters of the list's URL, without the question mark. */
  search: string;
  /** It opens when the list is opened without any parameters. */
  isStart?: boolean;
}

const NONE: SavedView[] = [];

/** One person's views of one cluster, by name. A store in the sense of useSyncExternalStore. */
export class SavedViews {
  private known: SavedView[] | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly storage: () => Pick<Storage, 'getItem' | 'setItem'>,
    private readonly key: string,
  ) {}

  get = (): SavedView[] => {
    this.known ??= this.read();
    return this.known;
  };

  /** Other tabs write, too; `events` tells of it. */
  subscribe = (listener: () => void): (() => void) => {
    const hear = (event: StorageEvent): void => {
      if (event.key === this.key || event.key === null) this.show(this.read());
    };
    this.listeners.add(listener);
    window.addEventListener('storage', hear);
    return () => {
      this.listeners.delete(listener);
      window.removeEventListener('storage', hear);
    };
  };

  /** Keeps a view; one of the same name makes room. Whether the browser remembers it. */
  save(name: string, search: string): boolean {
    const others = this.read().filter((view) => view.name !== name);
    const before = this.read().find((view) => view.name === name);
    return this.write([...others, { ...before, name, search }]);
  }

  /** Gives a view another name. What had that name before is replaced. */
  rename(name: string, next: string): boolean {
    const view = this.read().find((each) => each.name === name);
    if (!view || name === next) return true;
    const others = this.read().filter((each) => each.name !== name && each.name !== next);
    return this.write([...others, { ...view, name: next }]);
  }

  remove(name: string): boolean {
    return this.write(this.read().filter((view) => view.name !== name));
  }

  /** Which view opens with the list; undefined for none. */
  setStart(name: string | undefined): boolean {
    return this.write(
      this.read().map(({ isStart: _, ...view }) => (view.name === name ? { ...view, isStart: true } : view)),
    );
  }

  private write(views: SavedView[]): boolean {
    this.show(views.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })));
    try {
      this.storage().setItem(this.key, JSON.stringify(views));
      return true;
    } catch {
      // Storage is full or forbidden: they live as long as the page.
      return false;
    }
  }

  private show(views: SavedView[]): void {
    this.known = views;
    for (const listener of [...this.listeners]) listener();
  }

  private read(): SavedView[] {
    try {
      const stored: unknown = JSON.parse(this.storage().getItem(this.key) ?? '[]');
      return Array.isArray(stored) ? stored.filter(isView) : NONE;
    } catch {
      return this.known ?? NONE;
    }
  }
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return typeof record.name === 'string' && typeof record.search === 'string';
}

const stores = new Map<string, SavedViews>();

/** The views of one person (by the cluster's name for them) on one cluster. */
export function savedViewsOf(cluster: string, user: string): SavedViews {
  const key = `portlight.views.${JSON.stringify([cluster, user])}`;
  const store = stores.get(key) ?? new SavedViews(() => localStorage, key);
  stores.set(key, store);
  return store;
}

/** The views themselves, and the store that changes them; none while the server renders. */
export function useSavedViews(cluster: string, user: string): { views: SavedView[]; store: SavedViews } {
  const store = useMemo(() => savedViewsOf(cluster, user), [cluster, user]);
  const views = useSyncExternalStore(store.subscribe, store.get, () => NONE);
  return { views, store };
}

/** Whether two sets of URL parameters say the same. */
export function isSameSearch(a: string, b: string): boolean {
  return sorted(a) === sorted(b);
}

function sorted(search: string): string {
  const params = new URLSearchParams(search);
  params.sort();
  return params.toString();
}
