'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { type Resource, resourcePath } from '@/lib/k8s/resource';

/** Objects of one page of a list. */
const PAGE = 100;

/** Metadata alone: names are shown, and values of Secrets stay in the cluster. */
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

export interface NamedObject {
  name: string;
  namespace: string | undefined;
  uid: string;
  createdAt: string;
  deletedAt: string | undefined;
}

interface MetadataList {
  metadata?: { continue?: string };
  items?: {
    metadata: {
      name: string;
      namespace?: string;
      uid: string;
      creationTimestamp: string;
      deletionTimestamp?: string;
    };
  }[];
}

/** The objects of a kind, page by page as they are asked for. */
export function useObjectList(cluster: string, resource: Resource | undefined, namespace: string) {
  const [objects, setObjects] = useState<readonly NamedObject[]>();
  const [next, setNext] = useState('');
  const [error, setError] = useState<ApiErrorJson>();
  const [isLoading, setLoading] = useState(false);
  const [round, setRound] = useState(0);
  const asked = useRef<AbortController>(undefined);

  const load = useCallback(
    async (after: string) => {
      if (!resource) return;
      asked.current?.abort();
      const mine = new AbortController();
      asked.current = mine;
      setLoading(true);
      try {
        const { body } = await callApi<MetadataList>(
          cluster,
          resourcePath(resource, namespace || undefined),
          {
            query: { limit: String(PAGE), ...(after ? { continue: after } : {}) },
            accept: METADATA,
            signal: mine.signal,
          },
        );
        if (mine.signal.aborted) return;
        const page = (body.items ?? []).map(({ metadata }) => ({
          name: metadata.name,
          namespace: metadata.namespace,
          uid: metadata.uid,
          createdAt: metadata.creationTimestamp,
          deletedAt: metadata.deletionTimestamp,
        }));
        setObjects((before = []) => (after ? [...before, ...page] : page));
        setNext(body.metadata?.continue ?? '');
        setError(undefined);
        setLoading(false);
      } catch (reason) {
        if (mine.signal.aborted) return;
        setLoading(false);
        if (reason instanceof ApiError) setError(reason.toJSON());
      }
    },
    [cluster, resource, namespace],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    void load('');
    return () => asked.current?.abort();
  }, [load, round]);

  return {
    objects,
    error,
    isLoading,
    more: next ? () => void load(next) : undefined,
    refresh: () => setRound((before) => before + 1),
  };
}
