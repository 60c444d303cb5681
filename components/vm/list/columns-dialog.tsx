'use client';

import {
  Button,
  Checkbox,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextInput,
  ToggleGroup,
  ToggleGroupItem,
} from '@patternfly/react-core';
import { AngleDownIcon, AngleUpIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import {
  clampWidth,
  DEFAULT_VM_COLUMNS,
  MAX_COLUMN_WIDTH,
  MIN_COLUMN_WIDTH,
  moveColumn,
  resizeColumn,
  toggleColumn,
  VM_COLUMNS,
  vmColumn,
} from '@/lib/kinds/vm/columns';
import styles from './columns-dialog.module.css';
import { DENSITIES } from './list-settings';
import type { ListSettingsControl } from './use-list-settings';

/** Chooses, orders and sizes the list's columns. Each change shows in the list at once. */
export function ColumnsDialog({
  settings: { columns, setColumns, density, setDensity },
  onClose,
}: {
  settings: ListSettingsControl;
  onClose: () => void;
}) {
  const t = useText();
  const hidden = VM_COLUMNS.filter(({ id }) => !columns.some((column) => column.id === id));
  const all = [...columns, ...hidden.map(({ id }) => ({ id, width: undefined }))];
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="vm-columns">
      <ModalHeader title={t('list.columnsTitle')} labelId="vm-columns" description={t('list.columnsIntro')} />
      <ModalBody>
        <div className={styles.density}>
          <span id="vm-density">{t('list.density')}</span>
          <ToggleGroup isCompact aria-labelledby="vm-density">
            {DENSITIES.map((name) => (
              <ToggleGroupItem
                key={name}
                text={t(`list.${name}`)}
                isSelected={density === name}
                onChange={() => setDensity(name)}
              />
            ))}
          </ToggleGroup>
        </div>
        <ul className={styles.columns} aria-label={t('list.columnsTable')}>
          {all.map(({ id, width }, index) => {
            const label = t(vmColumn(id).label);
            const isShown = index < columns.length;
            return (
              <li key={id}>
                <Checkbox
                  id={`column-${id}`}
                  label={label}
                  isChecked={isShown}
                  isDisabled={id === 'name'}
                  onChange={(_, shown) => setColumns(toggleColumn(columns, id, shown))}
                />
                {isShown && (
                  <span className={styles.tools}>
                    <WidthField
                      label={t('list.widthOf', { column: label })}
                      width={width}
                      onChange={(next) => setColumns(resizeColumn(columns, id, next))}
                    />
                    <Button
                      variant="plain"
                      size="sm"
                      icon={<AngleUpIcon />}
                      aria-label={t('list.moveUp', { column: label })}
                      isAriaDisabled={index === 0}
                      onClick={() => setColumns(moveColumn(columns, id, -1))}
                    />
                    <Button
                      variant="plain"
                      size="sm"
                      icon={<AngleDownIcon />}
                      aria-label={t('list.moveDown', { column: label })}
                      isAriaDisabled={index === columns.length - 1}
                      onClick={() => setColumns(moveColumn(columns, id, 1))}
                    />
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>{t('list.close')}</Button>
        <Button variant="link" onClick={() => setColumns(DEFAULT_VM_COLUMNS)}>
          {t('list.reset')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

/** A width in pixels, or none. What is typed counts when it can be a width, or when one leaves the field. */
function WidthField({
  label,
  width,
  onChange,
}: {
  label: string;
  width: number | undefined;
  onChange: (width: number | undefined) => void;
}) {
  const t = useText();
  const [typed, setTyped] = useState<string>();
  const commit = (value: string) => onChange(value === '' ? undefined : clampWidth(Number(value)));
  return (
    <TextInput
      type="number"
      aria-label={label}
      placeholder={t('list.widthAuto')}
      value={typed ?? width ?? ''}
      className={styles.width}
      min={MIN_COLUMN_WIDTH}
      max={MAX_COLUMN_WIDTH}
      step={8}
      onChange={(_, value) => {
        setTyped(value);
        if (value === '' || clampWidth(Number(value)) === Number(value)) commit(value);
      }}
      onBlur={() => {
        if (typed !== undefined) commit(typed);
        setTyped(undefined);
      }}
    />
  );
}
