'use client';

import { Button, Label } from '@patternfly/react-core';
import {
  AngleDownIcon,
  AngleRightIcon,
  ArrowDownIcon,
  ArrowUpIcon,
  TrashIcon,
} from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import { effectiveBootOrder, withBootMoved } from '@/lib/kinds/vm/form/boot-order';
import { busProblem, sourceProblem } from '@/lib/kinds/vm/form/disk-edits';
import {
  busOf,
  type DiskEntry,
  deviceOf,
  isBootable,
  VOLUMES,
  volumeKind,
  withoutDisk,
} from '@/lib/kinds/vm/form/disk-entries';
import { AppliesLabel } from '../form-field';
import { onVm, useVmForm } from '../vm-form';
import { DiskEditor } from './disk-editor';
import styles from './disks.module.css';
import { DriveButtons } from './drive-buttons';
import { useDiskWords } from './use-disk-words';

/** One disk: what it is in a line, what moves and removes it, and below it its fields when it is opened. */
export function DiskItem({
  id,
  entry,
  isOpen,
  onOpen,
  onRenamed,
}: {
  id: string;
  entry: DiskEntry;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onRenamed: (name: string) => void;
}) {
  const t = useText();
  const { draft, change, locked, applies } = useVmForm();
  const words = useDiskWords();
  const { name, disk, volume } = entry;
  const isLocked = locked !== undefined;
  const order = effectiveBootOrder(draft.vm);
  const place = order.findIndex((device) => device.kind === 'disk' && device.name === name);
  const canBoot = disk !== undefined && (isBootable(volume) || deviceOf(disk) === 'cdrom');
  const device = { kind: 'disk' as const, name };
  const move = (step: -1 | 1) => change(onVm((vm) => withBootMoved(vm, device, step)));
  const isWrong = (sourceProblem(entry) ?? busProblem(entry)) !== undefined;
  const bodyId = `${id}-fields`;
  return (
    <li className={styles.disk}>
      <div className={styles.head}>
        <Button
          variant="plain"
          icon={isOpen ? <AngleDownIcon /> : <AngleRightIcon />}
          aria-expanded={isOpen}
          aria-controls={bodyId}
          aria-label={t('disks.item.open', { name })}
          onClick={() => onOpen(!isOpen)}
        />
        <div className={styles.what}>
          <strong>{name}</strong>
          <div className={styles.source}>{words.summary(entry)}</div>
        </div>
        <div className={styles.labels}>
          {isWrong && (
            <Label isCompact status="danger">
              {t('disks.item.incomplete')}
            </Label>
          )}
          {place >= 0 && (
            <Label isCompact color="blue">
              {t('disks.item.boots', { place: place + 1 })}
            </Label>
          )}
          <Label isCompact>{words.device(deviceOf(disk), busOf(disk))}</Label>
          <AppliesLabel applies={applies([`${VOLUMES.join('.')}[${name}]`])} />
        </div>
        <div className={styles.actions}>
          <DriveButtons entry={entry} onOpen={() => onOpen(true)} />
          {canBoot && (
            <>
              <Button
                variant="plain"
                icon={<ArrowUpIcon />}
                aria-label={t('disks.item.earlier', { name })}
                isAriaDisabled={isLocked || place === 0}
                onClick={() => move(-1)}
              />
              <Button
                variant="plain"
                icon={<ArrowDownIcon />}
                aria-label={t('disks.item.later', { name })}
                isAriaDisabled={isLocked || place < 0 || order.length < 2}
                onClick={() => move(1)}
              />
            </>
          )}
          <Button
            variant="plain"
            icon={<TrashIcon />}
            aria-label={t('disks.item.remove', { name })}
            isAriaDisabled={isLocked || volumeKind(volume) === 'memoryDump'}
            onClick={() => change(onVm((vm) => withoutDisk(vm, name)))}
          />
        </div>
      </div>
      <div id={bodyId} className={styles.body} hidden={!isOpen}>
        {isOpen && <DiskEditor id={id} entry={entry} onRenamed={onRenamed} />}
      </div>
    </li>
  );
}
