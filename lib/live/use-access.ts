'use client';

import { useEffect, useState } from 'react';
import { callApi } from '@/lib/k8s/request';
import type { ActionAccess } from '@/lib/kinds/action';

const KEPT_MS = 30_000;
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

interface Answer {
  allowed: Promise<boolean>;
  askedAt: number;
}

const answers = new Map<string, Answer>();

/** Asks whether the user may do this in a namespace. Answers are kept for 30 s; no answer counts as yes: RBAC decides. */
export function mayI(cluster: string, namespace: string, access: ActionAccess): Promise<boolean> {
  const { verb, resource, subresource } = access;
  const key = [cluster, namespace, verb, resource.group, resource.plural, subresource].join(' ');
  const known = answers.get(key);
  if (known && Date.now() - known.askedAt < KEPT_MS) return known.allowed;
  const attributes = {
    namespace,
    verb,
    group: resource.group,
    version: resource.version,
    resource: resource.plural,
    ...(subresource ? { subresource } : {}),
  };
  const allowed = callApi<{ status?: { allowed?: boolean } }>(cluster, REVIEWS, {
    method: 'POST',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: attributes },
    },
  }).then(
    ({ body }) => body?.status?.allowed !== false,
    () => true,
  );
  answers.set(key, { allowed, askedAt: Date.now() });
  return allowed;
}

/** The ids of those that the user may not do in this namespace; asked while `active`, none until answered. */
export function useDenied(
  cluster: string,
  namespace: string,
  asked: readonly { id: string; access: ActionAccess }[],
  active = true,
): ReadonlySet<string> {
  const [denied, setDenied] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (!active) return;
    let current = true;
    const all = asked.map(async ({ id, access }) => ((await mayI(cluster, namespace, access)) ? [] : [id]));
    void Promise.all(all).then((ids) => {
      if (current) setDenied(new Set(ids.flat()));
    });
    return () => {
      current = false;
    };
  }, [cluster, namespace, asked, active]);
  return denied;
}
