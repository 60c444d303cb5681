'use client';

import { Button, TextInput } from '@patternfly/react-core';
import { PlusIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import {
  type GuestUser,
  readUser,
  SUDO_ALL,
  usersOf,
  withEntryAt,
  withNewUser,
  writeUser,
} from '@/lib/guest-setup/entries';
import { secretsApart } from '@/lib/guest-setup/guest-config';
import { isHiddenInside } from '@/lib/guest-setup/secret-values';
import { text } from '@/lib/text';
import formStyles from '../form.module.css';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { useVmForm } from '../vm-form';
import styles from './guest.module.css';
import { KeysField } from './login-choice';
import { PasswordInput } from './password-input';
import { useGuestConfig } from './use-guest-config';

/** Accounts beside the one that the image's own configuration makes. */
export function UsersPart() {
  const t = useText();
  const { mode, change } = useVmForm();
  const { config, edit, locked } = useGuestConfig();
  const users = usersOf(config);
  const isDisabled = locked !== undefined;
  if (!users) return <p className={formStyles.note}>{t('guest.config.onlyText', { what: 'users' })}</p>;
  return (
    <>
      {users.map((entry, index) => {
        const user = readUser(entry);
        if (typeof entry === 'string') return null;
        const set = (next: Partial<GuestUser>) => {
          edit((before) => withEntryAt(before, 'users', index, (each) => writeUser(each, next)));
          if (next.password && mode === 'create') change(secretsApart);
        };
        const id = `guest-user-${index}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: names change while one types them
          <section key={index} className={styles.nic} aria-labelledby={`${id}-title`}>
            <div className={styles.head}>
              <h3 id={`${id}-title`} className={styles.title}>
                {t('guest.user.title', { name: user.name })}
              </h3>
              <span className={styles.spacer} />
              <Button
                variant="secondary"
                size="sm"
                isDisabled={isDisabled}
                onClick={() => edit((before) => withEntryAt(before, 'users', index, () => undefined))}
              >
                {t('guest.user.remove', { name: user.name })}
              </Button>
            </div>
            <div className={styles.grid}>
              {(['name', 'gecos', 'groups', 'shell'] as const).map((key) => (
                <FormField
                  key={key}
                  id={`${id}-${key}`}
                  label={t(`guest.user.${key}`)}
                  isRequired={key === 'name'}
                  problems={
                    key === 'name' && !/^[a-z_][a-z0-9_.-]{0,31}$/i.test(user.name)
                      ? [{ path: id, severity: 'error', message: text('guest.user.nameLetters') }]
                      : []
                  }
                >
                  {(control) => (
                    <TextInput
                      {...control}
                      value={user[key]}
                      isDisabled={isDisabled}
                      autoComplete="off"
                      spellCheck={false}
                      onChange={(_, next) => set({ [key]: next })}
                    />
                  )}
                </FormField>
              ))}
              <FormField id={`${id}-sudo`} label={t('guest.user.sudo')}>
                {(control) => (
                  <Pick
                    {...control}
                    label={t('guest.user.sudo')}
                    value={user.sudo}
                    isDisabled={isDisabled}
                    options={[
                      { value: SUDO_ALL, label: t('guest.user.sudoAll'), description: SUDO_ALL },
                      { value: '', label: t('guest.user.sudoNone') },
                    ]}
                    onChange={(sudo) => set({ sudo })}
                  />
                )}
              </FormField>
              <FormField
                id={`${id}-password`}
                label={t('guest.user.password', { name: user.name })}
                help={t(user.hasHash ? 'guest.user.hash' : 'guest.user.noPassword')}
                problems={
                  isHiddenInside(user.password)
                    ? [{ path: id, severity: 'error', message: text('guest.problem.notKept') }]
                    : []
                }
              >
                {(control) => (
                  <PasswordInput
                    control={control}
                    label={t('guest.user.password', { name: user.name })}
                    value={user.password}
                    isDisabled={isDisabled}
                    onChange={(password) => set({ password })}
                  />
                )}
              </FormField>
            </div>
            <KeysField
              id={`${id}-keys`}
              value={user.keys}
              isDisabled={isDisabled}
              onChange={(keys) => set({ keys })}
            />
          </section>
        );
      })}
      <div className={styles.buttons}>
        <Button
          variant="secondary"
          icon={<PlusIcon />}
          isDisabled={isDisabled}
          onClick={() => edit(withNewUser)}
        >
          {t('guest.user.add')}
        </Button>
      </div>
    </>
  );
}
