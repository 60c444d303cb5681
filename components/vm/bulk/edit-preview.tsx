'use client';

import { Label, Skeleton } from '@patternfly/react-core';
import { useEffect, useMemo, useState } from 'react';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { editUnavailable } from '@/lib/kinds/vm/bulk-edit';
import type { VmBulkEdit } from '@/lib/kinds/vm/bulk-edit-input';
import type { VmRow } from '@/lib/kinds/vm/row';
import { type Previewed, previewEdit, readPreviewed, type VmPreview } from '@/lib/live/bulk-edit-preview';
import { useFeatures } from '@/lib/live/use-features';
import styles from './bulk.module.css';

/** More would be a long wait and no list that anybody reads. */
const SHOWN = 50;
const COLOURS = { now: 'green', migration: 'blue', restart: 'yellow' } as const;

/** What an edit comes to for each VM: from what to what, and when it counts; or why not. */
export function EditPreview({
  cluster,
  rows,
  edit,
}: {
  cluster: string;
  rows: readonly VmRow[];
  edit: VmBulkEdit;
}) {
  const t = useText();
  const features = useFeatures(cluster);
  const [read, setRead] = useState<{ key: string; objects: Previewed[] }>();
  const [error, setError] = useState<ApiErrorJson>();
  const shown = rows.slice(0, SHOWN);
  const key = shown.map(({ uid }) => uid).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says which rows they are; their figures change all the time
  useEffect(() => {
    const stop = new AbortController();
    readPreviewed(cluster, shown, stop.signal).then(
      (objects) => setRead({ key, objects }),
      (cause: unknown) => {
        if (cause instanceof ApiError && !stop.signal.aborted) setError(cause.toJSON());
      },
    );
    return () => stop.abort();
  }, [cluster, key]);
  const previews = useMemo(
    () => (read?.key === key ? read.objects.map((each) => previewEdit(each, edit, features)) : undefined),
    [read, key, edit, features],
  );
  if (error) return <ErrorAlert error={error} />;
  if (!previews) return <Skeleton height="6rem" screenreaderText={t('common.loading')} />;
  return (
    <section aria-label={t('configure.bulk.preview')}>
      <p>
        {rows.length > SHOWN
          ? t('configure.bulk.previewOf', { shown: SHOWN, count: rows.length })
          : t('configure.bulk.preview')}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <ul className={styles.preview} tabIndex={0} aria-label={t('configure.bulk.preview')}>
        {previews.map((preview, index) => (
          <Preview key={preview.name} preview={preview} row={shown[index]} edit={edit} />
        ))}
      </ul>
    </section>
  );
}

function Preview({ preview, row, edit }: { preview: VmPreview; row: VmRow | undefined; edit: VmBulkEdit }) {
  const t = useText();
  const reason = row && editUnavailable(row, edit);
  return (
    <li>
      <strong>{preview.name}</strong>
      {reason ? (
        <p>{t(reason)}</p>
      ) : preview.changes.length === 0 ? (
        <p>{t('configure.bulk.already')}</p>
      ) : (
        <ul>
          {preview.changes.map(({ path, before, after, applies }) => (
            <li key={path}>
              <code>{path}</code>: {before === undefined ? t('configure.notSet') : before} →{' '}
              {after === undefined ? t('configure.notSet') : after}{' '}
              {applies && (
                <Label isCompact color={COLOURS[applies]}>
                  {t(`form.applies.${applies}`)}
                </Label>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
