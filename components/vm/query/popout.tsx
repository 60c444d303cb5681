'use client';

import { Button } from '@patternfly/react-core';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import styles from './query.module.css';

/**
 * A button and what it opens below it. The page stays usable beside it; Escape and a click elsewhere close it, and the
 * focus returns to the button.
 */
export function Popout({
  label,
  icon,
  isPlain = false,
  children,
}: {
  /** Names the button and the region. */
  label: string;
  icon: ReactNode;
  /** The icon says it; the label is for screen readers and on hover. */
  isPlain?: boolean;
  children: (close: () => void) => ReactNode;
}) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: PointerEvent): void => {
      if (event.target instanceof Node && !whole.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    return () => document.removeEventListener('pointerdown', leave);
  }, [isOpen]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the key that everything in it lets through.
    <div
      ref={whole}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.stopPropagation();
        close();
      }}
    >
      <Button
        ref={button}
        variant="control"
        icon={icon}
        {...(isPlain ? { 'aria-label': label } : {})}
        title={label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {isPlain ? undefined : <span className={styles.word}>{label}</span>}
      </Button>
      {isOpen && (
        <section id={id} aria-label={label} className={styles.panel}>
          {children(close)}
        </section>
      )}
    </div>
  );
}
