'use client';

import { MenuToggle, Select, SelectList, SelectOption } from '@patternfly/react-core';
import { useState } from 'react';
import type { ControlProps } from './form-field';

export interface PickOption {
  value: string;
  label: string;
  description?: string;
}

/** One of a few values that the API knows, each with a line about it. A value that it doesn't know shows as it is. */
export function Pick({
  id,
  label,
  value,
  options,
  onChange,
  isDisabled = false,
  validated,
  'aria-describedby': describedBy,
}: Partial<ControlProps> & {
  id: string;
  label: string;
  value: string;
  options: readonly PickOption[];
  onChange: (value: string) => void;
  isDisabled?: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  const known = options.some((each) => each.value === value);
  const shown = known ? options : [...options, { value, label: value }];
  const current = shown.find((each) => each.value === value)?.label ?? value;
  return (
    <Select
      isOpen={isOpen}
      selected={value}
      onOpenChange={setOpen}
      onSelect={(_, next) => {
        setOpen(false);
        if (typeof next === 'string' && next !== value) onChange(next);
      }}
      shouldFocusToggleOnSelect
      popperProps={{ preventOverflow: true }}
      toggle={(ref) => (
        <MenuToggle
          id={id}
          ref={ref}
          isFullWidth
          isExpanded={isOpen}
          isDisabled={isDisabled}
          aria-label={`${label}: ${current}`}
          aria-describedby={describedBy}
          {...(validated === 'error' ? { status: 'danger' as const } : {})}
          {...(validated === 'warning' ? { status: 'warning' as const } : {})}
          onClick={() => setOpen(!isOpen)}
        >
          {current}
        </MenuToggle>
      )}
    >
      <SelectList aria-label={label}>
        {shown.map((each) => (
          <SelectOption key={each.value} value={each.value} description={each.description}>
            {each.label}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
