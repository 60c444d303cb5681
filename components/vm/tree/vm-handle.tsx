'use client';

import type { ReactNode } from 'react';
import { useText } from '@/components/ui/text';
import type { VmRow } from '@/lib/kinds/vm/row';
import { beginVmDrag } from './drag';
import styles from './tree.module.css';

/**
 * What a VM is dragged by, around its name: the rest of its row can be marked and copied as text. With `selected` all of
 * these go along, if the VM is one of them.
 */
export function VmHandle({
  cluster,
  row,
  selected,
  children,
}: {
  cluster: string;
  row: VmRow;
  /** Asked when a drag begins. */
  selected?: () => readonly VmRow[];
  children: ReactNode;
}) {
  const t = useText();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: “Move to folder…” in the row’s menu does it with the keyboard
    <div
      draggable
      className={styles.handle}
      onDragStart={(event) => {
        const all = selected?.() ?? [];
        const vms = all.some(({ uid }) => uid === row.uid) ? all : [row];
        const label = vms.length === 1 ? row.name : t('tree.drop.moving', { count: vms.length });
        beginVmDrag(event, { cluster, vms }, label);
      }}
    >
      {children}
    </div>
  );
}
