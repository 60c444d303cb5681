'use client';

import { Button, CodeBlock, CodeBlockAction, CodeBlockCode } from '@patternfly/react-core';
import { CheckIcon, CopyIcon } from '@patternfly/react-icons';
import { useEffect, useState } from 'react';
import { copyText } from './copyable';
import { useText } from './text';
import styles from './ui.module.css';

const SHOWN_MS = 2000;

/** Several lines of text with a button that copies them. `label` says what they are. */
export function CopyBlock({ children, label }: { children: string; label: string }) {
  const t = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const action = (
    <CodeBlockAction>
      <Button
        variant="plain"
        aria-label={t('common.copy', { what: label })}
        title={t('common.copy', { what: label })}
        icon={copied ? <CheckIcon /> : <CopyIcon />}
        onClick={() => void copyText(children).then(setCopied)}
      />
      <span className="pf-v6-screen-reader" role="status">
        {copied && t('common.copied')}
      </span>
    </CodeBlockAction>
  );
  return (
    <CodeBlock actions={action} className={styles.copyBlock} role="group" aria-label={label}>
      {/* Scrolls sideways on small screens, and what scrolls must be in reach of the keyboard. */}
      <CodeBlockCode tabIndex={0}>{children}</CodeBlockCode>
    </CodeBlock>
  );
}
