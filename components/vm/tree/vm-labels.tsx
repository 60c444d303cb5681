'use client';

import { Button, Label, LabelGroup } from '@patternfly/react-core';
import { PencilAltIcon } from '@patternfly/react-icons';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { RefusalNote } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { ACCESS } from '@/lib/kinds/abilities';
import type { Labelled } from '@/lib/kinds/vm/drop';
import {
  folderChange,
  folderOf,
  folderProblem,
  type LabelChange,
  labelKeyProblem,
  labelValueProblem,
  ownLabels,
  suggestFolder,
  suggestName,
  tagChange,
  tagProblem,
  tagsOf,
} from '@/lib/kinds/vm/labels';
import { useRefusals } from '@/lib/live/use-access';
import type { Text } from '@/lib/text';
import { NameField } from './name-field';
import styles from './tree.module.css';
import { useLabelChange } from './use-drop';
import { useFolders } from './use-folders';

const NEEDED = [ACCESS.patchVm];

/** The folder, tags and labels of a VM, changed where they stand: each change is one small patch. */
export function VmLabels({ target, vm }: { target: Ref; vm: Labelled }) {
  const t = useText();
  const { cluster, namespace } = target;
  const refusal = useRefusals(cluster, namespace, NEEDED).get(ACCESS.patchVm);
  const [words, setWords] = useState('');
  const run = useLabelChange(cluster, setWords);
  const change = (labels: LabelChange) => void run(vm, labels);
  const may = refusal === undefined;
  const tags = tagsOf(vm.labels);
  const labels = ownLabels(vm.labels);
  return (
    <dl className={styles.card}>
      <dt>{t('tree.card.folder')}</dt>
      <dd>
        <FolderValue target={target} folder={folderOf(vm.labels)} may={may} change={change} />
      </dd>
      <dt>{t('tree.card.tags')}</dt>
      <dd>
        {tags.length === 0 && <span className={styles.none}>{t('tree.card.noTags')}</span>}
        <LabelGroup aria-label={t('tree.card.tags')} numLabels={50}>
          {tags.map((tag) => (
            <Label
              key={tag}
              isCompact
              closeBtnAriaLabel={t('tree.card.removeTag', { tag })}
              {...(may ? { onClose: () => change(tagChange(tag, false)) } : {})}
            >
              {tag}
            </Label>
          ))}
        </LabelGroup>
        {may && <AddTag onAdd={(tag) => change(tagChange(tag, true))} />}
      </dd>
      <dt>{t('tree.card.labels')}</dt>
      <dd>
        {labels.length === 0 && <span className={styles.none}>{t('tree.card.noLabels')}</span>}
        <LabelGroup aria-label={t('tree.card.labels')} numLabels={50}>
          {labels.map(([key, value]) => (
            <Label
              key={key}
              isCompact
              variant="outline"
              textMaxWidth="24rem"
              closeBtnAriaLabel={t('tree.card.removeLabel', { key })}
              {...(may ? { onClose: () => change({ [key]: null }) } : {})}
            >
              {value ? `${key}=${value}` : key}
            </Label>
          ))}
        </LabelGroup>
        {may && <AddLabel onAdd={(key, value) => change({ [key]: value })} />}
      </dd>
      <dd className={styles.cardNote}>
        {refusal ? <RefusalNote cluster={cluster} refusal={refusal} /> : t('tree.card.note')}
      </dd>
      <dd className={styles.cardNote} role="status">
        {words}
      </dd>
    </dl>
  );
}

function FolderValue({
  target,
  folder,
  may,
  change,
}: {
  target: Ref;
  folder: string;
  may: boolean;
  change: (labels: LabelChange) => void;
}) {
  const t = useText();
  const [isEdited, setEdited] = useState(false);
  if (!isEdited) {
    return (
      <>
        {folder || <span className={styles.none}>{t('tree.none.folder')}</span>}
        {may && (
          <Button
            variant="plain"
            size="sm"
            aria-label={t('tree.card.change')}
            icon={<PencilAltIcon />}
            onClick={() => setEdited(true)}
          />
        )}
      </>
    );
  }
  return (
    <FolderEdit
      target={target}
      folder={folder}
      onCancel={() => setEdited(false)}
      onSave={(next) => {
        setEdited(false);
        if (next !== folder) change(folderChange(next));
      }}
    />
  );
}

/** Where a VM lies, to be typed or chosen; empty for no folder. */
export function FolderEdit({
  target: { cluster, namespace },
  folder,
  onSave,
  onCancel,
  formId,
}: {
  target: Ref;
  folder: string;
  onSave: (folder: string) => void;
  onCancel?: () => void;
  /** The form's own, where its buttons stand elsewhere. */
  formId?: string;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const [typed, setTyped] = useState(folder);
  const choices = useFolders(cluster, namespace);
  const problem = typed === '' ? undefined : folderProblem(typed);
  return (
    <InlineForm
      id={formId}
      isReady={!problem}
      onSubmit={() => onSave(typed)}
      {...(onCancel ? { onCancel } : {})}
    >
      <NameField
        id={formId ? `${formId}-name` : id}
        label={t('tree.organise.moveField')}
        value={typed}
        onChange={setTyped}
        problem={problem}
        suggestion={suggestFolder(typed)}
        choices={choices}
        help={t('tree.organise.moveHelp', { namespace })}
      />
    </InlineForm>
  );
}

function AddTag({ onAdd }: { onAdd: (tag: string) => void }) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const [typed, setTyped] = useState('');
  const problem = tagProblem(typed);
  return (
    <Adder
      label={t('tree.card.addTag')}
      isReady={!problem}
      onSubmit={() => onAdd(typed)}
      onEnd={() => setTyped('')}
    >
      <NameField
        id={id}
        label={t('tree.card.tag')}
        value={typed}
        onChange={setTyped}
        problem={problem}
        suggestion={suggestName(typed)}
      />
    </Adder>
  );
}

function AddLabel({ onAdd }: { onAdd: (key: string, value: string) => void }) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const keyProblem: Text | undefined = labelKeyProblem(key);
  const valueProblem = labelValueProblem(value);
  return (
    <Adder
      label={t('tree.card.addLabel')}
      isReady={!keyProblem && !valueProblem}
      onSubmit={() => onAdd(key, value)}
      onEnd={() => {
        setKey('');
        setValue('');
      }}
    >
      <NameField
        id={`${id}-key`}
        label={t('tree.card.key')}
        value={key}
        onChange={setKey}
        problem={keyProblem}
        suggestion={suggestName(key)}
      />
      <NameField
        id={`${id}-value`}
        label={t('tree.card.value')}
        value={value}
        onChange={setValue}
        problem={valueProblem}
        suggestion={suggestName(value)}
      />
    </Adder>
  );
}

/** A button that becomes a small form in its place. */
function Adder({
  label,
  isReady,
  onSubmit,
  onEnd,
  children,
}: {
  label: string;
  isReady: boolean;
  onSubmit: () => void;
  onEnd: () => void;
  children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
    onEnd();
  };
  if (!isOpen) {
    return (
      <Button variant="link" size="sm" onClick={() => setOpen(true)}>
        {label}
      </Button>
    );
  }
  return (
    <InlineForm
      isReady={isReady}
      onCancel={close}
      onSubmit={() => {
        onSubmit();
        close();
      }}
    >
      {children}
    </InlineForm>
  );
}

function InlineForm({
  id,
  isReady,
  onSubmit,
  onCancel,
  children,
}: {
  id?: string | undefined;
  isReady: boolean;
  onSubmit: () => void;
  /** Absent where the buttons stand elsewhere. */
  onCancel?: () => void;
  children: ReactNode;
}) {
  const t = useText();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) onSubmit();
  };
  return (
    <form id={id} onSubmit={submit} className={styles.inlineForm}>
      {children}
      {onCancel && (
        <div>
          <Button type="submit" size="sm" isAriaDisabled={!isReady}>
            {t('tree.card.save')}
          </Button>{' '}
          <Button variant="link" size="sm" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
        </div>
      )}
    </form>
  );
}
