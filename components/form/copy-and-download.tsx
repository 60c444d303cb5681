'use client';

import { Button } from '@patternfly/react-core';
import { CopyIcon, DownloadIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useText } from '@/components/ui/text';

const SAID_MS = 2_000;

export function CopyAndDownload({ text, fileName }: { text: string; fileName: string }) {
  const t = useText();
  const [said, setSaid] = useState<'copied' | 'notCopied'>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('copied');
    } catch {
      // Browsers give the clipboard only to secure pages, and only when the reader allows it.
      setSaid('notCopied');
    }
    setTimeout(() => setSaid(undefined), SAID_MS);
  };
  const download = () => {
    const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = fileName;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <span role="status">{said && t(`yaml.copy.${said}`)}</span>
      <Button
        variant="plain"
        icon={<CopyIcon />}
        aria-label={t('yaml.copy.copy')}
        onClick={() => void copy()}
      />
      <Button
        variant="plain"
        icon={<DownloadIcon />}
        aria-label={t('yaml.copy.download')}
        onClick={download}
      />
    </>
  );
}
