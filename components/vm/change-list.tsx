'use client';

import { List, ListItem, Skeleton } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { Age } from '@/components/ui/age';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { K8sObject, Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { type Change, changesOf, managedFieldsOf } from '@/lib/kinds/vm/activity';
import type { VirtualMachine } from '@/lib/kinds/vm/types';
import styles from './vm.module.css';

const SHOWN = 5;

/** Who changed a VM last, and what, by whatever name the writer gave itself. */
export function ChangeList({ target, vm }: { target: Ref; vm: VirtualMachine }) {
  const t = useText();
  const { changes, error } = useChanges(target, vm);
  if (error) return <ErrorAlert error={error} title={t('tasks.changes.unread')} />;
  if (!changes) return <Skeleton screenreaderText={t('common.loading')} />;
  if (changes.length === 0) return <p>{t('tasks.changes.none')}</p>;
  return (
    <List isPlain aria-label={t('tasks.changes.title')}>
      {changes.slice(0, SHOWN).map(({ manager, time, fields }) => (
        <ListItem key={`${manager} ${time}`}>
          {manager || t('tasks.changes.unnamed')}, <Age time={time} ago />
          <div className={styles.words}>{fields.join(', ')}</div>
        </ListItem>
      ))}
    </List>
  );
}

/** Asked for the single object, once for each change of what was asked of it: feeds leave managed fields out. */
function useChanges(
  { cluster, namespace, name }: Ref,
  { metadata }: VirtualMachine,
): { changes?: Change[]; error?: ApiErrorJson } {
  const [state, setState] = useState<{ changes?: Change[]; error?: ApiErrorJson }>({});
  // Status changes all the time and is nobody's wish; a new generation, labels and annotations are.
  const wish = JSON.stringify([metadata.uid, metadata.generation, metadata.labels, metadata.annotations]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew when the wish is another one
  useEffect(() => {
    const abort = new AbortController();
    const path = resourcePath(RESOURCES.virtualMachines, namespace, name);
    callApi<K8sObject>(cluster, path, { signal: abort.signal }).then(
      ({ body }) => setState({ changes: changesOf(managedFieldsOf(body)) }),
      (error: unknown) => {
        if (!abort.signal.aborted && error instanceof ApiError) setState({ error: error.toJSON() });
      },
    );
    return () => abort.abort();
  }, [cluster, namespace, name, wish]);
  return state;
}
