'use client';

import { Button } from '@patternfly/react-core';
import { CheckIcon, CopyIcon } from '@patternfly/react-icons';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { useText } from './text';
import styles from './ui.module.css';

const SHOWN_MS = 2000;

/** Text in monospace with a button that copies it. `label` says what it is, for screen readers. */
export function Copyable({
  children,
  label,
  href,
  tabIndex,
}: {
  children: string;
  label: string;
  /** Where the text leads. */
  href?: string | undefined;
  /** -1 where something else leads to the button than the Tab key. */
  tabIndex?: number;
}) {
  const t = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <span className={styles.copyable}>
      <span className="portlight-mono">{href ? <Link href={href}>{children}</Link> : children}</span>
      <Button
        variant="plain"
        hasNoPadding
        size="sm"
        tabIndex={tabIndex}
        aria-label={copied ? t('common.copied') : t('common.copy', { what: label })}
        title={copied ? t('common.copied') : t('common.copy', { what: label })}
        icon={copied ? <CheckIcon /> : <CopyIcon />}
        onClick={(event) => {
          event.stopPropagation();
          void copyText(children).then(setCopied);
        }}
      />
    </span>
  );
}

/** Copies by whichever way this page may; plain HTTP from another host has no `navigator.clipboard`. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
