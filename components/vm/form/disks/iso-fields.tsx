'use client';

import { Radio } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { IsoMedium } from '@/lib/kinds/vm/form/boot-source';
import { FormField } from '../form-field';
import { LineField, UrlFields } from './source-fields';
import { type ChosenVolume, VolumeFields } from './volume-fields';

const EMPTY: Record<'http' | 'containerDisk' | 'volume', IsoMedium> = {
  http: { kind: 'http', url: '' },
  containerDisk: { kind: 'containerDisk', image: '' },
  volume: { kind: 'volume', type: 'persistentVolumeClaim', name: '' },
};

/** What lies in the drive that an empty disk is installed from. */
export function IsoFields({
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
  value: IsoMedium;
  onChange: (medium: IsoMedium) => void;
  isDisabled?: boolean;
}) {
  const t = useText();
  const volume = value.kind === 'volume' ? value : undefined;
  return (
    <>
      <FormField
        id={`${id}-medium`}
        label={t('disks.iso.medium')}
        role="radiogroup"
        help={t('disks.iso.help')}
      >
        {() =>
          (['http', 'volume', 'containerDisk'] as const).map((kind) => (
            <Radio
              key={kind}
              id={`${id}-medium-${kind}`}
              name={`${id}-medium`}
              label={t(`disks.iso.${kind}`)}
              isChecked={value.kind === kind}
              isDisabled={isDisabled}
              onChange={() => onChange(EMPTY[kind])}
            />
          ))
        }
      </FormField>
      {value.kind === 'http' && <UrlFields id={`${id}-iso`} {...{ value, isDisabled }} onChange={onChange} />}
      {value.kind === 'containerDisk' && (
        <LineField
          id={`${id}-iso-image`}
          label={t('disks.containerDisk.image')}
          help={t('disks.containerDisk.imageHelp')}
          value={value.image}
          isDisabled={isDisabled}
          onChange={(image) => onChange({ kind: 'containerDisk', image })}
        />
      )}
      {volume && (
        <VolumeFields
          id={`${id}-iso-volume`}
          {...{ cluster, namespace, isDisabled }}
          waysOffered={['use']}
          value={{ way: 'use', type: volume.type, namespace, name: volume.name, size: '' }}
          onChange={({ type, name }: ChosenVolume) => onChange({ kind: 'volume', type, name })}
        />
      )}
    </>
  );
}
