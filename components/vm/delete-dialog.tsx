'use client';

import { Checkbox, Content, Skeleton } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { checkOf, refusalOf, refusalText } from '@/lib/kinds/abilities';
import type { VmCallAction } from '@/lib/kinds/vm/actions';
import type { DeleteInput } from '@/lib/kinds/vm/delete';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { type Dependents, listObjects, readDependents } from '@/lib/live/dependents';
import styles from './vm.module.css';

/** Names what goes with a VM, and lets its disks be kept. Until that is known, nothing can be deleted. */
export function DeleteDialog({
  action,
  target,
  facts,
  onConfirm,
  onCancel,
}: {
  action: VmCallAction;
  target: Ref;
  facts: VmFacts;
  onConfirm: (input: DeleteInput) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const { found, error } = useDependents(target, facts.uid);
  const [keepAll, setKeepAll] = useState(false);
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set());
  const keep = found?.disks.filter(({ uid }) => kept.has(uid)) ?? [];
  const toggle = (uid: string, on: boolean) => {
    const next = new Set(kept);
    if (on) next.add(uid);
    else next.delete(uid);
    setKept(next);
    setKeepAll(next.size === found?.disks.length);
  };

  return (
    <ConfirmDialog
      title={t('vm.actions.delete.title', { name: target.name })}
      verb={t(action.label)}
      isReady={found !== undefined}
      onCancel={onCancel}
      onConfirm={() => found && onConfirm({ keep, hasTemplates: found.hasTemplates })}
    >
      <Content component="p">{t('vm.delete.intro')}</Content>
      <ul className={styles.goes}>
        <li>{t('vm.delete.vm', { name: target.name, namespace: target.namespace })}</li>
        {facts.vmi && <li>{t('vm.delete.vmi')}</li>}
        <li>{t('vm.delete.revisions')}</li>
        {found?.disks.map(({ uid, name, resource }) => (
          <li key={uid} className={kept.has(uid) ? styles.kept : undefined}>
            {t(kept.has(uid) ? 'vm.delete.diskKept' : 'vm.delete.disk', { kind: resource.kind, name })}
          </li>
        ))}
      </ul>
      {!found && !error && <Skeleton screenreaderText={t('vm.delete.looking')} />}
      {error && <ErrorAlert error={error} title={t('vm.delete.unknown')} />}
      {found && found.disks.length > 0 && (
        <fieldset className={styles.keep}>
          <legend>{t('vm.delete.keep')}</legend>
          {found.disks.length > 1 && (
            <Checkbox
              id="keep-all"
              label={t('vm.delete.keepAll')}
              isChecked={keepAll}
              onChange={(_, on) => {
                setKeepAll(on);
                setKept(new Set(on ? found.disks.map(({ uid }) => uid) : []));
              }}
            />
          )}
          {found.disks.map(({ uid, name, resource }) => (
            <Checkbox
              key={uid}
              id={`keep-${uid}`}
              label={`${resource.kind} ${name}`}
              isChecked={kept.has(uid)}
              onChange={(_, on) => toggle(uid, on)}
            />
          ))}
        </fieldset>
      )}
      {found?.hidden.map((resource) => (
        <Content key={resource.plural} component="p">
          {t(refusalText(refusalOf(checkOf({ verb: 'list', resource }, target.namespace)), t))}.{' '}
          {t('vm.delete.hidden')}
        </Content>
      ))}
      {found?.disks.length === 0 && found.hidden.length === 0 && (
        <Content component="p">{t('vm.delete.noDisks')}</Content>
      )}
    </ConfirmDialog>
  );
}

/** What the VM owns, asked anew each time: a dialog about data must not speak from memory. */
function useDependents(target: Ref, vmUid: string): { found?: Dependents; error?: ApiErrorJson } {
  const [state, setState] = useState<{ found?: Dependents; error?: ApiErrorJson }>({});
  const { cluster, namespace, name } = target;
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const found = readDependents({ cluster, namespace, name }, vmUid, listObjects(cluster, signal), signal);
    found.then(
      (dependents) => setState({ found: dependents }),
      (error: unknown) => {
        if (!signal.aborted && error instanceof ApiError) setState({ error: error.toJSON() });
      },
    );
    return () => abort.abort();
  }, [cluster, namespace, name, vmUid]);
  return state;
}
