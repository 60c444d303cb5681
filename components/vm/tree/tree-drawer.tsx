'use client';

import { Button } from '@patternfly/react-core';
import { TimesIcon } from '@patternfly/react-icons';
import { useEffect, useRef } from 'react';
import { useText } from '@/components/ui/text';
import styles from './tree.module.css';
import { type TreeOptions, TreePanel } from './tree-panel';

/** The tree over the list, on narrow screens. The dialog element keeps the focus and hears Escape by itself. */
export function TreeDrawer({ onClose, ...options }: TreeOptions & { onClose: () => void }) {
  const t = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it closes it, as Escape does
    <dialog
      ref={dialog}
      className={styles.drawer}
      aria-label={t('tree.title')}
      onClose={onClose}
      onClick={({ target, currentTarget }) => target === currentTarget && onClose()}
    >
      <div className={styles.drawerBody}>
        <div className={styles.head}>
          <Button
            variant="plain"
            size="sm"
            aria-label={t('tree.close')}
            icon={<TimesIcon />}
            onClick={onClose}
          />
        </div>
        <TreePanel {...options} onChosen={onClose} />
      </div>
    </dialog>
  );
}
