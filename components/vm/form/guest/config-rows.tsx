'use client';

import { TextInput } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { type ConfigField, switchField, wordField } from '@/lib/guest-setup/guest-config';
import formStyles from '../form.module.css';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { bareLines, TypedArea } from './typed-area';
import { useConfigField } from './use-guest-config';

/** A line of text in the cloud-config. */
export function ConfigWord({ field: key }: { field: 'hostname' | 'timezone' | 'locale' }) {
  const t = useText();
  const field = wordField(key);
  const { value, set, locked } = useConfigField(field);
  return (
    <FormField id={field.id} label={t(`guest.config.${key}`)} help={t(`guest.config.${key}Help`)}>
      {(control) => (
        <TextInput
          {...control}
          value={value}
          isDisabled={locked !== undefined}
          autoComplete="off"
          spellCheck={false}
          onChange={(_, next) => set(next)}
        />
      )}
    </FormField>
  );
}

/** Yes, no, or as the image has it. */
export function ConfigSwitch({ field: key }: { field: 'ssh_pwauth' | 'package_update' | 'package_upgrade' }) {
  const t = useText();
  const field = switchField(key);
  const { value, set, locked } = useConfigField(field);
  return (
    <FormField id={field.id} label={t(`guest.config.${key}`)}>
      {(control) => (
        <Pick
          {...control}
          label={t(`guest.config.${key}`)}
          value={value === undefined ? '' : String(value)}
          isDisabled={locked !== undefined}
          options={[
            { value: '', label: t('guest.config.asImage') },
            { value: 'true', label: t('guest.config.yes') },
            { value: 'false', label: t('guest.config.no') },
          ]}
          onChange={(next) => set(next === '' ? undefined : next === 'true')}
        />
      )}
    </FormField>
  );
}

/** A list, one entry a line. */
export function ConfigLines({
  field,
  name,
}: {
  field: ConfigField<string | undefined>;
  name: 'packages' | 'runcmd' | 'bootcmd';
}) {
  const t = useText();
  const { value, set, locked } = useConfigField(field);
  if (value === undefined)
    return <p className={formStyles.note}>{t('guest.config.onlyText', { what: name })}</p>;
  return (
    <FormField id={field.id} label={t(`guest.config.${name}`)} help={t(`guest.config.${name}Help`)}>
      {(control) => (
        <TypedArea
          control={control}
          value={value}
          became={(typed) => field.read(field.write({}, bareLines(typed))) ?? ''}
          isDisabled={locked !== undefined}
          onChange={set}
        />
      )}
    </FormField>
  );
}
