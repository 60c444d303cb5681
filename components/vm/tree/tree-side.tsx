'use client';

import { Button } from '@patternfly/react-core';
import { AngleDoubleLeftIcon, AngleDoubleRightIcon } from '@patternfly/react-icons';
import dynamic from 'next/dynamic';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { useText } from '@/components/ui/text';
import styles from './tree.module.css';
import { treeMemory, useTreeMemory } from './tree-memory';
import type { TreeOptions } from './tree-panel';

// Neither is needed for the first paint of the list.
const TreePanel = dynamic(() => import('./tree-panel').then((all) => all.TreePanel), { ssr: false });
const TreeResizer = dynamic(() => import('./tree-resizer').then((all) => all.TreeResizer), { ssr: false });
const TreeDrawer = dynamic(() => import('./tree-drawer').then((all) => all.TreeDrawer), { ssr: false });

const BODY_ID = 'vm-tree';
/** As in tree.module.css. */
const WIDE = '(min-width: 900px)';
const IDLE_MS = 500;

/**
 * The place of the tree beside the list: its size is known from the first paint on, what is in it comes when the page
 * has nothing better to do. On narrow screens it is a button that opens a drawer.
 */
export function TreeSide({ children, ...options }: TreeOptions & { children: ReactNode }) {
  const t = useText();
  const { isShut = false } = useTreeMemory();
  const isWide = useMedia(WIDE);
  const isIdle = useIdle();
  const [isDrawn, setDrawn] = useState(false);
  const label = t(isShut ? 'tree.show' : 'tree.hide');
  return (
    <div className={styles.layout}>
      <aside className={styles.side} aria-label={t('tree.title')}>
        <div className={styles.head}>
          <Button
            variant="plain"
            size="sm"
            aria-label={label}
            title={label}
            aria-expanded={!isShut}
            aria-controls={BODY_ID}
            icon={isShut ? <AngleDoubleRightIcon /> : <AngleDoubleLeftIcon />}
            onClick={() => treeMemory.change({ isShut: !isShut })}
          />
        </div>
        <div id={BODY_ID} className={styles.body}>
          {isWide && isIdle && !isShut && <TreePanel {...options} />}
        </div>
        {isWide && isIdle && !isShut && <TreeResizer />}
      </aside>
      <div className={styles.beside}>
        <div className={styles.opener}>
          <Button variant="secondary" size="sm" aria-haspopup="dialog" onClick={() => setDrawn(true)}>
            {t('tree.open')}
          </Button>
        </div>
        {children}
      </div>
      {isDrawn && <TreeDrawer {...options} onClose={() => setDrawn(false)} />}
    </div>
  );
}

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => matchMedia(query).matches,
    () => false,
  );
}

/** True once the page has been painted and the browser has time. */
function useIdle(): boolean {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    // Safari has no idle callback.
    if (typeof requestIdleCallback !== 'function') {
      const timer = setTimeout(() => setIdle(true), IDLE_MS);
      return () => clearTimeout(timer);
    }
    const id = requestIdleCallback(() => setIdle(true), { timeout: IDLE_MS });
    return () => cancelIdleCallback(id);
  }, []);
  return isIdle;
}
