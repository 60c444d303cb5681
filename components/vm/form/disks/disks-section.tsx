'use client';

import { Button } from '@patternfly/react-core';
import { PlusCircleIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { bootOrderField } from '@/lib/kinds/vm/form/boot-order';
import { readBootSource } from '@/lib/kinds/vm/form/boot-source';
import { newDataDisk, newDrive } from '@/lib/kinds/vm/form/disk-edits';
import { type DiskEntry, diskEntries, withDisk } from '@/lib/kinds/vm/form/disk-entries';
import { SectionBody, SectionPart } from '../section-part';
import { onVm, useVmForm } from '../vm-form';
import { DiskItem } from './disk-item';
import styles from './disks.module.css';
import { ImageChoice } from './image-choice';

/** What a VM starts from, and every disk that it has. */
export function DisksSection() {
  const t = useText();
  const { mode, draft, change, locked, vmi } = useVmForm();
  const [open, setOpen] = useState<string>();
  const entries = diskEntries(draft.vm);
  const add = (entry: DiskEntry) => {
    change(onVm((vm) => withDisk(vm, entry)));
    setOpen(entry.name);
  };
  const isEmpty = entries.length === 0;
  const hasOrder = bootOrderField.read(draft.vm).length > 0;
  return (
    <SectionBody>
      {mode === 'create' && (
        <SectionPart title={t('disks.section.start')}>
          <ImageChoice />
        </SectionPart>
      )}
      <SectionPart
        title={t('disks.section.list')}
        help={t(hasOrder ? 'disks.section.ordered' : 'disks.section.unordered')}
      >
        {isEmpty && readBootSource(draft.vm).kind === 'none' && <p>{t('disks.section.none')}</p>}
        <ul className={styles.list} aria-label={t('disks.section.list')}>
          {entries.map((entry, index) => (
            <DiskItem
              // biome-ignore lint/suspicious/noArrayIndexKey: a disk keeps its place, and with it the focus, while it is renamed
              key={index}
              id={`disk-${index}`}
              entry={entry}
              isOpen={open === entry.name}
              onOpen={(isOpen) => setOpen(isOpen ? entry.name : undefined)}
              onRenamed={setOpen}
            />
          ))}
        </ul>
        <div className={styles.buttons}>
          <Button
            variant="secondary"
            icon={<PlusCircleIcon />}
            isDisabled={locked !== undefined}
            onClick={() => add(newDataDisk(draft.vm, vmi !== undefined))}
          >
            {t('disks.section.add')}
          </Button>
          <Button
            variant="secondary"
            icon={<PlusCircleIcon />}
            isDisabled={locked !== undefined}
            onClick={() => add(newDrive(draft.vm))}
          >
            {t('disks.section.addDrive')}
          </Button>
        </div>
      </SectionPart>
    </SectionBody>
  );
}
