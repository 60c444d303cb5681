'use client';

import { FormGroup, Switch, TextArea, TextInput } from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';
import type { Field } from '@/lib/kinds/vm/form/field';
import { AmountInput } from './amount-input';
import styles from './form.module.css';
import { AppliesLabel, FieldHelp, FormField } from './form-field';
import { Pick, type PickOption } from './pick';
import { useField, useVmForm } from './vm-form';

interface RowOptions<T> {
  field: Field<T>;
  label: string;
  help?: ReactNode;
  isRequired?: boolean;
}

/** A line of text, or several with `isLong`. `choices` are offered while typing, and anything else may be typed. */
export function WordRow({
  field,
  label,
  help,
  isRequired = false,
  isLong = false,
  placeholder,
  choices = [],
}: RowOptions<string> & { isLong?: boolean; placeholder?: string; choices?: readonly string[] }) {
  const { value, set, problems, applies, locked } = useField(field);
  const typing = useTyped(field, value);
  const Input = isLong ? TextArea : TextInput;
  return (
    <FormField {...{ id: field.id, label, help, problems, applies, isRequired }}>
      {(control) => (
        <>
          <Input
            {...control}
            value={typing.shown}
            isDisabled={locked !== undefined}
            isRequired={isRequired}
            autoComplete="off"
            {...(placeholder ? { placeholder } : {})}
            {...(isLong ? { resizeOrientation: 'vertical' as const, rows: 2 } : {})}
            {...(choices.length > 0 && !isLong ? { list: `${field.id}-choices` } : {})}
            onChange={(_: unknown, next: string) => {
              typing.note(next);
              set(next);
            }}
          />
          {choices.length > 0 && !isLong && (
            <datalist id={`${field.id}-choices`}>
              {choices.map((choice) => (
                <option key={choice} value={choice} />
              ))}
            </datalist>
          )}
        </>
      )}
    </FormField>
  );
}

/** A whole number; empty for none. */
export function NumberRow({
  field,
  label,
  help,
  min = 0,
  placeholder,
}: RowOptions<number | undefined> & { min?: number; placeholder?: string }) {
  const { value, set, problems, applies, locked } = useField(field);
  return (
    <FormField {...{ id: field.id, label, help, problems, applies }}>
      {(control) => (
        <TextInput
          {...control}
          className={styles.short}
          type="number"
          min={min}
          step={1}
          value={value ?? ''}
          isDisabled={locked !== undefined}
          {...(placeholder ? { placeholder } : {})}
          onChange={(_, next) => set(next === '' ? undefined : Number(next))}
        />
      )}
    </FormField>
  );
}

/** A quantity with its unit. */
export function AmountRow({
  field,
  label,
  help,
  isRequired = false,
  of = 'bytes',
  placeholder,
}: RowOptions<string> & { of?: 'bytes' | 'cpu'; placeholder?: string }) {
  const { value, set, problems, applies, locked } = useField(field);
  return (
    <FormField {...{ id: field.id, label, help, problems, applies, isRequired }}>
      {(control) => (
        <AmountInput
          {...control}
          {...{ label, value, of }}
          isDisabled={locked !== undefined}
          {...(placeholder ? { placeholder } : {})}
          onChange={set}
        />
      )}
    </FormField>
  );
}

/** One of a few values. */
export function PickRow({
  field,
  label,
  help,
  isRequired = false,
  options,
}: RowOptions<string> & { options: readonly PickOption[] }) {
  const { value, set, problems, applies, locked } = useField(field);
  return (
    <FormField {...{ id: field.id, label, help, problems, applies, isRequired }}>
      {(control) => (
        <Pick {...control} {...{ label, value, options }} isDisabled={locked !== undefined} onChange={set} />
      )}
    </FormField>
  );
}

/** Yes or no, with the label beside the switch. */
export function SwitchRow({ field, label, help }: RowOptions<boolean>) {
  const { value, set, problems, applies, locked } = useField(field);
  const helpId = `${field.id}-help`;
  return (
    <FormGroup>
      <Switch
        id={field.id}
        label={
          <>
            {label} <AppliesLabel applies={applies} />
          </>
        }
        aria-label={label}
        aria-describedby={helpId}
        isChecked={value}
        isDisabled={locked !== undefined}
        onChange={(_, next) => set(next)}
      />
      <FieldHelp id={helpId} problems={problems} help={help} />
    </FormGroup>
  );
}

/**
 * What is being typed where the manifest cannot hold it as it is (`web/` on the way to the folder `web/blue`): it shows
 * for as long as the manifest has what it became.
 */
function useTyped(field: Field<string>, value: string) {
  const { draft } = useVmForm();
  const [typed, setTyped] = useState({ text: value, became: value });
  return {
    shown: typed.became === value ? typed.text : value,
    note: (text: string) => setTyped({ text, became: field.read(field.write(draft.vm, text)) }),
  };
}
