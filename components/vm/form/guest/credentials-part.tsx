'use client';

import { Button } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { keyLines, keyProblem } from '@/lib/guest-setup/ssh-key';
import { RESOURCES } from '@/lib/kinds/resources';
import { findCloudInit } from '@/lib/kinds/vm/form/guest/cloud-init';
import {
  ACCESS_CREDENTIALS,
  credentialProblem,
  PROPAGATIONS,
  readCredential,
  withCredential,
  withKeysFrom,
  withNewKeySecret,
} from '@/lib/kinds/vm/form/guest/credentials';
import { Choice } from '../choice';
import formStyles from '../form.module.css';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { useNames } from '../use-names';
import { useVmForm } from '../vm-form';
import styles from './guest.module.css';
import { KeysField } from './login-choice';
import { TypedWord } from './typed-area';

/** SSH keys and passwords that KubeVirt takes from Secrets (`accessCredentials`). */
export function CredentialsPart() {
  const t = useText();
  const { cluster, namespace, draft, change, locked, mode, applies } = useVmForm();
  const secrets = useNames(cluster, RESOURCES.secrets, namespace);
  const [pasted, setPasted] = useState('');
  const isDisabled = locked !== undefined;
  const entries = ACCESS_CREDENTIALS.read(draft.vm);
  const options = [...new Set([...secrets.names, ...draft.others.map(secretName)])]
    .filter((name) => name !== '')
    .map((name) => ({ value: name, label: name }));
  const chooser = {
    options,
    isLoading: secrets.isLoading,
    allowOther: true,
    isDisabled,
    ...(secrets.error === undefined ? {} : { error: secrets.error }),
  };
  const hasCloudInit = findCloudInit(draft.vm) !== undefined;
  return (
    <>
      {entries.map((entry, index) => {
        const credential = readCredential(entry);
        const id = `guest-credential-${index}`;
        const message = credentialProblem(draft.vm, entry);
        const number = index + 1;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an entry is its place in the list
          <section key={index} className={styles.nic} aria-labelledby={`${id}-title`}>
            <div className={styles.head}>
              <h3 id={`${id}-title`} className={styles.title}>
                {t(`guest.credential.${credential.kind}`, { name: credential.secret })}
              </h3>
              <span className={styles.spacer} />
              <Button
                variant="secondary"
                size="sm"
                isDisabled={isDisabled}
                onClick={() => change((before) => withCredential(before, index, undefined))}
              >
                {t('guest.credential.remove', { number })}
              </Button>
            </div>
            {credential.kind === 'unknown' ? (
              <p className={formStyles.note}>{t('guest.credential.kept')}</p>
            ) : (
              <div className={styles.grid}>
                <FormField
                  id={`${id}-secret`}
                  label={t('guest.credential.secret')}
                  problems={message ? [{ path: id, severity: 'error', message }] : []}
                  applies={applies([ACCESS_CREDENTIALS.paths[0] ?? ''])}
                  isRequired
                >
                  {(control) => (
                    <Choice
                      {...control}
                      {...chooser}
                      label={t('guest.credential.secret')}
                      value={credential.secret}
                      onChange={(secret) => change((before) => withCredential(before, index, { secret }))}
                    />
                  )}
                </FormField>
                <FormField id={`${id}-way`} label={t('guest.credential.way')}>
                  {(control) => (
                    <Pick
                      {...control}
                      label={t('guest.credential.way')}
                      value={credential.propagation ?? ''}
                      isDisabled={isDisabled || credential.kind === 'userPassword'}
                      options={PROPAGATIONS.map((way) => ({
                        value: way,
                        label: t(`guest.credential.${way}`),
                      }))}
                      onChange={(next) => {
                        const propagation = PROPAGATIONS.find((way) => way === next);
                        if (propagation) change((before) => withCredential(before, index, { propagation }));
                      }}
                    />
                  )}
                </FormField>
                {credential.kind === 'sshPublicKey' && credential.propagation === 'qemuGuestAgent' && (
                  <FormField
                    id={`${id}-users`}
                    label={t('guest.credential.users')}
                    help={t('guest.credential.usersHelp')}
                    isRequired
                  >
                    {(control) => (
                      <TypedWord
                        control={control}
                        value={credential.users}
                        isDisabled={isDisabled}
                        onChange={(users) => change((before) => withCredential(before, index, { users }))}
                      />
                    )}
                  </FormField>
                )}
              </div>
            )}
          </section>
        );
      })}
      <FormField
        id="guest-credential-add"
        label={t('guest.credential.add')}
        help={t(hasCloudInit ? 'guest.credential.addHelp' : 'guest.credential.addAgentHelp')}
      >
        {(control) => (
          <Choice
            {...control}
            {...chooser}
            label={t('guest.credential.add')}
            value=""
            onChange={(name) => name !== '' && change((before) => withKeysFrom(before, name))}
          />
        )}
      </FormField>
      {mode === 'create' && (
        <>
          <KeysField id="guest-credential-keys" value={pasted} isDisabled={isDisabled} onChange={setPasted} />
          <div className={styles.buttons}>
            <Button
              variant="secondary"
              isDisabled={isDisabled || keyLines(pasted).length === 0 || keyProblem(pasted) !== undefined}
              onClick={() => {
                change((before) => withNewKeySecret(before, keyLines(pasted).join('\n')));
                setPasted('');
              }}
            >
              {t('guest.credential.make')}
            </Button>
          </div>
        </>
      )}
    </>
  );
}

function secretName(object: Record<string, unknown>): string {
  const { kind, metadata } = object;
  if (kind !== 'Secret' || typeof metadata !== 'object' || metadata === null || !('name' in metadata))
    return '';
  return typeof metadata.name === 'string' ? metadata.name : '';
}
