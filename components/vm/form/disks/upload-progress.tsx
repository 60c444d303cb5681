'use client';

import { Button, Progress, ProgressMeasureLocation } from '@patternfly/react-core';
import { useRef } from 'react';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import type { UploadState } from '@/lib/live/uploads/upload-store';
import { uploads, useUpload, useUploadGuard } from '@/lib/live/uploads/use-upload';
import type { Text } from '@/lib/text';
import { formatBytes } from '@/lib/units';
import { useVmForm } from '../vm-form';
import styles from './disks.module.css';

/** How the upload into a volume is going, and what goes on with one that broke. Nothing where there was none. */
export function UploadProgress({ name }: { name: string }) {
  const t = useText();
  const { cluster, namespace } = useVmForm();
  const target = { cluster, namespace, name };
  const state = useUpload(target);
  const input = useRef<HTMLInputElement>(null);
  useUploadGuard();
  if (!state) return null;
  const share =
    state.step === 'sending' && state.totalBytes > 0 ? state.sentBytes / state.totalBytes : undefined;
  return (
    <section aria-label={t('disks.upload.progress', { name })}>
      <Progress
        title={t('disks.upload.progress', { name })}
        value={state.step === 'done' || state.step === 'processing' ? 100 : Math.round((share ?? 0) * 100)}
        measureLocation={ProgressMeasureLocation.top}
        {...(state.step === 'failed' ? { variant: 'danger' as const } : {})}
        {...(state.step === 'done' ? { variant: 'success' as const } : {})}
        helperText={<span aria-live="polite">{t(wordsOf(state))}</span>}
      />
      {state.step === 'failed' && <ErrorPanel error={state.error} />}
      <div className={styles.buttons}>
        {(state.step === 'sending' || state.step === 'preparing') && (
          <Button variant="secondary" onClick={() => uploads.stop(target)}>
            {t('disks.upload.stop')}
          </Button>
        )}
        {state.step === 'failed' && (
          <>
            <Button variant="secondary" onClick={() => input.current?.click()}>
              {t('disks.upload.again')}
            </Button>
            <input
              ref={input}
              type="file"
              hidden
              aria-label={t('disks.upload.again')}
              onChange={({ target: { files } }) => {
                const [file] = files ?? [];
                if (file) void uploads.again(target, file);
              }}
            />
          </>
        )}
      </div>
    </section>
  );
}

function wordsOf(state: UploadState): Text {
  switch (state.step) {
    case 'preparing':
      return { key: 'disks.upload.preparing', values: { phase: state.phase || '–' } };
    case 'sending':
      return {
        key: 'disks.upload.sending',
        values: { sent: formatBytes(state.sentBytes), total: formatBytes(state.totalBytes) },
      };
    case 'processing':
      return { key: 'disks.upload.processing', values: { progress: state.progress || '–' } };
    case 'done':
      return { key: 'disks.upload.done' };
    case 'failed':
      return { key: 'disks.upload.failed' };
  }
}
