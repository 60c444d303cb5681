'use client';

import { useMemo, useState, useSyncExternalStore } from 'react';
import type { Ref } from '@/lib/k8s/object';
import { type Diagnosis, diagnose } from '@/lib/kinds/vm/diagnose/diagnose';
import { type Evidence, evidenceOf } from '@/lib/kinds/vm/diagnose/evidence';
import type { Looks } from '@/lib/kinds/vm/diagnose/plan';
import { diagnosisStore } from './diagnosis-store';
import { useLiveClient } from './live-provider';

const NOTHING: Looks = new Map();

/** What is known of a VM and of all that it depends on, live, as long as it is used. */
export function useLooks({ cluster, namespace, name }: Ref): Looks {
  const client = useLiveClient();
  const store = useMemo(
    () => diagnosisStore(client, cluster, { namespace, name }),
    [client, cluster, namespace, name],
  );
  return useSyncExternalStore(store.subscribe, store.get, () => NOTHING);
}

interface Found {
  evidence: Evidence;
  diagnosis: Diagnosis;
}

/**
 * Why a VM does not run, or how far it has come, at a moment (ms since the epoch); undefined until everything has been
 * looked at that is known to matter. While something new is looked at, what was found before stays.
 */
export function useDiagnosis(target: Ref, looks: Looks, now: number): Found | undefined {
  const { cluster, namespace, name } = target;
  const key = `${cluster}/${namespace}/${name}`;
  const found = useMemo((): Found | undefined => {
    if ([...looks.values()].some(({ sight }) => sight === 'loading')) return undefined;
    const evidence = evidenceOf({ namespace, name }, looks, now);
    return evidence && { evidence, diagnosis: diagnose(evidence) };
  }, [namespace, name, looks, now]);
  const [last, setLast] = useState<{ key: string; found: Found }>();
  if (found && last?.found !== found) setLast({ key, found });
  return found ?? (last?.key === key ? last.found : undefined);
}
