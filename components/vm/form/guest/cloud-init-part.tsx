'use client';

import { Alert, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { filesOf, linesField, usersOf } from '@/lib/guest-setup/entries';
import { hasPassword } from '@/lib/guest-setup/guest-config';
import { networkData } from '@/lib/guest-setup/network-data';
import { ACCESS_CREDENTIALS } from '@/lib/kinds/vm/form/guest/credentials';
import { userDataProblems } from '@/lib/manifest/cloud-config/check-config';
import { hasErrors } from '@/lib/manifest/problem';
import formStyles from '../form.module.css';
import { SectionPart } from '../section-part';
import { useVmForm } from '../vm-form';
import { CloudInitText } from './cloud-init-text';
import { ConfigLines, ConfigSwitch, ConfigWord } from './config-rows';
import { CredentialsPart } from './credentials-part';
import { FilesPart } from './files-part';
import styles from './guest.module.css';
import { LoginChoice } from './login-choice';
import { NetworkPart } from './network-part';
import { PlacePart, SizeNotice } from './place-part';
import { useGuestConfig } from './use-guest-config';
import { UsersPart } from './users-part';

const PACKAGES = linesField('packages');
const RUNCMD = linesField('runcmd');
const BOOTCMD = linesField('bootcmd');

/** cloud-init by form and by text: two views of the same words. */
export function CloudInitPart() {
  const t = useText();
  const { mode } = useVmForm();
  const { withoutForm, place } = useGuestConfig();
  const [view, setView] = useState<'form' | 'text'>();
  const shown = view ?? (withoutForm === 'broken' || withoutForm === 'kind' ? 'text' : 'form');
  return (
    <>
      {mode === 'configure' && <p className={formStyles.note}>{t('guest.onlyFirstBoot')}</p>}
      <ToggleGroup aria-label={t('guest.view.label')}>
        {(['form', 'text'] as const).map((each) => (
          <ToggleGroupItem
            key={each}
            buttonId={`guest-view-${each}`}
            text={t(`guest.view.${each}`)}
            isSelected={shown === each}
            onChange={() => setView(each)}
          />
        ))}
      </ToggleGroup>
      {shown === 'text' ? (
        <>
          <CloudInitText part="userData" />
          <SectionPart title={t('guest.network.title')} isFoldable>
            <CloudInitText part="networkData" />
          </SectionPart>
        </>
      ) : withoutForm ? (
        <p className={formStyles.note}>
          {t(`guest.noForm.${withoutForm}`, { name: place.form === 'secret' ? place.name : '' })}
        </p>
      ) : (
        <CloudInitForm />
      )}
      <SectionPart title={t('guest.place.title')} isFoldable isOpen={withoutForm === 'secret'}>
        <PlacePart />
      </SectionPart>
    </>
  );
}

function CloudInitForm() {
  const t = useText();
  const { draft, mode } = useVmForm();
  const { config, content, place } = useGuestConfig();
  const has = (field: { read(of: typeof config): string | undefined }) => field.read(config) !== '';
  const words = ['hostname', 'timezone', 'locale', 'ssh_pwauth'].some((key) => config[key] !== undefined);
  const isWrong = content !== undefined && hasErrors(userDataProblems(content));
  const isOpenPassword = mode === 'create' && place.form !== 'secret' && hasPassword(config);
  return (
    <>
      <SizeNotice part="userData" />
      {isWrong && <Alert variant="warning" isInline isPlain title={t('guest.textHasProblems')} />}
      {isOpenPassword && <Alert variant="warning" isInline isPlain title={t('guest.place.password')} />}
      <SectionPart title={t('guest.login.title')}>
        <LoginChoice />
      </SectionPart>
      <SectionPart
        title={t('guest.credential.title')}
        isFoldable
        isOpen={ACCESS_CREDENTIALS.read(draft.vm).length > 0}
      >
        <CredentialsPart />
      </SectionPart>
      <SectionPart
        title={t('guest.user.users')}
        isFoldable
        isOpen={(usersOf(config) ?? []).some((user) => typeof user !== 'string')}
      >
        <UsersPart />
      </SectionPart>
      <SectionPart
        title={t('guest.config.packages')}
        isFoldable
        isOpen={has(PACKAGES) || config.package_update !== undefined || config.package_upgrade !== undefined}
      >
        <ConfigLines field={PACKAGES} name="packages" />
        <div className={styles.grid}>
          <ConfigSwitch field="package_update" />
          <ConfigSwitch field="package_upgrade" />
        </div>
      </SectionPart>
      <SectionPart title={t('guest.file.files')} isFoldable isOpen={(filesOf(config) ?? []).length > 0}>
        <FilesPart />
      </SectionPart>
      <SectionPart title={t('guest.config.commands')} isFoldable isOpen={has(RUNCMD) || has(BOOTCMD)}>
        <ConfigLines field={RUNCMD} name="runcmd" />
        <ConfigLines field={BOOTCMD} name="bootcmd" />
      </SectionPart>
      <SectionPart title={t('guest.config.system')} isFoldable isOpen={words}>
        <div className={styles.grid}>
          <ConfigWord field="hostname" />
          <ConfigWord field="timezone" />
          <ConfigWord field="locale" />
          <ConfigSwitch field="ssh_pwauth" />
        </div>
      </SectionPart>
      <SectionPart
        title={t('guest.network.title')}
        isFoldable
        isOpen={networkData(draft).content !== undefined}
      >
        <NetworkPart />
      </SectionPart>
    </>
  );
}
