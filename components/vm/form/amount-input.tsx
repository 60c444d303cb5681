'use client';

import { FormSelect, FormSelectOption, InputGroup, InputGroupItem, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { joinAmount, splitAmount } from '@/lib/kinds/vm/form/amount';
import styles from './form.module.css';
import type { ControlProps } from './form-field';

const UNITS = { bytes: ['Mi', 'Gi', 'Ti'], cpu: ['', 'm'] } as const;
const FIRST_UNIT = { bytes: 'Gi', cpu: '' } as const;

/** A quantity of the API as a number and its unit. What nobody touches stays as it is written (`2048Mi`, `1.5G`). */
export function AmountInput({
  id,
  label,
  value,
  onChange,
  of = 'bytes',
  placeholder,
  isDisabled = false,
  validated = 'default',
  'aria-describedby': describedBy,
}: Partial<ControlProps> & {
  id: string;
  /** What it is an amount of; part of the unit's name for screen readers. */
  label: string;
  /** As the API spells it; empty for none. */
  value: string;
  onChange: (quantity: string) => void;
  of?: 'bytes' | 'cpu';
  placeholder?: string;
  isDisabled?: boolean;
}) {
  const t = useText();
  // A unit that is chosen before there is a number.
  const [chosen, setChosen] = useState<string>(FIRST_UNIT[of]);
  const amount = splitAmount(value);
  const isReadable = value !== '' && (amount.unit !== '' || !Number.isNaN(Number(amount.number)));
  const unit = isReadable ? amount.unit : chosen;
  const units: readonly string[] = UNITS[of];
  const change = (next: { number?: string; unit?: string }) => {
    if (next.unit !== undefined) setChosen(next.unit);
    else if (isReadable) setChosen(unit);
    onChange(joinAmount({ number: amount.number, unit, ...next }));
  };
  return (
    <InputGroup className={styles.amount}>
      <InputGroupItem isFill>
        <TextInput
          id={id}
          inputMode="decimal"
          autoComplete="off"
          value={amount.number}
          validated={validated}
          isDisabled={isDisabled}
          {...(placeholder ? { placeholder } : {})}
          aria-describedby={describedBy}
          onChange={(_, number) => change({ number })}
        />
      </InputGroupItem>
      <InputGroupItem>
        <FormSelect
          id={`${id}-unit`}
          aria-label={t('compute.amount.unit', { label })}
          value={unit}
          isDisabled={isDisabled}
          onChange={(_, next) => change({ unit: next })}
        >
          {(units.includes(unit) ? units : [...units, unit]).map((each) => (
            <FormSelectOption key={each} value={each} label={unitName(each)} />
          ))}
        </FormSelect>
      </InputGroupItem>
    </InputGroup>
  );

  function unitName(each: string): string {
    if (of === 'cpu')
      return each === '' ? t('compute.amount.cores') : each === 'm' ? t('compute.amount.milli') : each;
    return each === '' ? t('compute.amount.bytes') : each.length === 2 ? `${each}B` : each;
  }
}
