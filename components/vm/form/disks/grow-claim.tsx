'use client';

import { Button } from '@patternfly/react-core';
import { useState } from 'react';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { valueAt, wordAt } from '@/lib/k8s/json';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { claimOf, type DiskEntry } from '@/lib/kinds/vm/form/disk-entries';
import { claimSize } from '@/lib/kinds/vm/form/storage-offers';
import { useObject } from '@/lib/live/use-live';
import { formatBytes, parseQuantity } from '@/lib/units';
import { AmountInput } from '../amount-input';
import { FormField } from '../form-field';
import { useVmForm } from '../vm-form';
import styles from './disks.module.css';
import { useStorageClasses } from './use-offers';

/** How large the volume of an existing disk is, and what makes it larger: a change of the claim, at once. */
export function GrowClaim({ id, entry }: { id: string; entry: DiskEntry }) {
  const name = claimOf(entry.volume);
  return name ? <Growth key={name} id={id} name={name} /> : null;
}

function Growth({ id, name }: { id: string; name: string }) {
  const t = useText();
  const { cluster, namespace } = useVmForm();
  const { object: claim } = useObject(cluster, RESOURCES.persistentVolumeClaims, namespace, name);
  const { offers } = useStorageClasses(cluster);
  const [wanted, setWanted] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiErrorJson>();
  if (!claim) return null;
  const size = claimSize(claim);
  const asked = wordAt(claim, ['spec', 'resources', 'requests', 'storage']);
  const bytes = parseQuantity(size || undefined) ?? 0;
  const next = parseQuantity(wanted || undefined);
  const isPending = (parseQuantity(asked || undefined) ?? 0) > bytes;
  const className = wordAt(claim, ['spec', 'storageClassName']);
  const storageClass = offers.find((each) => each.name === className);
  // An unknown class is asked: the API says no in its own words.
  const cannot = storageClass?.canGrow === false ? t('disks.grow.cannot', { name: className }) : undefined;
  const grow = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await callApi(cluster, resourcePath(RESOURCES.persistentVolumeClaims, namespace, name), {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: {
          metadata: { uid: claim.metadata.uid },
          spec: { resources: { requests: { storage: wanted } } },
        },
      });
      setWanted(undefined);
    } catch (cause) {
      setError(
        (cause instanceof ApiError
          ? cause
          : new ApiError(0, 'Unknown', String(cause), { method: 'PATCH', path: name })
        ).toJSON(),
      );
    } finally {
      setBusy(false);
    }
  };
  const isSmall = next !== undefined && next <= bytes;
  return (
    <>
      <FormField
        id={id}
        label={t('disks.grow.label')}
        help={
          cannot ??
          (isPending
            ? t('disks.grow.pending', { size: formatBytes(bytes) })
            : t('disks.grow.help', {
                size: formatBytes(bytes),
                phase: String(valueAt(claim, ['status', 'phase']) ?? ''),
              }))
        }
        problems={isSmall ? [{ path: id, severity: 'error', message: { key: 'disks.grow.smaller' } }] : []}
      >
        {(control) => (
          <div className={styles.buttons}>
            <AmountInput
              {...control}
              label={t('disks.grow.label')}
              value={wanted ?? asked}
              isDisabled={cannot !== undefined || isBusy}
              onChange={setWanted}
            />
            <Button
              variant="secondary"
              isLoading={isBusy}
              isDisabled={cannot !== undefined || isBusy || next === undefined || isSmall}
              onClick={() => void grow()}
            >
              {t('disks.grow.button')}
            </Button>
          </div>
        )}
      </FormField>
      {error && <ErrorPanel error={error} />}
    </>
  );
}
