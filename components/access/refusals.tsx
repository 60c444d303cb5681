'use client';

import { Button } from '@patternfly/react-core';
import dynamic from 'next/dynamic';
import { useParams } from 'next/navigation';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { ErrorHelpContext } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { checkOfRefusal } from '@/lib/k8s/access';
import type { ApiErrorJson } from '@/lib/k8s/error';
import { type Refusal, refusalOf, refusalText } from '@/lib/kinds/abilities';
import { accessStore } from '@/lib/live/use-access';

// The dialog writes YAML, which weighs; few people ever need it.
const RoleDialog = dynamic(() => import('./role-dialog').then((all) => all.RoleDialog));

type Explain = (cluster: string, refusals: readonly Refusal[]) => void;

const ExplainContext = createContext<Explain>(() => undefined);

/** Returns the function that shows what would allow what somebody may not do. */
export function useExplain(): Explain {
  return useContext(ExplainContext);
}

/** Holds the dialog about missing rights, and lets every error that comes of one lead to it. */
export function RefusalProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<{ cluster: string; refusals: readonly Refusal[] }>();
  const explain = useCallback<Explain>((cluster, refusals) => setShown({ cluster, refusals }), []);
  return (
    <ExplainContext value={explain}>
      <ErrorHelpContext value={RefusalOfError}>{children}</ErrorHelpContext>
      {shown && <RoleDialog {...shown} onClose={() => setShown(undefined)} />}
    </ExplainContext>
  );
}

/** "You may not … (needs …)" with the way to the role that would allow it. */
export function RefusalNote({ cluster, refusal }: { cluster: string; refusal: Refusal }) {
  const t = useText();
  const explain = useExplain();
  return (
    <>
      {t(refusalText(refusal, t))}.{' '}
      <Button
        variant="link"
        isInline
        aria-haspopup="dialog"
        onClick={(event) => {
          event.stopPropagation();
          explain(cluster, [refusal]);
        }}
      >
        {t('access.role.show')}
      </Button>
    </>
  );
}

/** What an error says about rights: nothing unless the API server refused for the lack of one. */
function RefusalOfError({ error }: { error: ApiErrorJson }) {
  const { cluster } = useParams<{ cluster?: string }>();
  const name = cluster === undefined ? undefined : decodeURIComponent(cluster);
  const check = error.code === 403 ? checkOfRefusal(error.message) : undefined;
  useEffect(() => {
    // Other controls may have been taken for allowed as well.
    if (name && error.code === 403) accessStore.expire(name);
  }, [name, error]);
  if (!check || !name) return null;
  return (
    <p>
      <RefusalNote cluster={name} refusal={refusalOf(check)} />
    </p>
  );
}
