'use client';

import { Content, PageSection, SearchInput, Skeleton, Title } from '@patternfly/react-core';
import Link from 'next/link';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useMemo, useState } from 'react';
import { NamespaceField } from '@/components/access/namespace-field';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import type { ServedKind } from '@/lib/k8s/kinds';
import { useRefusals } from '@/lib/live/use-access';
import { paths } from '@/lib/paths';
import { groupKinds, type KindEntry } from './kinds';
import styles from './objects.module.css';
import { useKinds } from './use-kinds';

const NONE: readonly ServedKind[] = [];

/** Every kind of the cluster, and whether one may list its objects. */
export function KindsPage({ cluster }: { cluster: string }) {
  const t = useText();
  const { kinds = NONE, error } = useKinds(cluster);
  const params = useSearchParams();
  const pathname = usePathname();
  const router = useRouter();
  const [words, setWords] = useState(params.get('q') ?? '');
  const namespace = params.get('namespace') ?? '';
  const groups = useMemo(() => groupKinds(kinds, words), [kinds, words]);
  const count = groups.reduce((sum, { entries }) => sum + entries.length, 0);
  const write = (q: string, ns: string) => {
    const query = new URLSearchParams({ ...(q ? { q } : {}), ...(ns ? { namespace: ns } : {}) }).toString();
    router.replace(query ? `${pathname}?${query}` : pathname, { scroll: false });
  };
  return (
    <>
      <PageSection>
        <Title headingLevel="h1">{t('objects.title')}</Title>
        <Content component="p">{t('objects.intro')}</Content>
      </PageSection>
      <PageSection isFilled aria-label={t('objects.title')}>
        {error ? (
          <ErrorPanel error={error} title={t('objects.refused')} />
        ) : (
          <>
            <div className={styles.tools}>
              <SearchInput
                className={styles.search ?? ''}
                aria-label={t('objects.filter')}
                placeholder={t('objects.filter')}
                value={words}
                onChange={(_, next) => {
                  setWords(next);
                  write(next, namespace);
                }}
                onClear={() => {
                  setWords('');
                  write('', namespace);
                }}
                resetButtonLabel={t('common.clear')}
              />
              <NamespaceField cluster={cluster} value={namespace} onChange={(next) => write(words, next)} />
              <span role="status" className={styles.subtle}>
                {kinds !== NONE && t('objects.count', { count })}
              </span>
            </div>
            {kinds === NONE && <Skeleton height="20rem" screenreaderText={t('objects.loading')} />}
            {kinds !== NONE && count === 0 && <p>{t('objects.noneMatch')}</p>}
            <div className={styles.groups}>
              {groups.map(({ group, entries }) => (
                <section key={group} className={styles.group} aria-label={group || t('objects.core')}>
                  <Title headingLevel="h2" size="md">
                    {group || t('objects.core')}
                  </Title>
                  <Entries cluster={cluster} namespace={namespace} entries={entries} />
                </section>
              ))}
            </div>
          </>
        )}
      </PageSection>
    </>
  );
}

function Entries({
  cluster,
  namespace,
  entries,
}: {
  cluster: string;
  namespace: string;
  entries: readonly KindEntry[];
}) {
  const t = useText();
  const asked = useMemo(() => entries.map(({ kind }) => ({ verb: 'list', resource: kind })), [entries]);
  const refusals = useRefusals(cluster, namespace || undefined, asked);
  return (
    <ul>
      {entries.map(({ kind, otherVersions }, index) => {
        const question = asked[index];
        const isRefused = question !== undefined && refusals.has(question);
        const where = kind.namespaced ? namespace || 'all' : 'all';
        return (
          <li key={kind.plural}>
            <Link href={paths.objectList(cluster, kind, kind.namespaced ? namespace : '')}>{kind.kind}</Link>{' '}
            <span className={styles.subtle}>
              {[
                kind.version,
                t(kind.namespaced ? 'objects.scope.namespaced' : 'objects.scope.cluster'),
                ...(otherVersions.length > 0
                  ? [t('objects.versions', { versions: otherVersions.join(', ') })]
                  : []),
              ].join(', ')}
            </span>
            {isRefused && <div className={styles.subtle}>{t('objects.mayNotList', { where })}</div>}
          </li>
        );
      })}
    </ul>
  );
}
