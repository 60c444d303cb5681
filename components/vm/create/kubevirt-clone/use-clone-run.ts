'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useState } from 'react';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { wordAt } from '@/lib/k8s/json';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { type CloneInput, cloneManifest } from '@/lib/kinds/vm/clone';
import { beginClone } from '@/lib/live/follow-clone';
import { useLiveClient } from '@/lib/live/live-provider';
import { paths } from '@/lib/paths';

/** After the last change. */
const ASK_AFTER_MS = 300;

/** Asks whether the API would take the clone (`dryRun=All`) as its fields change, and gives the order for it. */
export function useCloneRun(cluster: string, input: CloneInput, isSound: boolean) {
  const client = useLiveClient();
  const router = useRouter();
  const { namespace, from, source, target } = input;
  const manifest = useMemo(
    () => cloneManifest({ namespace, from, source, target }),
    [namespace, from, source, target],
  );
  const path = resourcePath(RESOURCES.virtualMachineClones, namespace);
  const [error, setError] = useState<ApiErrorJson>();
  // The name that another VM turned out to have.
  const [taken, setTaken] = useState<string>();
  const [isSending, setSending] = useState(false);
  useEffect(() => {
    setError(undefined);
    if (!isSound) return;
    const stop = new AbortController();
    const { signal } = stop;
    const timer = setTimeout(() => {
      const request = { method: 'POST', body: manifest, query: { dryRun: 'All' }, signal } as const;
      callApi(cluster, path, request).catch((reason: unknown) => {
        if (!signal.aborted) setError(errorOf(reason));
      });
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [cluster, path, manifest, isSound]);

  const send = async () => {
    setSending(true);
    setError(undefined);
    try {
      if (await isTaken(cluster, namespace, target)) {
        setTaken(target);
        setSending(false);
        return;
      }
      const { body } = await callApi(cluster, path, { method: 'POST', body: manifest });
      const name = wordAt(body, ['metadata', 'name']);
      beginClone(client, { cluster, namespace, name: target }, source, name);
      // What was filled in is done; Back leads to what was before it.
      router.replace(paths.cloneVm(cluster, { namespace, progress: name }));
    } catch (reason) {
      setError(errorOf(reason));
      setSending(false);
    }
  };
  return { manifest, error, isTaken: taken === target, isSending, send };
}

/** The clone of a VM that is there would be a restore into it: looked for at the last moment, by a list of one. */
async function isTaken(cluster: string, namespace: string, name: string): Promise<boolean> {
  try {
    const { body } = await callApi<{ items?: unknown[] }>(
      cluster,
      resourcePath(RESOURCES.virtualMachines, namespace),
      { query: { fieldSelector: `metadata.name=${name}` } },
    );
    return (body.items ?? []).length > 0;
  } catch (error) {
    // Who may not look has to leave it to KubeVirt.
    if (error instanceof ApiError && error.code === 403) return false;
    throw error;
  }
}

function errorOf(reason: unknown): ApiErrorJson {
  const error =
    reason instanceof ApiError
      ? reason
      : new ApiError(0, 'Unexpected', String(reason), { method: '', path: '' });
  return error.toJSON();
}
