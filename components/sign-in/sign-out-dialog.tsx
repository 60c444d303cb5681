'use client';

import { useEffect, useRef, useState } from 'react';
import { draftCount, forgetDrafts } from '@/components/form/draft';
import { leaveFreely } from '@/components/form/use-leave-guard';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { tabSessions } from '@/lib/live/sessions';
import { taskStore } from '@/lib/live/tasks';
import { paths } from '@/lib/paths';
import { signOut } from '@/lib/session/auth-api';

/**
 * Signs out of a cluster. Asks before what is unsaved in this browser is lost, and before other browsers are signed out
 * as well; where there is nothing to ask, it just does it.
 */
export function SignOutDialog({
  cluster,
  user,
  isEverywhere,
  onClose,
}: {
  cluster: string;
  user: string;
  isEverywhere: boolean;
  onClose: () => void;
}) {
  const t = useText();
  const [drafts] = useState(() => draftCount(cluster));
  const [error, setError] = useState<ApiErrorJson>();
  const asks = isEverywhere || drafts > 0;
  const hasBegun = useRef(false);

  const leave = async () => {
    if (hasBegun.current) return;
    hasBegun.current = true;
    setError(undefined);
    try {
      const redirect = await signOut(cluster, isEverywhere);
      // Asked already: neither a question of the browser nor a last flush of the editor may bring them back.
      if (drafts > 0) leaveFreely();
      forgetDrafts(cluster);
      taskStore.forget(cluster);
      tabSessions().channel.send({ type: 'signed-out', cluster });
      window.location.replace(redirect ?? paths.signIn(cluster));
    } catch (cause) {
      hasBegun.current = false;
      if (!(cause instanceof ApiError)) throw cause;
      setError(cause.toJSON());
    }
  };
  const begin = useRef(leave);
  useEffect(() => {
    if (!asks) void begin.current();
  }, [asks]);

  if (!asks && !error) return null;
  return (
    <ConfirmDialog
      title={t(isEverywhere ? 'signIn.out.everywhereTitle' : 'signIn.out.title', { cluster })}
      verb={t(drafts > 0 ? 'signIn.out.verbDrafts' : 'signIn.out.verb')}
      onConfirm={() => void leave()}
      onCancel={onClose}
    >
      {isEverywhere && <p>{t('signIn.out.everywhere', { user, cluster })}</p>}
      {isEverywhere && <p>{t('signIn.out.tokens')}</p>}
      {drafts > 0 && <p>{t('signIn.out.drafts', { count: drafts, cluster })}</p>}
      {error && <ErrorAlert error={error} title={t('signIn.out.failed')} />}
    </ConfirmDialog>
  );
}
