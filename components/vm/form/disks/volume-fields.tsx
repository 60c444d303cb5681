'use client';

import { Radio } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { K8sObject } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import { claimSize } from '@/lib/kinds/vm/form/storage-offers';
import { formatBytes, parseQuantity } from '@/lib/units';
import { Choice } from '../choice';
import { FormField } from '../form-field';
import { NamespaceChoice } from './namespace-choice';
import { useOffers } from './use-offers';

/** A volume that exists: used as it is, or the origin of a copy. */
export interface ChosenVolume {
  way: 'use' | 'clone';
  /** How the VM names it; a claim that a DataVolume made is named by that. */
  type: 'dataVolume' | 'persistentVolumeClaim';
  namespace: string;
  name: string;
  /** As the API spells it; empty while unknown. */
  size: string;
}

const WAYS = ['use', 'clone'] as const;

/** Chooses a volume and whether the VM gets it or a copy of it. */
export function VolumeFields({
  id,
  cluster,
  namespace,
  value,
  onChange,
  isDisabled = false,
  waysOffered = WAYS,
}: {
  id: string;
  cluster: string;
  /** The VM's own: from another one a volume can only be copied. */
  namespace: string;
  value: ChosenVolume;
  onChange: (volume: ChosenVolume) => void;
  isDisabled?: boolean;
  waysOffered?: readonly ChosenVolume['way'][];
}) {
  const t = useText();
  const isElsewhere = value.way === 'clone' && value.namespace !== '' && value.namespace !== namespace;
  const from = isElsewhere ? value.namespace : namespace;
  const { offers, isLoading, error } = useOffers(cluster, RESOURCES.persistentVolumeClaims, from);
  const choose = (name: string) => {
    const claim = offers.find(({ metadata }) => metadata.name === name);
    onChange({ ...value, namespace: from, name, type: typeOf(claim), size: claimSize(claim) });
  };
  return (
    <>
      {waysOffered.length > 1 && (
        <FormField id={`${id}-way`} label={t('disks.volume.way')} role="radiogroup">
          {() =>
            waysOffered.map((way) => (
              <Radio
                key={way}
                id={`${id}-way-${way}`}
                name={`${id}-way`}
                label={t(`disks.volume.${way}`)}
                description={t(`disks.volume.${way}Help`)}
                isChecked={value.way === way}
                isDisabled={isDisabled}
                onChange={() =>
                  onChange(
                    way === 'use' && isElsewhere
                      ? { ...value, way, namespace, name: '', size: '' }
                      : { ...value, way },
                  )
                }
              />
            ))
          }
        </FormField>
      )}
      {value.way === 'clone' && (
        <NamespaceChoice
          id={`${id}-namespace`}
          cluster={cluster}
          value={from}
          isDisabled={isDisabled}
          onChange={(next) => onChange({ ...value, namespace: next, name: '', size: '' })}
        />
      )}
      <FormField
        id={`${id}-claim`}
        label={t('disks.volume.claim')}
        help={t('disks.volume.claimHelp')}
        problems={
          value.name ? [] : [{ path: id, severity: 'error', message: { key: 'disks.volume.missing' } }]
        }
      >
        {(control) => (
          <Choice
            {...control}
            label={t('disks.volume.claim')}
            allowOther
            value={value.name}
            options={claimOptions(offers)}
            onChange={choose}
            {...{ isLoading, isDisabled }}
            {...(error === undefined ? {} : { error })}
          />
        )}
      </FormField>
    </>
  );
}

function typeOf(claim: K8sObject | undefined): ChosenVolume['type'] {
  const isMade = claim?.metadata.ownerReferences?.some(({ kind }) => kind === 'DataVolume') ?? false;
  return isMade ? 'dataVolume' : 'persistentVolumeClaim';
}

/** Claims by name, without those that CDI works in for a while. */
export function claimOptions(claims: readonly K8sObject[]) {
  return claims
    .filter(({ metadata }) => !/^prime-[0-9a-f-]{36}/.test(metadata.name))
    .map((claim) => {
      const bytes = parseQuantity(claimSize(claim) || undefined);
      return {
        value: claim.metadata.name,
        label: claim.metadata.name,
        description: bytes === undefined ? undefined : formatBytes(bytes),
      };
    })
    .sort((one, other) => one.label.localeCompare(other.label, 'en', { numeric: true }));
}
