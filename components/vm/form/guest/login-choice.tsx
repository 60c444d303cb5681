'use client';

import { Radio, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { defaultUser, isWindows } from '@/lib/guest-setup/login';
import { generatePassword } from '@/lib/guest-setup/password';
import { isHiddenInside } from '@/lib/guest-setup/secret-values';
import { keyLines, keyProblem } from '@/lib/guest-setup/ssh-key';
import { type Text, text } from '@/lib/text';
import formStyles from '../form.module.css';
import { FormField } from '../form-field';
import { type PlacedProblem, useVmForm } from '../vm-form';
import { PasswordInput } from './password-input';
import { bareLines, TypedArea } from './typed-area';
import { useGuestConfig } from './use-guest-config';

/** The user whom cloud-init makes of itself, and how one logs in: by a password, or by SSH keys. */
export function LoginChoice() {
  const t = useText();
  const { draft } = useVmForm();
  const { login, place, withoutForm, setLogin, locked } = useGuestConfig();
  const [chosen, setChosen] = useState<'password' | 'key'>();
  if (withoutForm) return <p className={formStyles.note}>{t(`guest.login.${withoutForm}`)}</p>;
  if (place.form === 'none' && isWindows(draft.vm))
    return <p className={formStyles.note}>{t('guest.login.windows')}</p>;
  const by = chosen ?? (login.keys !== '' && login.password === '' ? 'key' : 'password');
  const isDisabled = locked !== undefined;
  const passwordProblems = placed(isHiddenInside(login.password) ? text('guest.problem.notKept') : undefined);
  return (
    <>
      <FormField id="guest-user" label={t('guest.login.user')} help={t('guest.login.userHelp')}>
        {(control) => (
          <TextInput
            {...control}
            value={login.user}
            placeholder={defaultUser(draft.vm)}
            isDisabled={isDisabled}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, user) => setLogin({ user })}
          />
        )}
      </FormField>
      <FormField id="guest-login-by" label={t('guest.login.by')} role="radiogroup">
        {() =>
          (['password', 'key'] as const).map((each) => (
            <Radio
              key={each}
              id={`guest-login-${each}`}
              name="guest-login-by"
              label={t(`guest.login.${each}`)}
              description={t(`guest.login.${each}Help`)}
              isChecked={by === each}
              isDisabled={isDisabled}
              onChange={() => {
                setChosen(each);
                if (each === 'key') setLogin({ password: '' });
                else if (login.password === '') setLogin({ password: generatePassword() });
              }}
            />
          ))
        }
      </FormField>
      {by === 'password' ? (
        <FormField
          id="guest-password"
          label={t('guest.login.password')}
          problems={passwordProblems}
          help={
            place.form === 'secret'
              ? t('guest.password.inSecret', { name: place.name })
              : login.password !== '' && t('guest.password.inVm')
          }
        >
          {(control) => (
            <PasswordInput
              control={control}
              label={t('guest.login.password')}
              value={login.password}
              isDisabled={isDisabled}
              onChange={(password) => setLogin({ password })}
            />
          )}
        </FormField>
      ) : (
        <KeysField
          id="guest-keys"
          value={login.keys}
          isDisabled={isDisabled}
          onChange={(keys) => setLogin({ keys })}
        />
      )}
    </>
  );
}

/** Public keys, one a line. */
export function KeysField({
  id,
  value,
  isDisabled,
  onChange,
}: {
  id: string;
  value: string;
  isDisabled: boolean;
  onChange: (keys: string) => void;
}) {
  const t = useText();
  const wrong = keyProblem(value);
  const problems: PlacedProblem[] = wrong
    ? [
        {
          path: id,
          severity: 'error',
          message: text('guest.key.line', { line: wrong.line, said: t(wrong.message) }),
        },
      ]
    : [];
  return (
    <FormField id={id} label={t('guest.key.label')} help={t('guest.key.help')} problems={problems}>
      {(control) => (
        <TypedArea
          control={control}
          value={value}
          became={(typed) => keyLines(bareLines(typed)).join('\n')}
          isDisabled={isDisabled}
          onChange={onChange}
        />
      )}
    </FormField>
  );
}

function placed(message: Text | undefined): PlacedProblem[] {
  return message ? [{ path: 'userData', severity: 'error', message }] : [];
}
