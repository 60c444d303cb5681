'use client';

import { Button } from '@patternfly/react-core';
import { SearchIcon } from '@patternfly/react-icons';
import dynamic from 'next/dynamic';
import { useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import type { Ref } from '@/lib/k8s/object';
import { namespaceStore, recentStore } from '@/lib/live/recent';
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

  useRemembered(offered?.target, cluster, clusters);

  return (
    <>
      <Button
        variant="control"
        className={styles.trigger}
        icon={<SearchIcon />}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K /"
        onClick={open}
      >
        <span className={styles.triggerText}>{t('search.open')}</span>
        {/* Said by aria-keyshortcuts. */}
        <span className={styles.keys} aria-hidden="true">
          {shortcut}
        </span>
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

/** Notes what was opened and which namespaces were looked at, by whom. */
function useRemembered(target: Ref | undefined, cluster: string | undefined, clusters: ClusterInfo[]): void {
  const inUrl = useSearchParams().get('ns') ?? '';
  const user = clusters.find(({ name }) => name === cluster)?.user ?? '';
  const opened = target && target.cluster === cluster ? JSON.stringify(target) : undefined;
  useEffect(() => {
    if (opened) recentStore.add({ ...(JSON.parse(opened) as Ref), user });
  }, [opened, user]);
  const namespace = target?.namespace ?? '';
  useEffect(() => {
    if (cluster === undefined) return;
    for (const each of [...inUrl.split(','), namespace].filter(Boolean))
      namespaceStore.add({ cluster, namespace: each, name: '', user });
  }, [cluster, inUrl, namespace, user]);
}
