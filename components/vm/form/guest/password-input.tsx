'use client';

import { Button, InputGroup, InputGroupItem, TextInput } from '@patternfly/react-core';
import { CheckIcon, CopyIcon, EyeIcon, EyeSlashIcon, RedoIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { copyText } from '@/components/ui/copyable';
import { useText } from '@/components/ui/text';
import { generatePassword } from '@/lib/guest-setup/password';
import type { ControlProps } from '../form-field';

/** A password: hidden until asked for, to copy, to type, or to have made by the browser's random source. */
export function PasswordInput({
  control,
  label,
  value,
  onChange,
  isDisabled,
}: {
  control: ControlProps;
  label: string;
  value: string;
  onChange: (value: string) => void;
  isDisabled: boolean;
}) {
  const t = useText();
  const [isShown, setShown] = useState(false);
  const [copied, setCopied] = useState<string>();
  const isCopied = copied !== undefined && copied === value;
  const named = (key: 'show' | 'hide' | 'copy' | 'copied' | 'generate') => ({
    'aria-label': t(`guest.password.${key}`, { label }),
    title: t(`guest.password.${key}`, { label }),
  });
  return (
    <InputGroup>
      <InputGroupItem isFill>
        <TextInput
          {...control}
          className="portlight-mono"
          type={isShown ? 'text' : 'password'}
          value={value}
          isDisabled={isDisabled}
          // A guest's password is no password of this site: browsers are not to offer their own.
          autoComplete="new-password"
          spellCheck={false}
          onChange={(_, next) => onChange(next)}
        />
      </InputGroupItem>
      <InputGroupItem>
        <Button
          variant="control"
          {...named(isShown ? 'hide' : 'show')}
          icon={isShown ? <EyeSlashIcon /> : <EyeIcon />}
          onClick={() => setShown(!isShown)}
        />
      </InputGroupItem>
      <InputGroupItem>
        <Button
          variant="control"
          {...named(isCopied ? 'copied' : 'copy')}
          icon={isCopied ? <CheckIcon /> : <CopyIcon />}
          isDisabled={value === ''}
          onClick={() => void copyText(value).then((done) => setCopied(done ? value : undefined))}
        />
      </InputGroupItem>
      <InputGroupItem>
        <Button
          variant="control"
          {...named('generate')}
          icon={<RedoIcon />}
          isDisabled={isDisabled}
          onClick={() => onChange(generatePassword())}
        />
      </InputGroupItem>
    </InputGroup>
  );
}
