'use client';

import {
  ExpandableSection,
  FormGroup,
  FormSelect,
  FormSelectOption,
  TextInput,
} from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { BulkInput } from '@/lib/kinds/vm/bulk-action';
import { isEmptyEdit } from '@/lib/kinds/vm/bulk-edit';
import type { VmBulkEdit } from '@/lib/kinds/vm/bulk-edit-input';
import { RUN_STRATEGIES } from '@/lib/kinds/vm/form/general-fields';
import { CLUSTER_INSTANCETYPE } from '@/lib/kinds/vm/form/instance-type';
import { EVICTION_STRATEGIES, tolerationOf } from '@/lib/kinds/vm/form/scheduling-fields';
import { labelKeyProblem, labelValueProblem } from '@/lib/kinds/vm/labels';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { MessageKey } from '@/lib/text';
import { parseQuantity } from '@/lib/units';
import { AmountInput } from '../form/amount-input';
import { Choice } from '../form/choice';
import { useInstanceTypes } from '../form/size/use-offers';
import styles from './bulk.module.css';
import { EditPreview } from './edit-preview';

/** What to change of many VMs, with what it comes to for each of them. */
export function EditQuestion({
  id,
  cluster,
  rows,
  onChange,
}: {
  id: string;
  cluster: string;
  rows: readonly VmRow[];
  onChange: (input: BulkInput | undefined) => void;
}) {
  const t = useText();
  const [edit, setEdit] = useState<VmBulkEdit>({});
  const [typed, setTyped] = useState({ cpus: '', toleration: '' });
  const { offers, isLoading } = useInstanceTypes(cluster, rows[0]?.namespace ?? '');
  const wide = offers.filter(({ kind }) => kind === CLUSTER_INSTANCETYPE);
  const set = (change: Partial<VmBulkEdit>) => {
    const next = { ...edit, ...change };
    for (const key of Object.keys(next) as (keyof VmBulkEdit)[])
      if (next[key] === undefined) delete next[key];
    setEdit(next);
    onChange(isEmptyEdit(next) || !isSendable(next) ? undefined : { edit: next });
  };
  const isOwnSize = edit.vcpus !== undefined || edit.memory !== undefined;
  return (
    <>
      <div className={styles.fields}>
        <Words
          id={`${id}-run`}
          label="configure.bulk.runStrategy"
          values={RUN_STRATEGIES}
          value={edit.runStrategy}
          onChange={(runStrategy) => set({ runStrategy })}
        />
        <FormGroup label={t('configure.bulk.instancetype')} fieldId={`${id}-type`}>
          <Choice
            id={`${id}-type`}
            label={t('configure.bulk.instancetype')}
            options={wide.map(({ name, vcpus, memory }) => ({
              value: name,
              label: name,
              description: t('configure.bulk.typeSize', { vcpus, memory }),
            }))}
            value={edit.instancetype?.name ?? ''}
            isLoading={isLoading}
            isClearable
            isDisabled={isOwnSize}
            placeholder={t('configure.bulk.asItIs')}
            onChange={(name) => {
              const offer = wide.find((each) => each.name === name);
              set({
                instancetype: offer && { name, kind: CLUSTER_INSTANCETYPE, spec: { ...offer.spec } },
              });
            }}
          />
        </FormGroup>
        <FormGroup label={t('configure.bulk.cpus')} fieldId={`${id}-cpus`}>
          <TextInput
            id={`${id}-cpus`}
            type="number"
            min={1}
            value={typed.cpus}
            isDisabled={edit.instancetype !== undefined}
            placeholder={t('configure.bulk.asItIs')}
            onChange={(_, cpus) => {
              setTyped({ ...typed, cpus });
              set({ vcpus: cpus === '' ? undefined : Number(cpus) });
            }}
          />
        </FormGroup>
        <FormGroup label={t('configure.bulk.memory')} fieldId={`${id}-memory`}>
          <AmountInput
            id={`${id}-memory`}
            label={t('configure.bulk.memory')}
            value={edit.memory ?? ''}
            isDisabled={edit.instancetype !== undefined}
            placeholder={t('configure.bulk.asItIs')}
            onChange={(memory) => set({ memory: memory || undefined })}
          />
        </FormGroup>
      </div>
      <Part title="configure.bulk.scheduling">
        <div className={styles.fields}>
          <Pair
            id={`${id}-selector`}
            label="configure.bulk.nodeSelector"
            onChange={(nodeSelector) => set({ nodeSelector })}
          />
          <FormGroup label={t('configure.bulk.toleration')} fieldId={`${id}-toleration`}>
            <TextInput
              id={`${id}-toleration`}
              value={typed.toleration}
              placeholder={t('configure.bulk.tolerationForm')}
              onChange={(_, toleration) => {
                setTyped({ ...typed, toleration });
                set({ toleration: toleration.trim() ? tolerationOf(toleration) : undefined });
              }}
            />
          </FormGroup>
          <Words
            id={`${id}-eviction`}
            label="configure.bulk.eviction"
            values={EVICTION_STRATEGIES}
            value={edit.evictionStrategy}
            onChange={(evictionStrategy) => set({ evictionStrategy })}
          />
        </div>
      </Part>
      <Part title="configure.bulk.labels">
        <div className={styles.fields}>
          <Pair id={`${id}-label`} label="configure.bulk.newLabel" onChange={(labels) => set({ labels })} />
          <Pair
            id={`${id}-annotation`}
            label="configure.bulk.newAnnotation"
            onChange={(annotations) => set({ annotations })}
          />
        </div>
      </Part>
      {isEmptyEdit(edit) ? (
        <p>{t('configure.bulk.nothing')}</p>
      ) : isSendable(edit) ? (
        <EditPreview cluster={cluster} rows={rows} edit={edit} />
      ) : (
        <p>{t('configure.bulk.unreadable')}</p>
      )}
    </>
  );
}

/** What the API would refuse by its form alone. */
function isSendable({
  vcpus,
  memory,
  labels = {},
  nodeSelector = {},
  annotations = {},
}: VmBulkEdit): boolean {
  if (vcpus !== undefined && !(Number.isSafeInteger(vcpus) && vcpus > 0)) return false;
  if (memory !== undefined && !((parseQuantity(memory) ?? 0) > 0)) return false;
  return (
    [labels, nodeSelector, annotations].every((pairs) =>
      Object.keys(pairs).every((key) => !labelKeyProblem(key)),
    ) &&
    [labels, nodeSelector].every((pairs) =>
      Object.values(pairs).every((value) => value === null || !labelValueProblem(value)),
    )
  );
}

function Part({ title, children }: { title: MessageKey; children: ReactNode }) {
  return <ExpandableSection toggleText={useText()(title)}>{children}</ExpandableSection>;
}

function Words({
  id,
  label,
  values,
  value = '',
  onChange,
}: {
  id: string;
  label: MessageKey;
  values: readonly string[];
  value?: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const t = useText();
  return (
    <FormGroup label={t(label)} fieldId={id}>
      <FormSelect id={id} value={value} onChange={(_, next) => onChange(next || undefined)}>
        <FormSelectOption value="" label={t('configure.bulk.asItIs')} />
        {values.map((each) => (
          <FormSelectOption key={each} value={each} label={each} />
        ))}
      </FormSelect>
    </FormGroup>
  );
}

/** A key with its value; an empty value can mean to take it off. */
function Pair({
  id,
  label,
  onChange,
}: {
  id: string;
  label: MessageKey;
  onChange: (pairs: Record<string, string | null> | undefined) => void;
}) {
  const t = useText();
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const tell = (nextKey: string, nextValue: string) => {
    setKey(nextKey);
    setValue(nextValue);
    onChange(nextKey ? { [nextKey]: nextValue === '' ? null : nextValue } : undefined);
  };
  return (
    <FormGroup label={t(label)} role="group" fieldId={id}>
      <div className={styles.pair}>
        <TextInput
          id={`${id}-key`}
          aria-label={t('configure.bulk.keyOf', { what: t(label) })}
          placeholder={t('configure.bulk.key')}
          value={key}
          onChange={(_, next) => tell(next.trim(), value)}
        />
        <TextInput
          id={`${id}-value`}
          aria-label={t('configure.bulk.valueOf', { what: t(label) })}
          placeholder={t('configure.bulk.emptyRemoves')}
          value={value}
          onChange={(_, next) => tell(key, next)}
        />
      </div>
    </FormGroup>
  );
}
