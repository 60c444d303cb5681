'use client';

import { useText } from '@/components/ui/text';
import { valueAt, wordAt } from '@/lib/k8s/json';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VolumeSource } from '@/lib/kinds/vm/form/volume-template';
import { formatBytes, parseQuantity } from '@/lib/units';
import { Choice } from '../choice';
import { FormField } from '../form-field';
import { NamespaceChoice } from './namespace-choice';
import { useOffers } from './use-offers';

type SnapshotSource = Extract<VolumeSource, { kind: 'snapshot' }>;

/** Chooses the VolumeSnapshot that a volume begins as a copy of. Snapshots of VMs consist of such. */
export function SnapshotFields({
  id,
  cluster,
  namespace,
  value,
  onChange,
  isDisabled = false,
}: {
  id: string;
  cluster: string;
  namespace: string;
  value: SnapshotSource;
  /** `least` is the size that the snapshot needs, as the API spells it. */
  onChange: (source: SnapshotSource, least: string) => void;
  isDisabled?: boolean;
}) {
  const t = useText();
  const from = value.namespace || namespace;
  const { offers, isLoading, error } = useOffers(cluster, RESOURCES.volumeSnapshots, from);
  const options = offers
    .map((snapshot) => {
      const isReady = valueAt(snapshot, ['status', 'readyToUse']) === true;
      const bytes = parseQuantity(wordAt(snapshot, ['status', 'restoreSize']) || undefined);
      return {
        value: snapshot.metadata.name,
        label: snapshot.metadata.name,
        description: [
          t('disks.snapshot.of', {
            claim: wordAt(snapshot, ['spec', 'source', 'persistentVolumeClaimName']) || '–',
          }),
          ...(bytes === undefined ? [] : [formatBytes(bytes)]),
          snapshot.metadata.creationTimestamp,
        ].join(' · '),
        disabled: isReady ? undefined : t('disks.snapshot.notReady'),
      };
    })
    .sort((one, other) => one.label.localeCompare(other.label, 'en', { numeric: true }));
  return (
    <>
      <NamespaceChoice
        id={`${id}-namespace`}
        cluster={cluster}
        value={from}
        isDisabled={isDisabled}
        onChange={(next) => onChange({ kind: 'snapshot', namespace: next, name: '' }, '')}
      />
      <FormField
        id={`${id}-snapshot`}
        label={t('disks.snapshot.label')}
        help={t('disks.snapshot.help')}
        problems={
          value.name ? [] : [{ path: id, severity: 'error', message: { key: 'disks.snapshot.missing' } }]
        }
      >
        {(control) => (
          <Choice
            {...control}
            label={t('disks.snapshot.label')}
            allowOther
            value={value.name}
            options={options}
            onChange={(name) => {
              const chosen = offers.find(({ metadata }) => metadata.name === name);
              onChange(
                { kind: 'snapshot', namespace: from, name },
                wordAt(chosen, ['status', 'restoreSize']),
              );
            }}
            {...{ isLoading, isDisabled }}
            {...(error === undefined ? {} : { error })}
          />
        )}
      </FormField>
    </>
  );
}
