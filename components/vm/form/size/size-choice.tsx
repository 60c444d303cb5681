'use client';

import { useText } from '@/components/ui/text';
import { INSTANCETYPE, sizeSeries, withInstanceType, withOwnSize } from '@/lib/kinds/vm/form/instance-type';
import { MEMORY_GUEST, ownSize, VCPUS } from '@/lib/kinds/vm/form/size-fields';
import { formatBytes, parseQuantity } from '@/lib/units';
import { Choice } from '../choice';
import type { ChoiceOption } from '../choice-options';
import { FormField } from '../form-field';
import { onVm, useField, useVmForm } from '../vm-form';
import { amountsText, seriesText, traitsText } from './size-words';
import { useInstanceTypes } from './use-offers';

/** Sizes that need no instance type: vCPUs and memory. */
const OWN_SIZES: readonly (readonly [vcpus: number, memory: string])[] = [
  [1, '512Mi'],
  [1, '1Gi'],
  [1, '2Gi'],
  [2, '4Gi'],
  [4, '8Gi'],
  [8, '16Gi'],
];

/** The VM's size as one choice: an instance type, or a usual amount of CPU and memory. */
export function SizeChoice() {
  const t = useText();
  const { cluster, namespace, draft, change, mode } = useVmForm();
  const { value: matcher, problems, applies, locked } = useField(INSTANCETYPE);
  const memory = useField(MEMORY_GUEST);
  const { offers, isLoading, error, find } = useInstanceTypes(cluster, namespace);
  const isByType = matcher.name !== '';
  const own = ownSize(draft.vm);
  const typeKey = ({ kind, name }: { kind: string; name: string }) => `type:${kind}/${name}`;
  const ownKey = (vcpus: number, amount: string) => `own:${vcpus}/${amount}`;
  const amounts = (vcpus: number, amount: string) =>
    [t('compute.size.cpus', { count: vcpus }), formatBytes(parseQuantity(amount) ?? 0)].join(', ');
  const chosen = find(matcher);

  const own1 = own.memory ? ([own.vcpus ?? 1, own.memory] as const) : undefined;
  const isListed = own1 && OWN_SIZES.some(([vcpus, amount]) => ownKey(vcpus, amount) === ownKey(...own1));
  const sizes = !isByType && own1 && !isListed ? [own1, ...OWN_SIZES] : OWN_SIZES;
  const options: ChoiceOption[] = [
    ...sizeSeries(offers).flatMap((series) =>
      series.offers.map((offer) => ({
        value: typeKey(offer),
        label: `${amountsText(t, offer)} (${offer.name})`,
        description: traitsText(t, offer),
        group: seriesText(t, series),
      })),
    ),
    ...sizes.map(([vcpus, amount]) => ({
      value: ownKey(vcpus, amount),
      label: amounts(vcpus, amount),
      group: t('compute.size.ownGroup'),
    })),
  ];
  const value = chosen ? typeKey(chosen) : isByType ? matcher.name : own1 ? ownKey(...own1) : '';
  return (
    <FormField
      id="size"
      label={t('compute.size.short')}
      help={
        matcher.inferFromVolume
          ? t('compute.size.inferred', { volume: matcher.inferFromVolume })
          : error && offers.length === 0
            ? t('compute.size.refused', { words: error.message })
            : t('compute.size.shortHelp')
      }
      problems={isByType || matcher.inferFromVolume ? problems : [...problems, ...memory.problems]}
      applies={mode === 'configure' ? applies : undefined}
      isRequired
    >
      {(control) => (
        <Choice
          {...control}
          label={t('compute.size.short')}
          placeholder={t('compute.size.choose')}
          isLoading={isLoading}
          isDisabled={locked !== undefined}
          options={options}
          value={value}
          onChange={(key) => change(onVm((vm) => resized(vm, key)))}
        />
      )}
    </FormField>
  );

  function resized(vm: typeof draft.vm, key: string): typeof draft.vm {
    const offer = offers.find((each) => typeKey(each) === key);
    if (offer) return withInstanceType(vm, { name: offer.name, kind: offer.kind }, offer.spec).vm;
    const size = sizes.find(([vcpus, amount]) => ownKey(vcpus, amount) === key);
    if (!size) return vm;
    const [vcpus, amount] = size;
    // What the instance type that was left had besides amounts (pinned CPUs, huge pages) was not asked for here.
    return MEMORY_GUEST.write(VCPUS.write(withOwnSize(vm, undefined), vcpus), amount);
  }
}
