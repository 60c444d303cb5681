'use client';

import Link from 'next/link';
import { useText } from '@/components/ui/text';
import { plainMessage } from '@/lib/k8s/error';
import { explain } from '@/lib/k8s/explain';
import { type ClusterHits, notSearched } from '@/lib/live/cluster-search';
import { paths } from '@/lib/paths';
import styles from './palette.module.css';

/** The clusters that a search says nothing about, and why: they are never silently left out. */
export function NotSearched({
  hits,
  returnTo,
  onLeave,
}: {
  hits: ClusterHits[];
  /** Where one comes back to after signing in. */
  returnTo: string;
  onLeave?: () => void;
}) {
  const t = useText();
  const missing = notSearched(hits);
  if (missing.length === 0) return null;
  return (
    <section className={styles.missing} aria-label={t('search.notSearched')}>
      <strong>{t('search.notSearched')}</strong>
      <ul>
        {missing.map(({ cluster, state, only }) => (
          <li key={cluster}>
            {only &&
              state.kind !== 'signedOut' &&
              `${t('search.partly', { cluster, namespaces: only.join(', ') })} `}
            {state.kind === 'signedOut' && (
              <>
                {t('search.signedOut', { cluster })}{' '}
                <Link href={paths.signIn(cluster, returnTo)} prefetch={false} onClick={onLeave}>
                  {t('search.signIn')}
                </Link>
              </>
            )}
            {state.kind === 'silent' &&
              t('search.silent', { cluster, words: plainMessage(state.error.message) })}
            {state.kind === 'refused' &&
              (explain(state.error) === 'forbidden'
                ? t('search.forbidden', { cluster })
                : t('search.refused', { cluster, words: plainMessage(state.error.message) }))}
          </li>
        ))}
      </ul>
    </section>
  );
}
