'use client';

import { useText } from '@/components/ui/text';
import { valueAt, wordAt } from '@/lib/k8s/json';
import type { K8sObject } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import { Choice } from '../../form/choice';
import type { ChoiceOption } from '../../form/choice-options';
import { useOffers } from '../../form/disks/use-offers';
import { FormField } from '../../form/form-field';

/** Chooses a snapshot of a VM; the newest first. One that is not ready says so. */
export function SnapshotField({
  cluster,
  namespace,
  value,
  onChange,
}: {
  cluster: string;
  namespace: string;
  value: string;
  onChange: (name: string) => void;
}) {
  const t = useText();
  const { offers, isLoading, error } = useOffers(cluster, RESOURCES.virtualMachineSnapshots, namespace);
  const optionOf = (snapshot: K8sObject): ChoiceOption => {
    const { name, creationTimestamp } = snapshot.metadata;
    const disks = namesAt(snapshot, 'includedVolumes');
    return {
      value: name,
      label: name,
      description: [
        t('create.clone.snapshot.of', { vm: wordAt(snapshot, ['spec', 'source', 'name']) }),
        creationTimestamp,
        disks.length > 0
          ? t('create.clone.snapshot.disks', { disks: disks.join(', ') })
          : t('create.clone.snapshot.noDisks'),
      ].join(' · '),
      disabled:
        valueAt(snapshot, ['status', 'readyToUse']) === true
          ? undefined
          : t('create.clone.snapshot.notReady', { phase: wordAt(snapshot, ['status', 'phase']) || '–' }),
    };
  };
  const options = [...offers]
    .sort((one, other) => other.metadata.creationTimestamp.localeCompare(one.metadata.creationTimestamp))
    .map(optionOf);
  return (
    <FormField
      id="clone-source"
      label={t('create.clone.snapshot.label')}
      help={
        !isLoading && error === undefined && options.length === 0
          ? t('create.clone.snapshot.none', { namespace })
          : t('create.clone.snapshot.help')
      }
      isRequired
    >
      {(control) => (
        <Choice
          {...control}
          label={t('create.clone.snapshot.label')}
          options={options}
          value={value}
          isLoading={isLoading}
          onChange={onChange}
          {...(error === undefined ? {} : { error })}
        />
      )}
    </FormField>
  );
}

function namesAt(snapshot: K8sObject, list: string): string[] {
  const names = valueAt(snapshot, ['status', 'snapshotVolumes', list]);
  return Array.isArray(names) ? names.map(String) : [];
}
