'use client';

import { Button, TextArea, TextInput } from '@patternfly/react-core';
import { PlusIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import {
  filesOf,
  type GuestFile,
  readFile,
  withEntryAt,
  withNewFile,
  writeFile,
} from '@/lib/guest-setup/entries';
import { type Text, text } from '@/lib/text';
import formStyles from '../form.module.css';
import { FormField } from '../form-field';
import type { PlacedProblem } from '../vm-form';
import styles from './guest.module.css';
import { useGuestConfig } from './use-guest-config';

/** Files that cloud-init writes at the first boot. */
export function FilesPart() {
  const t = useText();
  const { config, edit, locked } = useGuestConfig();
  const files = filesOf(config);
  const isDisabled = locked !== undefined;
  if (!files) return <p className={formStyles.note}>{t('guest.config.onlyText', { what: 'write_files' })}</p>;
  return (
    <>
      {files.map((entry, index) => {
        const file = readFile(entry);
        const number = index + 1;
        const set = (next: Partial<GuestFile>) =>
          edit((before) => withEntryAt(before, 'write_files', index, (each) => writeFile(each, next)));
        const id = `guest-file-${index}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: paths change while one types them
          <section key={index} className={styles.nic} aria-labelledby={`${id}-title`}>
            <div className={styles.head}>
              <h3 id={`${id}-title`} className={styles.title}>
                {t('guest.file.title', { name: file.path || String(number) })}
              </h3>
              <span className={styles.spacer} />
              <Button
                variant="secondary"
                size="sm"
                isDisabled={isDisabled}
                onClick={() => edit((before) => withEntryAt(before, 'write_files', index, () => undefined))}
              >
                {t('guest.file.remove', { number })}
              </Button>
            </div>
            <div className={styles.grid}>
              {(['path', 'permissions', 'owner'] as const).map((key) => (
                <FormField
                  key={key}
                  id={`${id}-${key}`}
                  label={t(`guest.file.${key}`)}
                  {...(key === 'path' ? {} : { help: t(`guest.file.${key}Help`) })}
                  isRequired={key === 'path'}
                  problems={said(id, problemOf(key, file))}
                >
                  {(control) => (
                    <TextInput
                      {...control}
                      className="portlight-mono"
                      value={file[key]}
                      isDisabled={isDisabled}
                      autoComplete="off"
                      spellCheck={false}
                      onChange={(_, next) => set({ [key]: next })}
                    />
                  )}
                </FormField>
              ))}
            </div>
            {file.content === undefined ? (
              <p className={formStyles.note}>{t('guest.file.bytes')}</p>
            ) : (
              <FormField
                id={`${id}-content`}
                label={t('guest.file.content')}
                problems={said(id, file.content.includes('••') ? text('guest.problem.notKept') : undefined)}
              >
                {(control) => (
                  <TextArea
                    {...control}
                    className="portlight-mono"
                    value={file.content}
                    rows={4}
                    resizeOrientation="vertical"
                    isDisabled={isDisabled}
                    spellCheck={false}
                    onChange={(_, content) => set({ content })}
                  />
                )}
              </FormField>
            )}
          </section>
        );
      })}
      <div className={styles.buttons}>
        <Button
          variant="secondary"
          icon={<PlusIcon />}
          isDisabled={isDisabled}
          onClick={() => edit(withNewFile)}
        >
          {t('guest.file.add')}
        </Button>
      </div>
    </>
  );
}

function problemOf(key: 'path' | 'permissions' | 'owner', file: GuestFile): Text | undefined {
  if (key === 'path' && !file.path.startsWith('/')) return text('guest.file.noPath');
  if (key === 'permissions' && file.permissions !== '' && !/^0?o?[0-7]{3,4}$/.test(file.permissions))
    return text('guest.file.octal');
  return undefined;
}

function said(path: string, message: Text | undefined): PlacedProblem[] {
  return message ? [{ path, severity: 'error', message }] : [];
}
