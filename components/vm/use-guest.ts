'use client';

import type {
  V1VirtualMachineInstanceFileSystem,
  V1VirtualMachineInstanceGuestAgentInfo,
  V1VirtualMachineInstanceGuestOSUser,
} from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import { useEffect, useState } from 'react';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';

export interface Guest {
  system: V1VirtualMachineInstanceGuestAgentInfo;
  users: V1VirtualMachineInstanceGuestOSUser[];
  fileSystems: V1VirtualMachineInstanceFileSystem[];
}

export type GuestState = { guest?: Guest; error?: ApiErrorJson };

const REFRESH_MS = 30_000;
const RETRY_MS = 5_000;

/**
 * What the agent in the guest says, asked while `active` and again every 30 s, since none of it can be watched.
 * KubeVirt answers 500 in plain text while the agent is not there yet, so failures are tried again soon.
 */
export function useGuest({ cluster, namespace, name }: Ref, active: boolean): GuestState {
  const [state, setState] = useState<GuestState>({});
  useEffect(() => {
    if (!active) {
      setState({});
      return;
    }
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const get = async <T>(subresource: string): Promise<T> => {
      const path = resourcePath(RESOURCES.virtualMachineInstanceActions, namespace, name, subresource);
      return (await callApi<T>(cluster, path, { signal: abort.signal })).body;
    };
    const read = async () => {
      let next = REFRESH_MS;
      try {
        const [system, users, fileSystems] = await Promise.all([
          get<Guest['system']>('guestosinfo'),
          get<{ items?: Guest['users'] | null }>('userlist'),
          get<{ items?: Guest['fileSystems'] | null }>('filesystemlist'),
        ]);
        setState({ guest: { system, users: users.items ?? [], fileSystems: fileSystems.items ?? [] } });
      } catch (error) {
        if (abort.signal.aborted) return;
        next = RETRY_MS;
        // What was read before stays: an agent that misses one question has not gone.
        if (error instanceof ApiError) setState(({ guest }) => ({ guest, error: error.toJSON() }));
      }
      timer = setTimeout(read, next);
    };
    void read();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [cluster, namespace, name, active]);
  return state;
}
