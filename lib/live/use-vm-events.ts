'use client';

import { useMemo, useSyncExternalStore } from 'react';
import type { Feed, Subscription } from '@/lib/inventory/protocol';
import type { EventObject } from '@/lib/kinds/event';
import { RESOURCES } from '@/lib/kinds/resources';
import { newestVmEvents, type VmEvent } from '@/lib/kinds/vm/activity';
import type { LiveClient, LiveView } from './live-client';
import { useLiveClient } from './live-provider';

export interface VmEvents {
  /** Newest first. */
  events: VmEvent[];
  /** How many the cluster still has. */
  total: number;
  feed: Feed;
}

const KINDS = ['VirtualMachine', 'VirtualMachineInstance'];
const LOADING: VmEvents = { events: [], total: 0, feed: { state: 'loading' } };
/** Events come in bursts, and putting them in order anew for each would be felt. */
const TELL_MS = 250;

/**
 * The newest events of VMs and VMIs, live, as long as it is used: of these namespaces, or of all when there are none.
 */
export function useVmEvents(cluster: string, namespaces: readonly string[], limit: number): VmEvents {
  const client = useLiveClient();
  const scope = namespaces.join(',');
  const store = useMemo(
    () => eventStore(client, cluster, scope ? scope.split(',') : [], limit),
    [client, cluster, scope, limit],
  );
  return useSyncExternalStore(store.subscribe, store.get, () => LOADING);
}

function eventStore(client: LiveClient, cluster: string, namespaces: string[], limit: number) {
  const views: LiveView[] = (namespaces.length > 0 ? namespaces : [undefined]).flatMap((namespace) =>
    KINDS.map((kind) =>
      client.view(cluster, {
        kind: 'objects',
        resource: RESOURCES.events,
        ...(namespace ? { namespace } : {}),
        fieldSelector: `involvedObject.kind=${kind}`,
      } satisfies Subscription),
    ),
  );
  const read = (): VmEvents => {
    const states = views.map((view) => view.get());
    const { events, total } = newestVmEvents(
      states.flatMap(({ objects }) => objects as EventObject[]),
      limit,
    );
    // What keeps some of them from showing is told before all else.
    const telling = states.find(({ feed }) => feed.state !== 'live') ?? states[0];
    return { events, total, feed: telling?.feed ?? LOADING.feed };
  };
  let state = LOADING;
  return {
    get: () => state,
    subscribe: (listener: () => void) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const tell = () => {
        timer ??= setTimeout(() => {
          timer = undefined;
          state = read();
          listener();
        }, TELL_MS);
      };
      const detach = views.map((view) => view.subscribe(tell));
      tell();
      return () => {
        clearTimeout(timer);
        for (const each of detach) each();
      };
    },
  };
}
