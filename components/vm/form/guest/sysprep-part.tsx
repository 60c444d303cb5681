'use client';

import { Alert, Button, List, ListItem, Switch } from '@patternfly/react-core';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { isWindows } from '@/lib/guest-setup/login';
import { wordAt } from '@/lib/k8s/json';
import { RESOURCES } from '@/lib/kinds/resources';
import {
  ANSWER_FILES,
  driversImage,
  driversOf,
  sysprepOf,
  withAnswerFile,
  withDrivers,
  withoutDrivers,
  withSysprep,
} from '@/lib/kinds/vm/form/guest/sysprep';
import { unattendProblem } from '@/lib/kinds/vm/form/guest/unattend';
import { withWindowsDefaults } from '@/lib/kinds/vm/form/guest/windows';
import { useFeatures } from '@/lib/live/use-features';
import { type Text, text } from '@/lib/text';
import { Choice } from '../choice';
import formStyles from '../form.module.css';
import { FormField } from '../form-field';
import { Pick } from '../pick';
import { SectionPart } from '../section-part';
import { useNames } from '../use-names';
import { onVm, type PlacedProblem, useVmForm } from '../vm-form';
import styles from './guest.module.css';
import { TypedArea } from './typed-area';

/** The answer file that Windows is set up by. */
export function SysprepPart() {
  const t = useText();
  const { cluster, namespace, draft, change, locked, mode, applies } = useVmForm();
  const secrets = useNames(cluster, RESOURCES.secrets, namespace);
  const maps = useNames(cluster, RESOURCES.configMaps, namespace);
  const sysprep = sysprepOf(draft);
  const isDisabled = locked !== undefined;
  if (!sysprep) return null;
  const { kind, name, content, file } = sysprep;
  const names = kind === 'secret' ? secrets : maps;
  const found = content === undefined ? undefined : unattendProblem(content);
  const wrong: Text | undefined = content?.includes('••')
    ? text('guest.problem.notKept')
    : found && text('guest.key.line', { line: found.line, said: t(found.message) });
  const problems: PlacedProblem[] = wrong ? [{ path: 'sysprep', severity: 'error', message: wrong }] : [];
  return (
    <>
      <FormField
        id="sysprep-kind"
        label={t('guest.sysprep.from')}
        applies={applies(['spec.template.spec.volumes'])}
      >
        {(control) => (
          <Pick
            {...control}
            label={t('guest.sysprep.from')}
            value={content === undefined ? kind : 'new'}
            isDisabled={isDisabled}
            options={(mode === 'create'
              ? (['new', 'secret', 'configMap'] as const)
              : (['secret', 'configMap'] as const)
            ).map((each) => ({ value: each, label: t(`guest.sysprep.${each}`) }))}
            onChange={(next) => {
              if (next === 'new')
                change((before) => withAnswerFile(withSysprep(before, 'secret', ''), '', file));
              else if (next === 'secret' || next === 'configMap')
                change((before) => withSysprep(before, next, ''));
            }}
          />
        )}
      </FormField>
      {content === undefined ? (
        <FormField
          id="sysprep-name"
          label={t(`guest.sysprep.${kind}`)}
          help={t('guest.sysprep.nameHelp')}
          problems={
            name === ''
              ? [{ path: 'sysprep', severity: 'error', message: text('guest.credential.noSecret') }]
              : []
          }
          isRequired
        >
          {(control) => (
            <Choice
              {...control}
              label={t(`guest.sysprep.${kind}`)}
              options={names.names.map((each) => ({ value: each, label: each }))}
              isLoading={names.isLoading}
              {...(names.error === undefined ? {} : { error: names.error })}
              value={name}
              allowOther
              isDisabled={isDisabled}
              onChange={(next) => change((before) => withSysprep(before, kind, next))}
            />
          )}
        </FormField>
      ) : (
        <>
          <FormField id="sysprep-file" label={t('guest.sysprep.file')} help={t('guest.sysprep.fileHelp')}>
            {(control) => (
              <Pick
                {...control}
                label={t('guest.sysprep.file')}
                value={file}
                isDisabled={isDisabled}
                options={ANSWER_FILES.map((each) => ({ value: each, label: each }))}
                onChange={(next) => {
                  const other = ANSWER_FILES.find((each) => each === next);
                  if (other) change((before) => withAnswerFile(before, content, other));
                }}
              />
            )}
          </FormField>
          <FormField
            id="sysprep-content"
            label={t('guest.sysprep.content')}
            help={t('guest.sysprep.contentHelp', { name })}
            problems={problems}
            isRequired
          >
            {(control) => (
              <TypedArea
                control={control}
                value={content}
                became={(typed) => typed}
                rows={12}
                isDisabled={isDisabled}
                onChange={(next) => change((before) => withAnswerFile(before, next, file))}
              />
            )}
          </FormField>
        </>
      )}
    </>
  );
}

/** What Windows needs of a VM beside its answers. */
export function WindowsPart() {
  const t = useText();
  const { cluster, draft, change, locked } = useVmForm();
  const { version } = useFeatures(cluster);
  const [done, setDone] = useState<Text[]>();
  const isDisabled = locked !== undefined;
  const drivers = driversOf(draft.vm);
  const image = drivers || driversImage(version);
  const preference = wordAt(draft.vm, ['spec', 'preference', 'name']);
  const hasPreference = preference !== '' && isWindows({ spec: { preference: { name: preference } } });
  return (
    <SectionPart title={t('guest.windows.title')}>
      <Switch
        id="windows-drivers"
        label={t('guest.windows.drivers')}
        aria-describedby="windows-drivers-help"
        isChecked={drivers !== ''}
        isDisabled={isDisabled}
        onChange={(_, on) => change(onVm((vm) => (on ? withDrivers(vm, image) : withoutDrivers(vm))))}
      />
      <p id="windows-drivers-help" className={formStyles.note}>
        {t('guest.windows.driversHelp', { image })}
      </p>
      <div className={styles.buttons}>
        <Button
          variant="secondary"
          isDisabled={isDisabled}
          onClick={() => {
            const made = withWindowsDefaults(draft.vm, { hasPreference });
            change(onVm((vm) => withWindowsDefaults(vm, { hasPreference }).vm));
            setDone(made.done);
          }}
        >
          {t('guest.windows.apply')}
        </Button>
      </div>
      <div aria-live="polite">
        {done && (
          <Alert
            variant="info"
            isInline
            isPlain
            title={t(
              done.length > 0
                ? 'guest.windows.done'
                : hasPreference
                  ? 'guest.windows.byPreference'
                  : 'guest.windows.nothing',
            )}
          >
            {done.length > 0 && (
              <List>
                {done.map((each) => (
                  <ListItem key={each.key}>{t(each)}</ListItem>
                ))}
              </List>
            )}
          </Alert>
        )}
      </div>
    </SectionPart>
  );
}
