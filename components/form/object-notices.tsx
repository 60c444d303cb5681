'use client';

import { Alert, Button } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { Age } from '@/components/ui/age';
import { useText } from '@/components/ui/text';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { type LastChange, lastChange } from '@/lib/manifest/last-change';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { writeManifest } from '@/lib/manifest/write';
import styles from './form.module.css';
import { differingLines, threeWayText } from './object-edit';
import type { ObjectPlace, ObjectWork } from './use-object-edit';

/** The lines above an object's YAML: what happened to the object and to the edit, and what one can do about it. */
export function ObjectNotices({
  place,
  work,
  isGone,
  onShowConflict,
  onKeepEditing,
  onTakeTheirs,
}: {
  place: ObjectPlace;
  work: ObjectWork;
  isGone: boolean;
  onShowConflict: () => void;
  onKeepEditing: () => void;
  onTakeTheirs: () => void;
}) {
  const t = useText();
  const { edit, offer, state, changed } = work;
  const { ahead } = edit;
  const change = useLastChange(place, ahead?.latest);
  return (
    <div role="status" className={styles.notices}>
      {isGone && (
        <Alert
          isInline
          isPlain
          variant="warning"
          title={t('yaml.object.gone', { kind: place.resource.kind, name: place.name })}
        />
      )}
      {offer && (
        <Alert
          isInline
          isPlain
          variant="info"
          title={
            <>
              {t('yaml.draft.offer')} <Age time={new Date(offer.at).toISOString()} ago />
            </>
          }
          actionLinks={
            <>
              <Button variant="link" isInline onClick={work.restore}>
                {t('yaml.draft.restore')}
              </Button>
              <Button variant="link" isInline onClick={work.dismissOffer}>
                {t('yaml.draft.dismiss')}
              </Button>
            </>
          }
        />
      )}
      {ahead && !ahead.isAccepted && !isGone && (
        <Alert
          isInline
          isPlain
          variant="warning"
          title={
            <>
              {change?.manager ? t('yaml.ahead.by', { manager: change.manager }) : t('yaml.ahead.changed')}{' '}
              {change && <Age time={change.time} ago />}{' '}
              {t('yaml.ahead.lines', {
                count: differingLines(threeWayText(edit), writeManifest(ahead.latest)),
              })}
            </>
          }
          actionLinks={
            <>
              <Button variant="link" isInline onClick={onShowConflict}>
                {t('yaml.ahead.show')}
              </Button>
              <Button variant="link" isInline onClick={onTakeTheirs}>
                {t('yaml.ahead.takeTheirs')}
              </Button>
              <Button variant="link" isInline onClick={onKeepEditing}>
                {t('yaml.ahead.keepEditing')}
              </Button>
            </>
          }
        />
      )}
      {changed && edit.mergedLines > 0 && (
        <Alert isInline isPlain variant="info" title={t('yaml.object.merged', { count: edit.mergedLines })} />
      )}
      {changed && !work.isKept && work.draftKey !== undefined && (
        <Alert isInline isPlain variant="warning" title={t('yaml.draft.notKept')} />
      )}
      {state === 'saved' && <Alert isInline isPlain variant="success" title={t('yaml.object.saved')} />}
    </div>
  );
}

/** Who changed the object, asked once per change: watches leave managed fields out. */
function useLastChange(place: ObjectPlace, latest: ManifestObject | undefined): LastChange | undefined {
  const { cluster, resource, namespace, name } = place;
  const [change, setChange] = useState<LastChange>();
  useEffect(() => {
    setChange(undefined);
    if (!latest) return;
    const asked = new AbortController();
    callApi<ManifestObject>(cluster, resourcePath(resource, namespace, name), { signal: asked.signal }).then(
      ({ body }) => setChange(lastChange(body)),
      // The line says less then; the object itself shows whatever is wrong.
      () => undefined,
    );
    return () => asked.abort();
  }, [cluster, resource, namespace, name, latest]);
  return change;
}
