'use client';

import {
  Checkbox,
  FormGroup,
  FormHelperText,
  FormSelect,
  FormSelectOption,
  HelperText,
  HelperTextItem,
  TextInput,
} from '@patternfly/react-core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import type { BulkInput, BulkQuestion } from '@/lib/kinds/vm/bulk-action';
import {
  folderChange,
  folderProblem,
  labelKeyProblem,
  labelValueProblem,
  TAG_PREFIX,
  tagChange,
  tagProblem,
} from '@/lib/kinds/vm/labels';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { MessageKey, Text } from '@/lib/text';

// Fields, lists and the manifest's code: few people open it.
const EditQuestion = dynamic(() => import('./edit-question').then((all) => all.EditQuestion));

interface QuestionProps {
  id: string;
  cluster: string;
  /** Those that it is about: what they have already is offered. */
  rows: readonly VmRow[];
  /** Told of the answer, and of undefined while there is none that the API would take. */
  onChange: (input: BulkInput | undefined) => void;
}

/** What an action on many VMs has to know. */
export function BulkQuestions({ asks, ...props }: QuestionProps & { asks: BulkQuestion }) {
  switch (asks) {
    case 'edit':
      return <EditQuestion {...props} />;
    case 'keepDisks':
      return <KeepDisks {...props} />;
    case 'folder':
      return <Folder {...props} />;
    case 'tag':
      return <NewTag {...props} />;
    case 'tagOf':
      return (
        <OneOf
          {...props}
          label="bulk.dialog.tag"
          none="bulk.dialog.noTags"
          choices={(row) => row.tags}
          changeOf={(tag) => ({ change: tagChange(tag, false) })}
        />
      );
    case 'label':
      return <NewLabel {...props} />;
    case 'labelOf':
      return (
        <OneOf
          {...props}
          label="bulk.dialog.labelKey"
          none="bulk.dialog.noLabels"
          choices={(row) => Object.keys(row.labels).filter((key) => !key.startsWith(TAG_PREFIX))}
          changeOf={(key) => ({ change: { [key]: null } })}
        />
      );
  }
}

function KeepDisks({ id, onChange }: QuestionProps) {
  const t = useText();
  const [isKept, setKept] = useState(false);
  return (
    <Checkbox
      id={`${id}-keep`}
      label={t('bulk.dialog.keepDisks')}
      isChecked={isKept}
      onChange={(_, on) => {
        setKept(on);
        onChange({ keepDisks: on });
      }}
    />
  );
}

function Folder({ id, rows, onChange }: QuestionProps) {
  const [folder, setFolder] = useState('');
  return (
    <Field
      id={`${id}-folder`}
      label="bulk.dialog.folder"
      help="bulk.dialog.folderHelp"
      value={folder}
      problem={folder === '' ? undefined : folderProblem(folder)}
      offered={unique(rows.map((row) => row.folder))}
      onChange={(value) => {
        setFolder(value);
        onChange(folderProblem(value) ? undefined : { change: folderChange(value) });
      }}
    />
  );
}

function NewTag({ id, rows, onChange }: QuestionProps) {
  const [tag, setTag] = useState('');
  return (
    <Field
      id={`${id}-tag`}
      label="bulk.dialog.tag"
      value={tag}
      problem={tag === '' ? undefined : tagProblem(tag)}
      offered={unique(rows.flatMap((row) => row.tags))}
      onChange={(value) => {
        setTag(value);
        onChange(tagProblem(value) ? undefined : { change: tagChange(value, true) });
      }}
    />
  );
}

function NewLabel({ id, rows, onChange }: QuestionProps) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const tell = (nextKey: string, nextValue: string) => {
    const isFine = !labelKeyProblem(nextKey) && !labelValueProblem(nextValue);
    onChange(isFine ? { change: { [nextKey]: nextValue } } : undefined);
  };
  return (
    <>
      <Field
        id={`${id}-key`}
        label="bulk.dialog.labelKey"
        value={key}
        problem={key === '' ? undefined : labelKeyProblem(key)}
        offered={unique(rows.flatMap((row) => Object.keys(row.labels)))}
        onChange={(next) => {
          setKey(next);
          tell(next, value);
        }}
      />
      <Field
        id={`${id}-value`}
        label="bulk.dialog.labelValue"
        value={value}
        problem={labelValueProblem(value)}
        offered={unique(rows.flatMap((row) => row.labels[key] ?? []))}
        onChange={(next) => {
          setValue(next);
          tell(key, next);
        }}
      />
    </>
  );
}

/** Chooses among what some of the VMs have. */
function OneOf({
  id,
  rows,
  onChange,
  label,
  none,
  choices,
  changeOf,
}: QuestionProps & {
  label: MessageKey;
  none: MessageKey;
  choices: (row: VmRow) => string[];
  changeOf: (choice: string) => BulkInput;
}) {
  const t = useText();
  const [chosen, setChosen] = useState('');
  const all = unique(rows.flatMap(choices));
  if (all.length === 0) return <p>{t(none)}</p>;
  return (
    <FormGroup label={t(label)} fieldId={`${id}-choice`}>
      <FormSelect
        id={`${id}-choice`}
        value={chosen}
        onChange={(_, value) => {
          setChosen(value);
          onChange(value === '' ? undefined : changeOf(value));
        }}
      >
        <FormSelectOption value="" label={t('bulk.dialog.choose')} isPlaceholder />
        {all.map((choice) => (
          <FormSelectOption key={choice} value={choice} label={choice} />
        ))}
      </FormSelect>
    </FormGroup>
  );
}

/** One line of text, with what is wrong with it and what is there already. */
function Field({
  id,
  label,
  help,
  value,
  problem,
  offered,
  onChange,
}: {
  id: string;
  label: MessageKey;
  help?: MessageKey;
  value: string;
  problem: Text | undefined;
  offered: string[];
  onChange: (value: string) => void;
}) {
  const t = useText();
  const hint = problem ? t(problem) : help && t(help);
  return (
    <FormGroup label={t(label)} fieldId={id}>
      <TextInput
        id={id}
        value={value}
        list={`${id}-offered`}
        autoComplete="off"
        validated={problem ? 'error' : 'default'}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(_, next) => onChange(next.trim())}
      />
      <datalist id={`${id}-offered`}>
        {offered.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      {hint && (
        <FormHelperText>
          <HelperText id={`${id}-hint`}>
            <HelperTextItem variant={problem ? 'error' : 'default'}>{hint}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      )}
    </FormGroup>
  );
}

/** Lists for choosing are short. */
const MAX_OFFERED = 200;

function unique(values: string[]): string[] {
  return [...new Set(values)].filter(Boolean).sort().slice(0, MAX_OFFERED);
}
