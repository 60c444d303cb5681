'use client';

import { FormGroup, Switch, TextArea, TextInput } from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { Field } from '@/lib/kinds/vm/form/field';
import type { Tri } from '@/lib/kinds/vm/form/make-field';
import { AmountInput } from './amount-input';
import styles from './form.module.css';
import { AppliesLabel, FieldHelp, FormField } from './form-field';
import { Pick, type PickOption } from './pick';
import { type PlacedProblem, useField, useVmForm } from './vm-form';

interface RowOptions<T> {
  field: Field<T>;
  label: string;
  help?: ReactNode;
  isRequired?: boolean;
  /** What else is to be said of it, e.g. by what the cluster can do. */
  more?: readonly PlacedProblem[];
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
export function PickRow<T extends string>({
  field,
  label,
  help,
  isRequired = false,
  more = [],
  options,
}: RowOptions<T> & { options: readonly PickOption[] }) {
  const { value, set, problems: found, applies, locked } = useField(field);
  const problems = [...found, ...more];
  return (
    <FormField {...{ id: field.id, label, help, problems, applies, isRequired }}>
      {(control) => (
        <Pick
          {...control}
          {...{ label, value, options }}
          isDisabled={locked !== undefined}
          // The options are of the field's type; what else it may hold is shown and never chosen.
          onChange={(next) => set(next as T)}
        />
      )}
    </FormField>
  );
}

/** Yes or no, with the label beside the switch. */
export function SwitchRow({ field, label, help, more = [] }: RowOptions<boolean>) {
  const { value, set, problems: found, applies, locked } = useField(field);
  const problems = [...found, ...more];
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

/** Yes, no, or as preference and cluster say, which is `usual` unless they say something else. */
export function TriRow({ usual, ...options }: RowOptions<Tri> & { usual: boolean }) {
  const t = useText();
  return (
    <PickRow
      {...options}
      options={[
        { value: '', label: t(usual ? 'form.tri.usuallyOn' : 'form.tri.usuallyOff') },
        { value: 'on', label: t('form.tri.on') },
        { value: 'off', label: t('form.tri.off') },
      ]}
    />
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
