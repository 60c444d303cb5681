'use client';

import { Button } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { withDiskSource } from '@/lib/kinds/vm/form/disk-edits';
import { type DiskEntry, deviceOf, withDisk } from '@/lib/kinds/vm/form/disk-entries';
import { onVm, useVmForm } from '../vm-form';

/** Puts a medium into a CD-ROM drive, or takes it out and leaves the drive. */
export function DriveButtons({ entry, onOpen }: { entry: DiskEntry; onOpen: () => void }) {
  const t = useText();
  const { namespace, change, locked, vmi } = useVmForm();
  if (deviceOf(entry.disk) !== 'cdrom') return null;
  const { name } = entry;
  const context = { namespace, isHot: vmi !== undefined };
  const isLoaded = entry.volume !== undefined;
  return (
    <Button
      variant="link"
      size="sm"
      isDisabled={locked !== undefined}
      aria-label={t(isLoaded ? 'disks.drive.ejectFrom' : 'disks.drive.insertInto', { name })}
      onClick={() => {
        change(
          onVm((vm) => withDisk(vm, withDiskSource(vm, entry, isLoaded ? 'none' : 'existing', context))),
        );
        if (!isLoaded) onOpen();
      }}
    >
      {t(isLoaded ? 'disks.drive.eject' : 'disks.drive.insert')}
    </Button>
  );
}
