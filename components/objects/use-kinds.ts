'use client';

import { useEffect, useState } from 'react';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { type ServedKind, servedKinds } from '@/lib/k8s/kinds';
import { CORE_GROUP } from '@/lib/paths';

/** What the cluster serves; undefined until that is known. */
export function useKinds(cluster: string): {
  kinds: readonly ServedKind[] | undefined;
  error: ApiErrorJson | undefined;
} {
  const [kinds, setKinds] = useState<readonly ServedKind[]>();
  const [error, setError] = useState<ApiErrorJson>();
  useEffect(() => {
    let current = true;
    setKinds(undefined);
    setError(undefined);
    servedKinds(cluster).then(
      (answer) => {
        if (current) setKinds(answer);
      },
      (reason) => {
        if (current && reason instanceof ApiError) setError(reason.toJSON());
      },
    );
    return () => {
      current = false;
    };
  }, [cluster]);
  return { kinds, error };
}

/** The parts of an address that name a kind. */
export interface KindAddress {
  /** `core` for the core group. */
  group: string;
  version: string;
  plural: string;
}

/** The kind of an address; `isMissing` once the cluster has said that it serves none such. */
export function useKind(cluster: string, { group, version, plural }: KindAddress) {
  const { kinds, error } = useKinds(cluster);
  const own = group === CORE_GROUP ? '' : group;
  const kind = kinds?.find(
    (each) => each.group === own && each.version === version && each.plural === plural,
  );
  return { kind, error, isMissing: kinds !== undefined && !kind };
}
