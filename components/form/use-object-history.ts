'use client';

import { useEffect, useSyncExternalStore } from 'react';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { lastChange } from '@/lib/manifest/last-change';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';
import { historyOf, type ObjectVersion } from './object-history';
import { versionOf } from './save-object';
import type { ObjectPlace, ObjectWork } from './use-object-edit';

/** The versions of the object that this tab has seen; adds each new one, and asks who made it. */
export function useObjectHistory(place: ObjectPlace, work: ObjectWork): readonly ObjectVersion[] {
  const { cluster, resource, namespace, name } = place;
  const { edit, state } = work;
  const newest = edit.ahead?.latest ?? edit.opened;
  const uid = isMapping(newest.metadata) ? String(newest.metadata.uid ?? '') : '';
  const history = historyOf(cluster, uid);
  const what = state === 'saved' ? 'saved' : 'seen';
  useEffect(() => {
    const kept = history.add(newest, what);
    if (!kept) return;
    callApi<ManifestObject>(cluster, resourcePath(resource, namespace, name)).then(
      ({ body }) => {
        const by = versionOf(body) === versionOf(newest) ? lastChange(body)?.manager : undefined;
        if (by) history.name(kept.id, by);
      },
      // The list says less then.
      () => undefined,
    );
  }, [history, newest, what, cluster, resource, namespace, name]);
  return useSyncExternalStore(
    history.subscribe,
    () => history.versions,
    () => history.versions,
  );
}
