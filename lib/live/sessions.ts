'use client';

import { useEffect, useSyncExternalStore } from 'react';
import { onSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { readSessions, renewSession } from '@/lib/session/auth-api';
import type { ClusterSession } from '@/lib/session/session';
import { openSessionChannel, type SessionChannel } from '@/lib/session/session-channel';
import { SessionKeeper } from '@/lib/session/session-keeper';
import { SessionStore, type TabSession } from '@/lib/session/session-store';

/** What this browser tab knows of its sessions. Filled in the browser only: a server has no tab. */
export const sessionStore = new SessionStore();

interface TabSessions {
  keeper: SessionKeeper;
  channel: SessionChannel;
}

let tab: TabSessions | undefined;

/** The keeper of this tab's sessions, which lives as long as the tab. Only in the browser. */
export function tabSessions(): TabSessions {
  tab ??= begin();
  return tab;
}

function begin(): TabSessions {
  const channel = openSessionChannel();
  const keeper = new SessionKeeper({
    store: sessionStore,
    channel,
    readSessions,
    renewSession,
    alone,
    now: Date.now,
    every: (ms, run) => {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
  });
  onSignInNeeded((needed) => void keeper.needed(needed));
  for (const event of ['pointerdown', 'keydown', 'wheel', 'touchstart']) {
    window.addEventListener(event, () => keeper.active(), { capture: true, passive: true });
  }
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) keeper.woke();
  });
  // A page that comes back out of the browser's memory shows what was there before somebody signed out.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted && sessionStore.clusters().length > 0) window.location.reload();
  });
  return { keeper, channel };
}

/** Of several tabs, one does it; on plain HTTP from another machine there are no locks, and every tab does. */
async function alone(name: string, work: () => Promise<void>): Promise<void> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return work();
  await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work();
  });
}

/** What this tab knows of its session for a cluster; undefined where nobody signs in, and while the server renders. */
export function useTabSession(cluster: string): TabSession | undefined {
  return useSyncExternalStore(
    sessionStore.subscribe,
    () => sessionStore.get(cluster),
    () => undefined,
  );
}

/** Makes a cluster's session, as the server rendered it into the page, known to the tab. */
export function usePrimedSession(session: ClusterSession): TabSession | undefined {
  useEffect(() => {
    tabSessions();
    sessionStore.prime(session);
  }, [session]);
  return useTabSession(session.name);
}

/** Calls `again` when somebody has signed in anew to a cluster. */
export function useOnSignedIn(cluster: string, again: () => void): void {
  useEffect(() => {
    let round = sessionStore.get(cluster)?.round ?? 0;
    return sessionStore.subscribe(() => {
      const now = sessionStore.get(cluster)?.round ?? 0;
      if (now === round) return;
      round = now;
      again();
    });
  }, [cluster, again]);
}
