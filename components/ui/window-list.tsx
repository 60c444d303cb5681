'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';
import styles from './ui.module.css';

/** A list of which only what is in sight is drawn, so that it may be thousands long. Scrolls in itself. */
export function WindowList({
  count,
  rowPx,
  label,
  children,
}: {
  count: number;
  /** The height of a row at first sight; longer ones are measured. */
  rowPx: number;
  label: string;
  children: (index: number) => ReactNode;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div ref={scroller} className={styles.windowList} role="group" aria-label={label} tabIndex={0}>
      <ul style={{ blockSize: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ key, index, start }) => (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            aria-setsize={count}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start}px)` }}
          >
            {children(index)}
          </li>
        ))}
      </ul>
    </div>
  );
}
