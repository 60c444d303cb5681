'use client';

import { TextArea, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import type { ControlProps } from '../form-field';

/**
 * Several lines of which the manifest keeps less than what is typed (no empty line at the end): what is typed shows for
 * as long as the manifest has what it became.
 */
export function TypedArea({
  control,
  value,
  became,
  onChange,
  isDisabled,
  rows = 3,
  placeholder,
}: {
  control: ControlProps;
  value: string;
  /** What the manifest makes of a text. */
  became: (typed: string) => string;
  onChange: (typed: string) => void;
  isDisabled: boolean;
  rows?: number;
  placeholder?: string;
}) {
  const [typed, setTyped] = useState(value);
  return (
    <TextArea
      {...control}
      className="portlight-mono"
      value={became(typed) === value ? typed : value}
      rows={rows}
      resizeOrientation="vertical"
      isDisabled={isDisabled}
      autoComplete="off"
      spellCheck={false}
      {...(placeholder ? { placeholder } : {})}
      onChange={(_, next) => {
        setTyped(next);
        onChange(next);
      }}
    />
  );
}

/** Lines without the empty ones and without the space around them. */
export function bareLines(typed: string): string {
  return typed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** A list on one line, which loses a comma at its end in the manifest: what is typed shows until the control is left. */
export function TypedWord({
  control,
  value,
  isDisabled,
  onChange,
}: {
  control: ControlProps;
  value: string;
  isDisabled: boolean;
  onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useState<string>();
  return (
    <TextInput
      {...control}
      className="portlight-mono"
      value={typed ?? value}
      isDisabled={isDisabled}
      autoComplete="off"
      spellCheck={false}
      onBlur={() => setTyped(undefined)}
      onChange={(_, next) => {
        setTyped(next);
        onChange(next);
      }}
    />
  );
}
