'use client';

import { useText } from '@/components/ui/text';
import { wordAt } from '@/lib/k8s/json';
import { diskSource } from '@/lib/kinds/vm/form/disk-edits';
import { claimOf, type DiskDevice, type DiskEntry, volumeKind } from '@/lib/kinds/vm/form/disk-entries';
import { sizeOf, sourceOf } from '@/lib/kinds/vm/form/volume-template';
import { formatBytes, parseQuantity } from '@/lib/units';

/** How disks are called in a line. */
export function useDiskWords() {
  const t = useText();
  return {
    device: (device: DiskDevice, bus: string) =>
      device === '' ? t('disks.device.none') : [t(`disks.device.${device}`), bus].filter(Boolean).join(' · '),
    /** Where it comes from, what that names, and how large it is. */
    summary: (entry: DiskEntry) => {
      const source = diskSource(entry);
      const kind = volumeKind(entry.volume);
      const bytes = parseQuantity(
        sizeOf(entry.template) || wordAt(entry.volume, ['emptyDisk', 'capacity']) || undefined,
      );
      return [
        source ? t(`disks.source.${source}`) : kind || t('disks.item.noVolume'),
        detailOf(entry),
        ...(bytes === undefined ? [] : [formatBytes(bytes)]),
      ]
        .filter(Boolean)
        .join(' · ');
    },
  };
}

function detailOf({ volume, template }: DiskEntry): string {
  const from = sourceOf(template);
  switch (from?.kind) {
    case 'http':
    case 'registry':
      return from.url;
    case 'pvc':
    case 'snapshot':
    case 'dataSource':
      return from.name;
    case 'other':
      return from.source;
  }
  return (
    wordAt(volume, ['containerDisk', 'image']) ||
    wordAt(volume, ['configMap', 'name']) ||
    wordAt(volume, ['secret', 'secretName']) ||
    wordAt(volume, ['hostDisk', 'path']) ||
    claimOf(volume)
  );
}
