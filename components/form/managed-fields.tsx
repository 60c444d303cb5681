'use client';

import { Skeleton } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { stringify } from 'yaml';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';
import { WRITE_OPTIONS } from '@/lib/manifest/write';
import styles from './form.module.css';
import type { ObjectPlace } from './use-object-edit';
import { YamlEditor } from './yaml-editor';

/** Who owns which field, as the server keeps it; asked for again with each version. */
export function ManagedFields({ place, version }: { place: ObjectPlace; version: string }) {
  const t = useText();
  const { cluster, resource, namespace, name } = place;
  const [text, setText] = useState<string>();
  const [error, setError] = useState<ApiErrorJson>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version has other owners
  useEffect(() => {
    const asked = new AbortController();
    callApi<ManifestObject>(cluster, resourcePath(resource, namespace, name), { signal: asked.signal }).then(
      ({ body }) => {
        const fields = isMapping(body.metadata) ? body.metadata.managedFields : undefined;
        setText(stringify(fields ?? [], WRITE_OPTIONS));
        setError(undefined);
      },
      (reason) => {
        if (reason instanceof ApiError) setError(reason.toJSON());
      },
    );
    return () => asked.abort();
  }, [cluster, resource, namespace, name, version]);
  if (error) return <ErrorPanel error={error} />;
  if (text === undefined) return <Skeleton height="12rem" screenreaderText={t('common.loading')} />;
  return (
    <YamlEditor
      className={styles.managed ?? ''}
      label={t('editor.managed.label', { name })}
      value={text}
      onChange={() => undefined}
      isReadOnly
      status={t('editor.managed.status')}
    />
  );
}
