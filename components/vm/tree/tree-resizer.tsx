'use client';

import type { KeyboardEvent, PointerEvent } from 'react';
import { useText } from '@/components/ui/text';
import styles from './tree.module.css';
import { DEFAULT_WIDTH, MAX_WIDTH, MIN_WIDTH, setTreeWidth, treeMemory, useTreeMemory } from './tree-memory';

const STEP = 16;

const within = (width: number) => Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)));

/** The edge of the tree, which pointer and arrow keys move. */
export function TreeResizer() {
  const t = useText();
  const { width = DEFAULT_WIDTH } = useTreeMemory();

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    const edge = event.currentTarget;
    const left = edge.parentElement?.getBoundingClientRect().left ?? 0;
    let next = width;
    edge.setPointerCapture(event.pointerId);
    edge.onpointermove = ({ clientX }) => {
      next = within(clientX - left);
      setTreeWidth(next);
    };
    edge.onlostpointercapture = () => {
      edge.onpointermove = null;
      edge.onlostpointercapture = null;
      treeMemory.change({ width: next });
    };
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const next = { ArrowLeft: width - STEP, ArrowRight: width + STEP, Home: MIN_WIDTH, End: MAX_WIDTH }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    treeMemory.change({ width: within(next) });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved; this is WAI-ARIA's window splitter
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t('tree.width')}
      aria-valuenow={width}
      aria-valuemin={MIN_WIDTH}
      aria-valuemax={MAX_WIDTH}
      className={styles.resizer}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onDoubleClick={() => treeMemory.change({ width: DEFAULT_WIDTH })}
    />
  );
}
