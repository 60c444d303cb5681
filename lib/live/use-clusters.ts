'use client';

import { useCallback, useEffect, useState } from 'react';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { readSessions } from '@/lib/session/auth-api';
import type { ClusterSession } from '@/lib/session/session';
import { openSessionChannel, type SessionChannel } from '@/lib/session/session-channel';

/** One for all menus of the tab; apart from the keeper's, so that what this tab itself does is heard, too. */
let channel: SessionChannel | undefined;

function news(): SessionChannel {
  channel ??= openSessionChannel();
  return channel;
}

/**
 * The clusters, and who is signed in to each: first what the server rendered, then as other tabs sign in and out.
 * `refresh` asks the server again, e.g. when a menu opens.
 */
export function useClusters(initial: ClusterInfo[]): { clusters: ClusterInfo[]; refresh: () => void } {
  const [clusters, setClusters] = useState<ClusterInfo[]>(initial);
  useEffect(() => setClusters(initial), [initial]);
  const refresh = useCallback(() => {
    void readSessions().then(
      (sessions) => setClusters((known) => known.map((cluster) => withSession(cluster, sessions))),
      // Without an answer what is known stays; the line under the masthead says that the console is silent.
      () => undefined,
    );
  }, []);
  useEffect(() => news().listen(({ type }) => type !== 'renewed' && refresh()), [refresh]);
  return { clusters, refresh };
}

function withSession(cluster: ClusterInfo, sessions: ClusterSession[]): ClusterInfo {
  const session = sessions.find(({ name }) => name === cluster.name);
  if (!session) return cluster;
  const { signedIn, user, methods } = session;
  return { ...cluster, signedIn, methods, ...(user === undefined ? {} : { user }) };
}
