'use client';

import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { type AccessAnswer, type AccessCheck, checkKey } from '@/lib/k8s/access';
import { callServer } from '@/lib/k8s/request';
import { checkOf, type Refusal, refusalOf } from '@/lib/kinds/abilities';
import type { ActionAccess } from '@/lib/kinds/action';
import { openSessionChannel } from '@/lib/session/session-channel';
import { AccessStore } from './access-store';

/** What the user of this tab may do. */
export const accessStore = new AccessStore({
  ask: async (cluster, checks, fresh) => {
    const path = `/api/access/${encodeURIComponent(cluster)}`;
    const body = { checks, ...(fresh ? { fresh } : {}) };
    return (await callServer<{ answers: AccessAnswer[] }>(path, { method: 'POST', body }, cluster)).body
      .answers;
  },
  isVisible: () => document.visibilityState === 'visible',
});

if (typeof window !== 'undefined') {
  document.addEventListener('visibilitychange', accessStore.refresh);
  // Signing in happens in any tab and concerns all of them. Nobody is there to ask for after signing out.
  openSessionChannel().listen(({ type, cluster }) => {
    if (type === 'signed-in') accessStore.drop(cluster);
  });
}

/** Asks whether the user may do this in a namespace. No verdict counts as yes: RBAC decides. */
export async function mayI(
  cluster: string,
  namespace: string,
  access: Omit<ActionAccess, 'doing'>,
): Promise<boolean> {
  return (await accessStore.may(cluster, checkOf(access, namespace))).allowed;
}

/**
 * The cluster's verdicts on these checks, kept current while `active`: rights that are given or taken show within
 * 30 s. Undefined until there is one.
 */
export function useAccess(
  cluster: string,
  checks: readonly AccessCheck[],
  active = true,
): (check: AccessCheck) => AccessAnswer | undefined {
  // Callers pass fresh objects on every render; what they say is what counts.
  const asked = JSON.stringify([...new Map(checks.map((check) => [checkKey(check), check])).values()]);
  useEffect(() => {
    return active ? accessStore.watch(cluster, JSON.parse(asked) as AccessCheck[]) : undefined;
  }, [cluster, asked, active]);
  const version = useSyncExternalStore(accessStore.subscribe, accessStore.getVersion, () => 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the verdicts behind it change with `version`
  return useCallback((check) => accessStore.known(cluster, check), [cluster, version]);
}

/** Those of the accesses that the user may not have in this namespace; none until the cluster has said so. */
export function useRefusals<Access extends Omit<ActionAccess, 'doing'>>(
  cluster: string,
  namespace: string | undefined,
  asked: readonly Access[],
  options: { active?: boolean; name?: string } = {},
): ReadonlyMap<Access, Refusal> {
  const { active = true, name } = options;
  const checks = asked.map((access) => checkOf(access, namespace, name));
  const verdict = useAccess(cluster, checks, active);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the checks follow from these
  return useMemo(() => {
    const refusals = new Map<Access, Refusal>();
    for (const [index, access] of asked.entries()) {
      const check = checks[index];
      if (!check || verdict(check)?.allowed !== false) continue;
      // A role speaks of the namespace; roles for single objects are the exception.
      refusals.set(access, refusalOf(checkOf(access, namespace)));
    }
    return refusals;
  }, [verdict, asked, namespace, name]);
}
