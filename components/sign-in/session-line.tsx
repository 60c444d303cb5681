'use client';

import { useState } from 'react';
import { useText } from '@/components/ui/text';
import { useFromNow } from '@/components/ui/use-now';
import { sessionStore, tabSessions, usePrimedSession } from '@/lib/live/sessions';
import type { ClusterSession } from '@/lib/session/session';
import { isEnding } from '@/lib/session/session-keeper';
import type { TabSession } from '@/lib/session/session-store';
import { formatDuration } from '@/lib/time';
import { OtherUserDialog } from './other-user-dialog';
import styles from './sign-in.module.css';
import { SignInDialog } from './sign-in-dialog';

/**
 * What there is to say about the session of a page: nothing while it goes on; that it ends soon; that it is over and
 * why, with the way back in. The page below stays as it is. Stands once on every page of a cluster.
 */
export function SessionLine({ session }: { session: ClusterSession }) {
  const tab = usePrimedSession(session);
  if (!tab) return null;
  return <Line cluster={session.name} tab={tab} />;
}

function Line({ cluster, tab }: { cluster: string; tab: TabSession }) {
  const t = useText();
  const { over, before, isAsking, round, session } = tab;
  return (
    <>
      {over ? <Over cluster={cluster} over={over} /> : <Ending cluster={cluster} tab={tab} />}
      {/* That somebody is back is seen by what comes alive; only screen readers need to be told. */}
      <div className="pf-v6-screen-reader" role="status">
        {!over && round > 0 && t('signIn.back', { cluster, user: session.user ?? '' })}
      </div>
      {isAsking && <SignInDialog tab={tab} />}
      {before !== undefined && !isAsking && !over && (
        <OtherUserDialog cluster={cluster} tab={tab} before={before} />
      )}
    </>
  );
}

function Over({ cluster, over }: { cluster: string; over: NonNullable<TabSession['over']> }) {
  const t = useText();
  return (
    <section className={styles.line} role="alert" aria-label={t('signIn.over.title', { cluster })}>
      <span title={over.words || undefined}>{t(`signIn.over.${over.why}`, { cluster })}</span>
      <span>{t('signIn.over.kept')}</span>
      <button type="button" className={styles.lineButton} onClick={() => sessionStore.ask(cluster, true)}>
        {t('signIn.over.again')}
      </button>
    </section>
  );
}

function Ending({ cluster, tab }: { cluster: string; tab: TabSession }) {
  const t = useText();
  const [isBusy, setBusy] = useState(false);
  const ending = useFromNow((now) => isEnding(tab, now));
  const { expiresAt = 0 } = tab.session;
  // In words that change seldom: seconds only in the last minutes.
  const duration = useFromNow((now) => (ending ? formatDuration(expiresAt - now) : ''));
  if (!ending) return null;
  const stay = async () => {
    setBusy(true);
    await tabSessions().keeper.renew(cluster);
    setBusy(false);
  };
  return (
    <section className={styles.line} aria-label={t('signIn.ending.soon', { cluster })}>
      <div className="pf-v6-screen-reader" role="status">
        {t('signIn.ending.soon', { cluster })}
      </div>
      <span aria-hidden="true">{t('signIn.ending.in', { cluster, duration })}</span>
      {tab.isFinal ? (
        <button type="button" className={styles.lineButton} onClick={() => sessionStore.ask(cluster, true)}>
          {t('signIn.ending.again')}
        </button>
      ) : (
        <button
          type="button"
          className={styles.lineButton}
          aria-disabled={isBusy}
          onClick={() => void stay()}
        >
          {t('signIn.ending.stay')}
        </button>
      )}
    </section>
  );
}
