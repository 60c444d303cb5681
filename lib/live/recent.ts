'use client';

import { useMemo, useSyncExternalStore } from 'react';
import type { Ref } from '@/lib/k8s/object';

/** A VM whose page was opened in this browser, by whom; a namespace, where the name is empty. */
export interface Recent extends Ref {
  /** As the cluster called them; another person at the same browser does not see it. */
  user: string;
}

const KEPT = 12;
/** Of all clusters and people; no more of one cluster than the server takes. */
const KEPT_NAMESPACES = 50;
const NONE: Recent[] = [];

/** What was opened last in this browser, newest first. A store in the sense of useSyncExternalStore. */
export class RecentStore {
  private known: Recent[] | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly storage: () => Pick<Storage, 'getItem' | 'setItem'>,
    private readonly key = 'portlight.recent',
    private readonly kept = KEPT,
  ) {}

  get = (): Recent[] => {
    this.known ??= this.read();
    return this.known;
  };

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  add(entry: Recent): void {
    const [newest] = this.get();
    if (newest && isSame(newest, entry)) return;
    // Another tab may have written meanwhile.
    const others = this.read().filter((known) => !isSame(known, entry));
    const { cluster, namespace, name, user } = entry;
    this.known = [{ cluster, namespace, name, user }, ...others].slice(0, this.kept);
    try {
      this.storage().setItem(this.key, JSON.stringify(this.known));
    } catch {
      // Storage is full or forbidden: it is remembered as long as the page lives.
    }
    for (const listener of [...this.listeners]) listener();
  }

  remove(entry: Recent): void {
    this.known = this.read().filter((known) => !isSame(known, entry));
    try {
      this.storage().setItem(this.key, JSON.stringify(this.known));
    } catch {
      // As above.
    }
    for (const listener of [...this.listeners]) listener();
  }

  private read(): Recent[] {
    try {
      const stored: unknown = JSON.parse(this.storage().getItem(this.key) ?? '[]');
      return Array.isArray(stored) ? stored.filter(isRecent) : NONE;
    } catch {
      return this.known ?? NONE;
    }
  }
}

function isSame(a: Recent, b: Recent): boolean {
  return (['cluster', 'namespace', 'name', 'user'] as const).every((key) => a[key] === b[key]);
}

function isRecent(value: unknown): value is Recent {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return ['cluster', 'namespace', 'name', 'user'].every((key) => typeof record[key] === 'string');
}

export const recentStore = new RecentStore(() => localStorage);

/** What was opened last, newest first; nothing while the server renders. */
export function useRecent(): Recent[] {
  return useSyncExternalStore(recentStore.subscribe, recentStore.get, () => NONE);
}

export const namespaceStore = new RecentStore(() => localStorage, 'portlight.namespaces', KEPT_NAMESPACES);

/** The namespaces that were looked at, newest first: where to search when a whole cluster may not be listed. */
export function useSeenNamespaces(): Recent[] {
  return useSyncExternalStore(namespaceStore.subscribe, namespaceStore.get, () => NONE);
}

/** The namespaces of one cluster that somebody has looked at in this browser, by name, and the ways to change them. */
export function useKnownNamespaces(cluster: string, user: string) {
  const seen = useSeenNamespaces();
  return useMemo(() => {
    const entry = (namespace: string): Recent => ({ cluster, namespace, name: '', user });
    return {
      known: seen
        .filter((each) => each.cluster === cluster && each.user === user)
        .map(({ namespace }) => namespace)
        .sort(),
      add: (namespace: string) => namespaceStore.add(entry(namespace)),
      forget: (namespace: string) => namespaceStore.remove(entry(namespace)),
    };
  }, [seen, cluster, user]);
}
