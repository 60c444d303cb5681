'use client';

import { useEffect, useRef } from 'react';
import { useNonce } from '@/components/ui/nonce';
import styles from './codemirror/editor.module.css';
import { useIsNarrow } from './codemirror/use-is-narrow';
import { usePhrases } from './codemirror/use-phrases';

/**
 * Two texts with their differences marked: side by side, or one above the other where there is no room. With
 * `onChange` the second may be edited, and takes over pieces of the first.
 */
export function YamlDiff({
  before,
  after,
  beforeLabel,
  afterLabel,
  onChange,
  className,
}: {
  before: string;
  /** Where editing starts; later values are not taken over while it is edited. */
  after: string;
  beforeLabel: string;
  afterLabel: string;
  onChange?: (after: string) => void;
  className?: string;
}) {
  const nonce = useNonce();
  const phrases = usePhrases();
  const isNarrow = useIsNarrow();
  const host = useRef<HTMLDivElement>(null);
  const isEditable = Boolean(onChange);
  // What is edited is its own source from then on; what is only shown follows its source.
  const edited = useRef(after);
  const source = isEditable ? undefined : after;
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });

  useEffect(() => {
    let closed = false;
    let close = () => {};
    void import('./codemirror/diff').then(({ openDiff }) => {
      if (closed || !host.current) return;
      close = openDiff({
        parent: host.current,
        before,
        after: source ?? edited.current,
        beforeLabel,
        afterLabel,
        nonce,
        phrases,
        isNarrow,
        onType: isEditable
          ? (typed) => {
              edited.current = typed;
              latest.current?.(typed);
            }
          : undefined,
      });
    });
    return () => {
      closed = true;
      close();
    };
  }, [before, source, beforeLabel, afterLabel, nonce, phrases, isNarrow, isEditable]);

  return (
    <div className={`${styles.editor} ${className ?? ''}`}>
      <div className={styles.sides} data-narrow={isNarrow || undefined} aria-hidden="true">
        <span>{isNarrow ? `− ${beforeLabel}` : beforeLabel}</span>
        <span>{isNarrow ? `+ ${afterLabel}` : afterLabel}</span>
      </div>
      <div ref={host} className={styles.host} />
    </div>
  );
}
