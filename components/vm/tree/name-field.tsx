'use client';

import {
  Button,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  TextInput,
} from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { Text } from '@/lib/text';

/** A name that becomes part of a label: says what labels take, and offers what they would. */
export function NameField({
  id,
  label,
  value,
  onChange,
  problem,
  suggestion,
  choices = [],
  help,
}: {
  id: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What is wrong with it; undefined while it may be sent. */
  problem: Text | undefined;
  /** What may be had instead; empty for nothing. */
  suggestion: string;
  /** What there is already, offered while typing. */
  choices?: readonly string[];
  help?: string;
}) {
  const t = useText();
  const shown = value === '' ? undefined : problem;
  return (
    <FormGroup label={label} fieldId={id}>
      <TextInput
        id={id}
        value={value}
        autoComplete="off"
        validated={shown ? 'error' : 'default'}
        aria-describedby={`${id}-help`}
        {...(choices.length > 0 ? { list: `${id}-choices` } : {})}
        onChange={(_, next) => onChange(next)}
      />
      {choices.length > 0 && (
        <datalist id={`${id}-choices`}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
      <FormHelperText>
        <HelperText id={`${id}-help`} isLiveRegion>
          {shown ? (
            <HelperTextItem variant="error">
              {t(shown)}{' '}
              {suggestion && suggestion !== value && (
                <Button variant="link" isInline onClick={() => onChange(suggestion)}>
                  {t('tree.useInstead', { name: suggestion })}
                </Button>
              )}
            </HelperTextItem>
          ) : (
            help && <HelperTextItem>{help}</HelperTextItem>
          )}
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}
