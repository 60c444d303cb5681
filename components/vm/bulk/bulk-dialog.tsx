'use client';

import {
  Alert,
  Button,
  ExpandableSection,
  FormGroup,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextInput,
} from '@patternfly/react-core';
import { type FormEvent, useId, useMemo, useState } from 'react';
import { RefusalNote } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import { WindowList } from '@/components/ui/window-list';
import { type BulkPlan, planBulk, type SkippedVms, wordToType } from '@/lib/kinds/vm/bulk';
import type { BulkAction, BulkInput } from '@/lib/kinds/vm/bulk-action';
import type { VmRow } from '@/lib/kinds/vm/row';
import { formatBytes } from '@/lib/units';
import styles from './bulk.module.css';
import { BulkQuestions } from './bulk-questions';
import { useDenials } from './use-denials';

const ROW_PX = 24;

export interface ConfirmedBulk extends BulkPlan {
  input: BulkInput;
}

/**
 * Says before it is done with which VMs it is and which are left out and why, asks for what the action needs, and has
 * the number or the name typed where it cannot be undone or where they are many.
 */
export function BulkDialog({
  cluster,
  action,
  rows,
  onConfirm,
  onCancel,
}: {
  cluster: string;
  action: BulkAction;
  rows: readonly VmRow[];
  onConfirm: (confirmed: ConfirmedBulk) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const [input, setInput] = useState<BulkInput | undefined>(() => firstInput(action));
  const [typed, setTyped] = useState('');
  const namespaces = useMemo(() => [...new Set(rows.map(({ namespace }) => namespace))], [rows]);
  const { denialIn, isKnown } = useDenials(cluster, [action.access], namespaces);
  const plan = useMemo(
    () => planBulk(action, rows, input ?? {}, (namespace) => denialIn(action.access, namespace)),
    [action, rows, input, denialIn],
  );
  const { runnable, skipped } = plan;
  const word = wordToType(action, runnable);
  const isReady =
    isKnown && runnable.length > 0 && input !== undefined && (word === undefined || typed.trim() === word);
  const name = t(action.label);
  const isDanger = action.tone === 'danger';
  const left = skipped.reduce((sum, group) => sum + group.rows.length, 0);

  const confirm = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) onConfirm({ ...plan, input });
  };
  return (
    <Modal
      isOpen
      variant={action.asks === 'edit' ? 'large' : 'medium'}
      onClose={onCancel}
      aria-labelledby={`${id}-title`}
      elementToFocus={
        isDanger || word || action.asks === 'edit'
          ? `#${id}-cancel`
          : action.asks
            ? `#${id}-body input`
            : `#${id}-confirm`
      }
    >
      <ModalHeader
        title={t('bulk.dialog.title', { action: name, vms: t('bulk.vms', { count: runnable.length }) })}
        titleIconVariant={isDanger ? 'warning' : undefined}
        labelId={`${id}-title`}
      />
      <ModalBody id={`${id}-body`}>
        <form id={`${id}-form`} className={styles.dialog} onSubmit={confirm}>
          {action.loss && <Alert variant="warning" isInline title={t(action.loss)} component="p" />}
          {action.asks === 'keepDisks' && <Disks rows={runnable} isKept={input?.keepDisks === true} />}
          {action.asks && (
            <BulkQuestions id={id} cluster={cluster} asks={action.asks} rows={rows} onChange={setInput} />
          )}
          <ExpandableSection
            toggleText={
              isKnown ? t('bulk.dialog.runnable', { count: runnable.length }) : t('bulk.dialog.asking')
            }
          >
            <Names rows={runnable} what={t('bulk.dialog.runnable', { count: runnable.length })} />
          </ExpandableSection>
          {left > 0 && (
            <ExpandableSection toggleText={t('bulk.dialog.skipped', { count: left })}>
              {skipped.map((group) => (
                <Skipped key={JSON.stringify(group.reason)} cluster={cluster} group={group} />
              ))}
            </ExpandableSection>
          )}
          {word && (
            <FormGroup label={t('bulk.dialog.type', { word })} fieldId={`${id}-word`}>
              <TextInput
                id={`${id}-word`}
                value={typed}
                onChange={(_, value) => setTyped(value)}
                autoComplete="off"
              />
            </FormGroup>
          )}
        </form>
      </ModalBody>
      <ModalFooter>
        <Button
          id={`${id}-confirm`}
          type="submit"
          form={`${id}-form`}
          variant={isDanger ? 'danger' : 'primary'}
          isAriaDisabled={!isReady}
        >
          {t('bulk.bar.all', { action: name, count: runnable.length })}
        </Button>
        <Button id={`${id}-cancel`} variant="link" onClick={onCancel}>
          {t('common.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

/** What it would run with before anything is answered; undefined when there is something that must be. */
function firstInput({ asks, input = {} }: BulkAction): BulkInput | undefined {
  return asks && asks !== 'keepDisks' ? undefined : input;
}

function Disks({ rows, isKept }: { rows: readonly VmRow[]; isKept: boolean }) {
  const t = useText();
  const disks = rows.reduce((sum, row) => sum + row.disks, 0);
  const bytes = rows.reduce((sum, row) => sum + row.diskBytes, 0);
  return (
    <p>
      {t('bulk.dialog.goes', { disks, size: formatBytes(bytes) })}
      {disks > 0 && !isKept && ` ${t('bulk.dialog.disksGo')}`}
    </p>
  );
}

function Skipped({ cluster, group }: { cluster: string; group: SkippedVms }) {
  const t = useText();
  const { reason, rows, refusal } = group;
  const what = t('bulk.dialog.group', { reason: t(reason), count: rows.length });
  return (
    <div className={styles.skipped}>
      <p>{refusal ? <RefusalNote cluster={cluster} refusal={refusal} /> : what}</p>
      <Names rows={rows} what={what} />
    </div>
  );
}

function Names({ rows, what }: { rows: readonly VmRow[]; what: string }) {
  const t = useText();
  return (
    <WindowList count={rows.length} rowPx={ROW_PX} label={t('bulk.dialog.list', { what })}>
      {(index) => {
        const row = rows[index];
        return row && `${row.namespace}/${row.name}`;
      }}
    </WindowList>
  );
}
