'use client';

import { useMemo } from 'react';
import { useText } from '@/components/ui/text';
import { checkOf, refusalOf, refusalText } from '@/lib/kinds/abilities';
import type { ActionAccess } from '@/lib/kinds/action';
import type { Denial } from '@/lib/kinds/vm/bulk';
import { useAccess } from '@/lib/live/use-access';

export interface Denials {
  /** Why an action may not be used in a namespace; undefined while nobody knows, too. */
  denialIn: (access: ActionAccess, namespace: string) => Denial | undefined;
  /** Whether the cluster has answered about all of them. */
  isKnown: boolean;
}

/** What the user may not do of these accesses in these namespaces, asked in one go and kept current. */
export function useDenials(
  cluster: string,
  accesses: readonly ActionAccess[],
  namespaces: readonly string[],
): Denials {
  const t = useText();
  const checks = accesses.flatMap((access) => namespaces.map((namespace) => checkOf(access, namespace)));
  const verdict = useAccess(cluster, checks);
  const isKnown = checks.every((check) => verdict(check) !== undefined);
  return useMemo(
    () => ({
      isKnown,
      denialIn: (access, namespace) => {
        const check = checkOf(access, namespace);
        if (verdict(check)?.allowed !== false) return undefined;
        const refusal = refusalOf(check);
        return { refusal, reason: refusalText(refusal, t) };
      },
    }),
    [verdict, isKnown, t],
  );
}
