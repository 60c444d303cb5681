'use client';

import { useEffect, useState } from 'react';
import { useText } from '@/components/ui/text';
import { ApiError } from '@/lib/k8s/error';
import { wordAt } from '@/lib/k8s/json';
import { callApi } from '@/lib/k8s/request';
import { type Resource, resourcePath } from '@/lib/k8s/resource';

/** Names for a chooser, and why they are not known. */
export interface Names {
  names: readonly string[];
  isLoading: boolean;
  /** In words; a name can be typed instead. */
  error: string | undefined;
}

const LOADING: Names = { names: [], isLoading: true, error: undefined };

/** What the API answers of a list when asked for names alone: no values of Secrets travel. */
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** The names of a namespace's objects of one kind, asked for once when the chooser shows. */
export function useNames(cluster: string, resource: Resource, namespace: string): Names {
  const t = useText();
  const [state, setState] = useState<{ key: string; names: Names }>();
  const { kind } = resource;
  const path = resourcePath(resource, namespace);
  const key = `${cluster} ${path}`;
  useEffect(() => {
    const stop = new AbortController();
    const set = (names: Names) => setState({ key, names });
    callApi<{ items?: unknown[] }>(cluster, path, { signal: stop.signal, accept: METADATA }).then(
      ({ body }) => {
        const names = (body?.items ?? []).map((each) => wordAt(each, ['metadata', 'name'])).sort();
        set({ names, isLoading: false, error: undefined });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const code = error instanceof ApiError ? error.code : 0;
        const why = code === 403 ? 'forbidden' : code === 404 ? 'missing' : 'unreachable';
        set({ names: [], isLoading: false, error: t(`guest.list.${why}`, { kind, namespace }) });
      },
    );
    return () => stop.abort();
  }, [cluster, path, key, kind, namespace, t]);
  return state?.key === key ? state.names : LOADING;
}
