'use client';

import { Alert, Button } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { RESOURCES } from '@/lib/kinds/resources';
import {
  CLOUD_INIT_SOURCES,
  findCloudInit,
  type GuestPart,
  guestText,
  INLINE_MAX_BYTES,
  inlineBytes,
  movedInline,
  movedToSecret,
  withCloudInitSource,
  withExistingSecret,
} from '@/lib/kinds/vm/form/guest/cloud-init';
import { Choice } from '../choice';
import formStyles from '../form.module.css';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { useNames } from '../use-names';
import { useVmForm } from '../vm-form';
import styles from './guest.module.css';

/** On which disk cloud-init's texts reach the guest, and whether they stand in the VM or in a Secret. */
export function PlacePart() {
  const t = useText();
  const { cluster, namespace, draft, change, locked, applies, mode } = useVmForm();
  const secrets = useNames(cluster, RESOURCES.secrets, namespace);
  const found = findCloudInit(draft.vm);
  const isDisabled = locked !== undefined;
  if (!found) return null;
  const { place, content } = guestText(draft, 'userData');
  const volume = `spec.template.spec.volumes[${found.name}]`;
  return (
    <>
      <FormField
        id="guest-source"
        label={t('guest.place.source')}
        help={t('guest.place.sourceHelp')}
        applies={applies([volume])}
      >
        {(control) => (
          <Pick
            {...control}
            label={t('guest.place.source')}
            value={found.source}
            isDisabled={isDisabled}
            options={CLOUD_INIT_SOURCES.map((source) => ({
              value: source,
              label: t(`guest.place.${source}`),
            }))}
            onChange={(next) => {
              const source = CLOUD_INIT_SOURCES.find((each) => each === next);
              if (source) change((before) => withCloudInitSource(before, source));
            }}
          />
        )}
      </FormField>
      <p className={formStyles.note}>
        {place.form === 'secret'
          ? t(place.isNew ? 'guest.place.inNew' : 'guest.place.inSecret', { name: place.name })
          : t(place.form === 'base64' ? 'guest.place.base64' : 'guest.place.plain')}
      </p>
      {mode === 'create' && (
        <div className={styles.buttons}>
          {place.form !== 'secret' && content !== undefined && (
            <Button
              variant="secondary"
              isDisabled={isDisabled}
              onClick={() => change((before) => movedToSecret(before, 'userData'))}
            >
              {t('guest.place.toSecret')}
            </Button>
          )}
          {place.form === 'secret' && place.isNew && (
            <Button
              variant="link"
              isDisabled={isDisabled}
              onClick={() => change((before) => movedInline(before, 'userData'))}
            >
              {t('guest.place.toVm')}
            </Button>
          )}
        </div>
      )}
      <FormField id="guest-secret" label={t('guest.place.existing')} help={t('guest.place.existingHelp')}>
        {(control) => (
          <Choice
            {...control}
            label={t('guest.place.existing')}
            options={secrets.names.map((name) => ({ value: name, label: name }))}
            isLoading={secrets.isLoading}
            {...(secrets.error === undefined ? {} : { error: secrets.error })}
            value={place.form === 'secret' && !place.isNew ? place.name : ''}
            allowOther
            isClearable
            isDisabled={isDisabled}
            onChange={(name) => change((before) => withExistingSecret(before, 'userData', name))}
          />
        )}
      </FormField>
    </>
  );
}

/** That a text is longer than KubeVirt takes in the VM itself, and the way out. */
export function SizeNotice({ part }: { part: GuestPart }) {
  const t = useText();
  const { draft, change, mode, locked } = useVmForm();
  const bytes = inlineBytes(draft, part);
  if (bytes <= INLINE_MAX_BYTES) return null;
  return (
    <Alert
      variant="danger"
      isInline
      title={t('guest.place.tooLong', { bytes, limit: INLINE_MAX_BYTES })}
      {...(mode === 'create'
        ? {
            actionLinks: (
              <Button
                variant="link"
                isInline
                isDisabled={locked !== undefined}
                onClick={() => change((before) => movedToSecret(before, part))}
              >
                {t('guest.place.toSecret')}
              </Button>
            ),
          }
        : {})}
    />
  );
}
