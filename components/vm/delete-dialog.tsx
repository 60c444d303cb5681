'use client';

import { Checkbox, Content, Skeleton } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { K8sObject, Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { type Resource, resourcePath } from '@/lib/k8s/resource';
import { checkOf, refusalOf, refusalText } from '@/lib/kinds/abilities';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmCallAction } from '@/lib/kinds/vm/actions';
import { type DeleteInput, type Dependent, dependentsOf } from '@/lib/kinds/vm/delete';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import type { VirtualMachine } from '@/lib/kinds/vm/types';
import styles from './vm.module.css';

interface Found {
  disks: Dependent[];
  /** Kinds whose objects this user may not list. */
  hidden: Resource[];
  hasTemplates: boolean;
}

const DISK_KINDS = [RESOURCES.dataVolumes, RESOURCES.persistentVolumeClaims];

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
function useDependents(target: Ref, vmUid: string): { found?: Found; error?: ApiErrorJson } {
  const [state, setState] = useState<{ found?: Found; error?: ApiErrorJson }>({});
  const { cluster, namespace, name } = target;
  useEffect(() => {
    const abort = new AbortController();
    const read = async () => {
      const path = resourcePath(RESOURCES.virtualMachines, namespace, name);
      const { body } = await callApi<VirtualMachine>(cluster, path, { signal: abort.signal });
      const hasTemplates = (body.spec.dataVolumeTemplates?.length ?? 0) > 0;
      // Without templates KubeVirt makes no DataVolumes, and a cluster without CDI need not be asked for them.
      const kinds = hasTemplates ? DISK_KINDS : [RESOURCES.persistentVolumeClaims];
      const lists = await Promise.all(
        kinds.map((resource) => listOwned(cluster, namespace, resource, abort.signal)),
      );
      const disks = kinds.flatMap((resource, index) => dependentsOf(vmUid, resource, lists[index] ?? []));
      const hidden = kinds.filter((_, index) => lists[index] === undefined);
      setState({ found: { disks, hidden, hasTemplates } });
    };
    read().catch((error: unknown) => {
      if (!abort.signal.aborted && error instanceof ApiError) setState({ error: error.toJSON() });
    });
    return () => abort.abort();
  }, [cluster, namespace, name, vmUid]);
  return state;
}

async function listOwned(
  cluster: string,
  namespace: string,
  resource: Resource,
  signal: AbortSignal,
): Promise<K8sObject[] | undefined> {
  try {
    const { body } = await callApi<{ items: K8sObject[] }>(cluster, resourcePath(resource, namespace), {
      signal,
    });
    return body.items;
  } catch (error) {
    // No CDI in this cluster: then there are no DataVolumes either.
    if (error instanceof ApiError && error.code === 404) return [];
    if (error instanceof ApiError && error.code === 403) return undefined;
    throw error;
  }
}
