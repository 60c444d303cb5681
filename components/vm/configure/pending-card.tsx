'use client';

import { useState } from 'react';
import { ReasonedButton } from '@/components/form/reasoned-button';
import { ActionButton } from '@/components/ui/action-button';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { JsonObject } from '@/lib/k8s/json';
import type { Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { verdictOf } from '@/lib/kinds/vm/form/applies';
import { pendingChanges, restartReason, withRunningValues } from '@/lib/kinds/vm/pending';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { useFeatures } from '@/lib/live/use-features';
import { text } from '@/lib/text';
import { Section } from '../fact-list';
import type { VmForm } from '../form/vm-form';
import { onVm } from '../form/vm-form';
import { pickItems, useVmItems } from '../vm-actions';
import { type ChangeRow, ChangeRows } from './change-rows';
import styles from './configure.module.css';
import { useExpanded } from './use-expanded';

/** What is stored of a VM and not in its running guest, with the two ways out: take it back, or restart. */
export function PendingCard({
  target,
  vm,
  vmi,
  facts,
  form,
}: {
  target: Ref;
  vm: VirtualMachine;
  vmi: VirtualMachineInstance;
  facts: VmFacts;
  form: VmForm;
}) {
  const t = useText();
  const features = useFeatures(target.cluster);
  const expanded = useExpanded(target, vm);
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<ApiErrorJson>();
  const restart = pickItems(useVmItems(target, facts, true), ['restart']);
  const pending = pendingChanges(vm, vmi, expanded);
  const reason = restartReason(vm);
  if (pending.length === 0 && reason === undefined) return null;

  // Wire objects are plain mappings; the form edits them as such.
  const stored = vm as unknown as JsonObject;
  const before = withRunningValues(stored, pending);
  const rows = pending.map((change): ChangeRow => {
    const row = { path: change.path, before: change.running, after: change.stored };
    if (change.isUnderWay) return { ...row, state: text('configure.pending.underWay') };
    const { applies, why } = verdictOf([change.path], { features, vm: before, vmi, after: stored });
    // It is not in the guest, so it doesn't apply now, whatever could be.
    return features.isLoading ? row : { ...row, applies: applies === 'now' ? 'restart' : applies, why };
  });
  const discardable = pending.filter(({ canDiscard }) => canDiscard);

  const putBack = async () => {
    setReading(true);
    setError(undefined);
    try {
      const started = await readStarted(target, vmi);
      form.change(onVm((draft) => withRunningValues(draft, discardable, started)));
    } catch (cause) {
      if (cause instanceof ApiError) setError(cause.toJSON());
      else throw cause;
    } finally {
      setReading(false);
    }
  };

  return (
    <Section title={t('configure.pending.title')}>
      <p className={styles.lead}>{t('configure.pending.lead')}</p>
      {reason && <p className={styles.subtle}>{reason}</p>}
      {rows.length > 0 && <ChangeRows rows={rows} label={t('configure.pending.title')} />}
      {rows.length === 0 && <p>{t('configure.pending.unknown')}</p>}
      {error && <ErrorAlert error={error} />}
      <div className={styles.buttons}>
        {restart.map((item) => (
          <ActionButton key={item.id} item={item} />
        ))}
        {discardable.length > 0 && (
          <ReasonedButton
            variant="secondary"
            label={t('configure.pending.discard')}
            reason={form.locked}
            isLoading={isReading}
            onClick={() => void putBack()}
          />
        )}
      </div>
    </Section>
  );
}

/**
 * The VM as its instance was started with it, from the revision that KubeVirt keeps. Undefined where there is none, or
 * nobody may see it: then the running values themselves are put back.
 */
async function readStarted(
  { cluster, namespace }: Ref,
  { status }: VirtualMachineInstance,
): Promise<JsonObject | undefined> {
  const name = status?.virtualMachineRevisionName;
  if (!name) return undefined;
  try {
    const path = resourcePath(RESOURCES.controllerRevisions, namespace, name);
    return (await callApi<{ data?: JsonObject }>(cluster, path)).body?.data;
  } catch (error) {
    if (error instanceof ApiError && [403, 404].includes(error.code)) return undefined;
    throw error;
  }
}
