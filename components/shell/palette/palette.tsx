'use client';

import { Button } from '@patternfly/react-core';
import { SearchIcon } from '@patternfly/react-icons';
import dynamic from 'next/dynamic';
import { useCallback, useEffect, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { type Recent, recentStore } from '@/lib/live/recent';
import { useOfferedActions } from './offered-actions';
import styles from './palette.module.css';
import { isMacBrowser, usePaletteKeys } from './use-palette-keys';

// The dialog comes with its first opening.
const PaletteDialog = dynamic(() => import('./palette-dialog').then((all) => all.PaletteDialog), {
  ssr: false,
});

/** The masthead's search field, and the palette that it opens: VMs of all clusters, pages, and what one can do here. */
export function Palette({
  cluster,
  clusters,
  onOpen,
}: {
  /** The cluster of the page at hand; undefined on pages about all of them. */
  cluster: string | undefined;
  clusters: ClusterInfo[];
  onOpen: () => void;
}) {
  const t = useText();
  const [isOpen, setOpen] = useState(false);
  const [shortcut, setShortcut] = useState('');
  const offered = useOfferedActions();
  const open = useCallback(() => {
    // Menus close at a click elsewhere; an open one would lie over the dialog.
    document.body.click();
    setOpen(true);
    onOpen();
  }, [onOpen]);
  usePaletteKeys(open);
  // The server does not know the keyboard.
  useEffect(() => setShortcut(t(isMacBrowser() ? 'search.keysMac' : 'search.keys')), [t]);

  const target = offered?.target;
  const user = clusters.find(({ name }) => name === target?.cluster)?.user ?? '';
  const opened = target && JSON.stringify({ ...target, user });
  useEffect(() => {
    if (opened) recentStore.add(JSON.parse(opened) as Recent);
  }, [opened]);

  return (
    <>
      <Button
        variant="control"
        className={styles.trigger}
        icon={<SearchIcon />}
        aria-label={t('search.open')}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K /"
        onClick={open}
      >
        <span className={styles.triggerText}>{t('search.placeholder')}</span>
        <kbd className={styles.keys}>{shortcut}</kbd>
      </Button>
      {isOpen && (
        <PaletteDialog
          cluster={cluster}
          clusters={clusters}
          offered={offered}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
