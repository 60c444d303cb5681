'use client';

import { useEffect, useSyncExternalStore } from 'react';
import type { ActionItem } from '@/components/ui/action-item';
import type { Ref } from '@/lib/k8s/object';

/** What can be done with what the page shows: the very items of its own menus. */
export interface OfferedActions {
  target: Ref;
  items: ActionItem[];
}

let offered: OfferedActions | undefined;
const listeners = new Set<() => void>();

function offer(next: OfferedActions | undefined): void {
  offered = next;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Lets the palette offer the actions of what this page shows; nothing of what is gone. */
export function useOfferActions(target: Ref, items: ActionItem[], gone: boolean): void {
  const { cluster, namespace, name } = target;
  useEffect(() => {
    offer(gone ? undefined : { target: { cluster, namespace, name }, items });
  }, [cluster, namespace, name, items, gone]);
  useEffect(() => () => offer(undefined), []);
}

export function useOfferedActions(): OfferedActions | undefined {
  return useSyncExternalStore(
    subscribe,
    () => offered,
    () => undefined,
  );
}
