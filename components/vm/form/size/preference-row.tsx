'use client';

import { useText } from '@/components/ui/text';
import { INSTANCETYPE, NO_MATCHER, PREFERENCE } from '@/lib/kinds/vm/form/instance-type';
import { type PreferenceOffer, unmetRequirement } from '@/lib/kinds/vm/form/preference';
import { text } from '@/lib/text';
import { formatBytes, parseQuantity } from '@/lib/units';
import { Choice } from '../choice';
import { FormField } from '../form-field';
import { type PlacedProblem, useField, useVmForm } from '../vm-form';
import { useInstanceTypes, usePreferences } from './use-offers';

/** What the guest's system prefers (buses, firmware, clock): it fills what the VM leaves open. */
export function PreferenceRow() {
  const t = useText();
  const { cluster, namespace, draft } = useVmForm();
  const { value, set, problems, applies, locked } = useField(PREFERENCE);
  const { offers, isLoading, error, find } = usePreferences(cluster, namespace);
  const sizes = useInstanceTypes(cluster, namespace);
  const chosen = find(value);
  const size = INSTANCETYPE.read(draft.vm);
  const unmet =
    chosen && !size.inferFromVolume && !(size.name && !sizes.find(size))
      ? unmetRequirement(draft.vm, chosen, sizes.find(size))
      : undefined;
  const path = 'spec.preference';
  const found: PlacedProblem[] = [];
  if (unmet) found.push({ path, severity: 'warning', message: unmet });
  if (value.name && !chosen && !isLoading && !error)
    found.push({
      path,
      severity: 'warning',
      message: text('compute.preference.unknown', { name: value.name }),
    });
  const needs = (offer: PreferenceOffer) =>
    [
      offer.vcpus > 0 ? t('compute.size.cpus', { count: offer.vcpus }) : '',
      offer.memory ? formatBytes(parseQuantity(offer.memory) ?? 0) : '',
    ]
      .filter(Boolean)
      .join(', ');
  const keyOf = ({ kind, name }: { kind: string; name: string }) => `${kind}/${name}`;
  return (
    <FormField
      id={PREFERENCE.id}
      label={t('compute.preference.label')}
      help={
        value.inferFromVolume
          ? t('compute.preference.inferred', { volume: value.inferFromVolume })
          : t('compute.preference.help')
      }
      problems={[...problems, ...found]}
      applies={applies}
    >
      {(control) => (
        <Choice
          {...control}
          label={t('compute.preference.label')}
          placeholder={t('compute.preference.none')}
          isLoading={isLoading}
          isDisabled={locked !== undefined}
          isClearable
          allowOther
          {...(error ? { error: t('compute.preference.refused', { words: error.message }) } : {})}
          value={chosen ? keyOf(chosen) : value.name}
          options={[...offers]
            .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
            .map((offer) => ({
              value: keyOf(offer),
              label: offer.name,
              description: [
                offer.title === offer.name ? '' : offer.title,
                needs(offer) && t('compute.preference.needs', { amounts: needs(offer) }),
              ]
                .filter(Boolean)
                .join(' · '),
              group: !offer.isOfCluster
                ? t('compute.size.ofNamespace')
                : offer.os === 'linux' || offer.os === 'windows'
                  ? t(`compute.preference.${offer.os}`)
                  : t('compute.preference.otherSystems'),
            }))}
          onChange={(key) => {
            const offer = offers.find((each) => keyOf(each) === key);
            if (offer) set({ ...NO_MATCHER, name: offer.name, kind: offer.kind });
            else set({ ...NO_MATCHER, name: key });
          }}
        />
      )}
    </FormField>
  );
}
