'use client';

import { useEffect, useState } from 'react';
import { callApi } from '@/lib/k8s/request';

/** Who one is, in the cluster's own words (SelfSubjectReview, Kubernetes 1.28 and later). */
export interface Identity {
  username: string;
  groups: string[];
}

const PATH = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** Asks the cluster once it is `wanted`, anew in each `round` of signing in; undefined until it has answered. */
export function useIdentity(cluster: string, round: number, isWanted: boolean): Identity | undefined {
  const [known, setKnown] = useState<{ key: string; identity: Identity }>();
  const key = `${round} ${cluster}`;
  const isKnown = known?.key === key;
  useEffect(() => {
    if (!isWanted || isKnown) return;
    let isCurrent = true;
    readIdentity(cluster).then(
      (identity) => isCurrent && setKnown({ key, identity }),
      // Older clusters have no such review; what the console knows by itself is shown anyway.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [cluster, key, isWanted, isKnown]);
  return isKnown ? known.identity : undefined;
}

async function readIdentity(cluster: string): Promise<Identity> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const reply = await callApi<{ status?: { userInfo?: { username?: string; groups?: string[] } } }>(
    cluster,
    PATH,
    {
      method: 'POST',
      body,
    },
  );
  const { username = '', groups = [] } = reply.body.status?.userInfo ?? {};
  return { username, groups };
}
