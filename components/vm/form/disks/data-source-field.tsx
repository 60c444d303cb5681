'use client';

import { useText } from '@/components/ui/text';
import { Choice } from '../choice';
import { FormField } from '../form-field';
import type { SourceFieldsProps } from './source-fields';
import { useImages } from './use-offers';

/** An image of the cluster that a data disk begins as a copy of. */
export function DataSourceField({
  id,
  cluster,
  namespace,
  value,
  onChange,
  isDisabled = false,
}: SourceFieldsProps<{ kind: 'dataSource'; namespace: string; name: string }>) {
  const t = useText();
  const { offers, isLoading, error } = useImages(cluster, namespace);
  return (
    <FormField
      id={`${id}-image`}
      label={t('disks.source.dataSource')}
      help={t('disks.sourceHelp.dataSource')}
    >
      {(control) => (
        <Choice
          {...control}
          label={t('disks.source.dataSource')}
          allowOther
          value={value.name ? `${value.namespace || namespace}/${value.name}` : ''}
          options={offers.map((offer) => ({
            value: `${offer.namespace}/${offer.name}`,
            label: offer.name,
            description: t('disks.image.in', { namespace: offer.namespace }),
          }))}
          onChange={(chosen) => {
            const [first = '', second] = chosen.split('/');
            onChange(
              second === undefined
                ? { kind: 'dataSource', namespace, name: first }
                : { kind: 'dataSource', namespace: first, name: second },
            );
          }}
          {...{ isLoading, isDisabled }}
          {...(error === undefined ? {} : { error })}
        />
      )}
    </FormField>
  );
}
