'use client';

import { FormGroup, FormHelperText, HelperText, HelperTextItem, Label } from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { Applies } from '@/lib/kinds/vm/form/apply-context';
import type { PlacedProblem } from './vm-form';

const VARIANTS = { error: 'error', warning: 'warning', info: 'default' } as const;
const COLOURS = { now: 'green', migration: 'blue', restart: 'yellow' } as const;

/** What a control needs to belong to its label, help and errors. */
export interface ControlProps {
  id: string;
  'aria-describedby': string;
  validated: 'error' | 'warning' | 'default';
}

/**
 * A control with its label above, one line of help below, and what is wrong with it once somebody has left it or the
 * server has spoken. `applies` says when a change takes effect on a running guest.
 */
export function FormField({
  id,
  label,
  help,
  problems = [],
  applies,
  isRequired = false,
  role,
  children,
}: {
  id: string;
  label: string;
  help?: ReactNode;
  problems?: readonly PlacedProblem[];
  applies?: Applies | undefined;
  isRequired?: boolean;
  /** For several controls under one label. */
  role?: 'group' | 'radiogroup';
  children: (control: ControlProps) => ReactNode;
}) {
  const [isLeft, setLeft] = useState(false);
  const shown = problems.filter(({ severity }) => severity !== 'error' || isLeft);
  const validated = shown.some(({ severity }) => severity === 'error')
    ? 'error'
    : shown.some(({ severity }) => severity === 'warning')
      ? 'warning'
      : 'default';
  const describedBy = `${id}-help`;
  return (
    <FormGroup
      fieldId={id}
      label={label}
      isRequired={isRequired}
      {...(role ? { role } : {})}
      labelInfo={applies && <AppliesLabel applies={applies} />}
      onBlur={() => setLeft(true)}
    >
      {children({ id, 'aria-describedby': describedBy, validated })}
      <FieldHelp id={describedBy} problems={shown} help={help} />
    </FormGroup>
  );
}

/** When a change of a running guest takes effect. */
export function AppliesLabel({ applies }: { applies: Applies | undefined }) {
  const t = useText();
  return (
    applies && (
      <Label isCompact color={COLOURS[applies]}>
        {t(`form.applies.${applies}`)}
      </Label>
    )
  );
}

/** The lines below a control: what is wrong with it, or else its help. */
export function FieldHelp({
  id,
  problems,
  help,
}: {
  id: string;
  problems: readonly PlacedProblem[];
  help?: ReactNode;
}) {
  const t = useText();
  return (
    <FormHelperText id={id} aria-live="polite">
      <HelperText>
        {problems.map(({ message, severity, path }) => (
          <HelperTextItem key={`${path} ${t(message)}`} variant={VARIANTS[severity]}>
            {t(message)}
          </HelperTextItem>
        ))}
        {problems.length === 0 && help !== undefined && <HelperTextItem>{help}</HelperTextItem>}
      </HelperText>
    </FormHelperText>
  );
}
