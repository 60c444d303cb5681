'use client';

import { useEffect, useSyncExternalStore } from 'react';
import { ApiError } from '@/lib/k8s/error';
import type { JsonObject } from '@/lib/k8s/json';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { sendFile } from './send-file';
import { type UploadState, UploadStore, type UploadTarget } from './upload-store';

/** The uploads of this tab. */
export const uploads = new UploadStore({
  create: async ({ cluster, namespace }, volume) => {
    const path = resourcePath(RESOURCES.dataVolumes, namespace);
    await callApi(cluster, path, { method: 'POST', body: volume }).catch((cause: unknown) => {
      // An upload that failed goes on with the volume that it has.
      if (!(cause instanceof ApiError) || cause.reason !== 'AlreadyExists') throw cause;
    });
  },
  read: async ({ cluster, namespace, name }) =>
    (await callApi<JsonObject>(cluster, resourcePath(RESOURCES.dataVolumes, namespace, name))).body,
  send: ({ cluster, namespace, name }, file, onProgress, signal) =>
    sendFile(
      `/api/uploads/${[cluster, namespace, name].map(encodeURIComponent).join('/')}`,
      file,
      onProgress,
      signal,
    ),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

/** How the upload into a volume is going; undefined when there was none in this tab. */
export function useUpload(target: UploadTarget): UploadState | undefined {
  return useSyncExternalStore(
    uploads.subscribe,
    () => uploads.stateOf(target),
    () => undefined,
  );
}

/** Asks before the tab closes while something is being sent. */
export function useUploadGuard(): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (uploads.isBusy) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);
}
