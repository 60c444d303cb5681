'use client';

import { useEffect, useState } from 'react';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';

const REVIEWS = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** Who the cluster takes the user for. */
export interface Identity {
  username: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

/** Asks the cluster who one is (SelfSubjectReview; Kubernetes 1.28 and later, 404 before). */
export function useIdentity(cluster: string): { identity?: Identity; error?: ApiErrorJson } {
  const [state, setState] = useState<{ identity?: Identity; error?: ApiErrorJson }>({});
  useEffect(() => {
    const abort = new AbortController();
    setState({});
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    callApi<{ status?: { userInfo?: Identity } }>(cluster, REVIEWS, {
      method: 'POST',
      body,
      signal: abort.signal,
    }).then(
      (reply) => {
        const identity = reply.body?.status?.userInfo;
        if (identity) setState({ identity });
      },
      (error: unknown) => {
        if (error instanceof ApiError) setState({ error: error.toJSON() });
      },
    );
    return () => abort.abort();
  }, [cluster]);
  return state;
}
