'use client';

import { NumberInput, Switch, TextArea, TextInput } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { wordAt } from '@/lib/k8s/json';
import { VM_NAME } from '@/lib/kinds/vm/create/rename';
import { FormField } from '../../form/form-field';
import { SectionBody } from '../../form/section-part';
import { useVmForm } from '../../form/vm-form';
import { MAX_BATCH } from './batch';
import { useBatchForm } from './batch-context';
import { BatchPreview } from './batch-preview';
import { COLUMNS } from './columns';

/** Makes several VMs of the one in the form: by a pattern and a number, or by a table from a spreadsheet. */
export function SeveralStep() {
  const t = useText();
  const { draft, locked } = useVmForm();
  const { batch, setBatch, members } = useBatchForm();
  const isDisabled = locked !== undefined;
  const hasTable = (members?.rows.length ?? 0) > 0;
  const proposed = `${wordAt(draft.vm, VM_NAME)}-{n}`;
  const atLeast = (value: number, least: number) =>
    Number.isFinite(value) ? Math.max(least, Math.trunc(value)) : least;
  return (
    <SectionBody>
      <Switch
        id="batch-on"
        label={t('create.batch.on')}
        isChecked={batch.isOn}
        isDisabled={isDisabled}
        onChange={(_, isOn) => setBatch({ ...batch, isOn })}
      />
      {batch.isOn && (
        <>
          <FormField
            id="batch-pattern"
            label={t('create.batch.pattern')}
            help={t('create.batch.patternHelp')}
          >
            {(control) => (
              <TextInput
                {...control}
                value={batch.pattern}
                placeholder={proposed}
                autoComplete="off"
                spellCheck={false}
                isDisabled={isDisabled}
                onChange={(_, pattern) => setBatch({ ...batch, pattern: pattern.trim() })}
              />
            )}
          </FormField>
          <FormField
            id="batch-count"
            label={t('create.batch.count')}
            help={
              hasTable ? t('create.batch.countByTable') : t('create.batch.countHelp', { limit: MAX_BATCH })
            }
          >
            {({ id }) => (
              <NumberInput
                inputProps={{ id }}
                inputAriaLabel={t('create.batch.count')}
                minusBtnAriaLabel={t('create.batch.fewer')}
                plusBtnAriaLabel={t('create.batch.more')}
                value={hasTable ? (members?.rows.length ?? 0) : batch.count}
                min={1}
                max={MAX_BATCH}
                isDisabled={isDisabled || hasTable}
                onMinus={() => setBatch({ ...batch, count: atLeast(batch.count - 1, 1) })}
                onPlus={() => setBatch({ ...batch, count: batch.count + 1 })}
                onChange={(event) =>
                  setBatch({ ...batch, count: atLeast(Number(event.currentTarget.value), 1) })
                }
              />
            )}
          </FormField>
          <FormField id="batch-start" label={t('create.batch.start')}>
            {(control) => (
              <TextInput
                {...control}
                type="number"
                min={0}
                value={batch.start}
                isDisabled={isDisabled}
                onChange={(_, start) => setBatch({ ...batch, start: atLeast(Number(start), 0) })}
              />
            )}
          </FormField>
          <FormField
            id="batch-table"
            label={t('create.batch.table')}
            help={t('create.batch.tableHelp', { columns: COLUMNS.join(', ') })}
            problems={(members?.problems ?? []).map((message) => ({
              path: 'table',
              severity: 'error' as const,
              message,
            }))}
          >
            {({ id, validated, ...control }) => (
              <TextArea
                id={id}
                {...control}
                validated={validated}
                value={batch.table}
                rows={5}
                resizeOrientation="vertical"
                spellCheck={false}
                isDisabled={isDisabled}
                onChange={(_, table) => setBatch({ ...batch, table })}
              />
            )}
          </FormField>
          <BatchPreview />
        </>
      )}
    </SectionBody>
  );
}
