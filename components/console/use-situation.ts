'use client';

import { useMemo } from 'react';
import type { Situation } from '@/lib/console/state';
import type { Feed } from '@/lib/inventory/protocol';
import { plainMessage } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { RESOURCES } from '@/lib/kinds/resources';
import { vmFacts } from '@/lib/kinds/vm/facts';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import type { LiveStatus } from '@/lib/live/live-client';
import { useLiveStatus } from '@/lib/live/live-provider';
import { useObject } from '@/lib/live/use-live';

/** What the watches of a VM and its VMI say, as a console needs it. */
export function useSituation({ cluster, namespace, name }: Ref): Situation {
  const vm = useObject<VirtualMachine>(cluster, RESOURCES.virtualMachines, namespace, name);
  const vmi = useObject<VirtualMachineInstance>(cluster, RESOURCES.virtualMachineInstances, namespace, name);
  const status = useLiveStatus();
  return useMemo(() => {
    const situation = feedOf([vm.feed, vmi.feed], status);
    if (!vm.object || vm.gone) return situation;
    const instance = vmi.gone ? undefined : vmi.object;
    // Until the VMI's own watch has answered, "no VMI" is not known.
    if (!instance && !vmi.gone) return situation.feed === 'live' ? { feed: 'loading' } : situation;
    const node = instance?.status?.nodeName;
    return { ...situation, vm: vmFacts(vm.object, instance), ...(node === undefined ? {} : { node }) };
  }, [vm.object, vm.gone, vm.feed, vmi.object, vmi.gone, vmi.feed, status]);
}

function feedOf(feeds: Feed[], status: LiveStatus): Situation {
  for (const feed of feeds) {
    if (feed.state !== 'refused') continue;
    const { code, message } = feed.error;
    return { feed: 'refused', refusal: { code, message: plainMessage(message) } };
  }
  if (status.state === 'paused') return { feed: 'paused', feedRetryAt: status.retryAt };
  for (const feed of feeds) {
    if (feed.state === 'paused' && isSignInNeeded(feed.error)) return { feed: 'signed-out' };
    if (feed.state === 'paused') return { feed: 'paused', feedRetryAt: feed.retryAt };
  }
  const isLive = status.state === 'live' && feeds.every(({ state }) => state === 'live');
  return { feed: isLive ? 'live' : 'loading' };
}
