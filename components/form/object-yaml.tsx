'use client';

import { Skeleton } from '@patternfly/react-core';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import type { Resource } from '@/lib/k8s/resource';
import { useObject } from '@/lib/live/use-live';
import type { ManifestObject } from '@/lib/manifest/manifest';
import styles from './form.module.css';
import { ObjectEditor } from './object-editor';

/** The YAML of any object, live and editable: the YAML tab of its page. */
export function ObjectYaml({
  cluster,
  resource,
  namespace,
  name,
}: {
  cluster: string;
  resource: Resource;
  namespace?: string | undefined;
  name: string;
}) {
  const t = useText();
  const { object, feed, gone } = useObject(cluster, resource, namespace, name);
  if (object) {
    // Any object is a mapping; the wire type only says more about it.
    const live = object as unknown as ManifestObject;
    return <ObjectEditor place={{ cluster, resource, namespace, name }} live={live} isGone={gone} />;
  }
  if (feed.state === 'refused') return <ErrorPanel error={feed.error} />;
  if (feed.state === 'paused') return <ErrorPanel error={feed.error} />;
  if (gone) {
    const request = { method: 'GET', path: '' };
    const message = t('yaml.object.notThere', { kind: resource.kind, name });
    return (
      <ErrorPanel error={{ code: 404, reason: 'NotFound', message, request, causes: [] }} title={message} />
    );
  }
  return (
    <div className={styles.editor}>
      <Skeleton height="100%" screenreaderText={t('yaml.editor.loading')} />
    </div>
  );
}
