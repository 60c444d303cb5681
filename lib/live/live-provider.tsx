'use client';

import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { LiveClient, type LiveSocket, type LiveSocketEvents, type LiveStatus } from './live-client';
import { sessionStore } from './sessions';

const LiveContext = createContext<LiveClient | undefined>(undefined);

/** Gives the tab its one live socket. Stands once, around all pages. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [client] = useState(() => new LiveClient({ open: openSocket }));
  useEffect(() => {
    const wake = () => client.reconnectNow();
    window.addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    return () => {
      window.removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
    };
  }, [client]);
  useEffect(() => {
    const rounds = () =>
      sessionStore.clusters().reduce((sum, cluster) => sum + (sessionStore.get(cluster)?.round ?? 0), 0);
    let before = rounds();
    // Somebody has signed in anew: the socket still carries the credentials that it began with.
    return sessionStore.subscribe(() => {
      const now = rounds();
      if (now !== before) client.reopen();
      before = now;
    });
  }, [client]);
  return <LiveContext value={client}>{children}</LiveContext>;
}

/** The tab's live client, for actions that wait until their effect is seen. */
export function useLiveClient(): LiveClient {
  const client = useContext(LiveContext);
  if (!client) throw new Error('LiveProvider is missing above this component');
  return client;
}

const CONNECTING: LiveStatus = { state: 'connecting' };

/** Whether the console's server answers; what a cluster does is in each feed. */
export function useLiveStatus(): LiveStatus {
  const client = useLiveClient();
  return useSyncExternalStore(client.subscribeStatus, client.getStatus, () => CONNECTING);
}

function openSocket(events: LiveSocketEvents): LiveSocket {
  const { protocol, host } = window.location;
  const socket = new WebSocket(`${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/api/live`);
  socket.onopen = events.opened;
  socket.onmessage = (event: MessageEvent<string>) => events.message(event.data);
  socket.onclose = events.closed;
  return socket;
}
