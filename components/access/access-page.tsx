'use client';

import {
  Content,
  PageSection,
  SearchInput,
  Title,
  ToggleGroup,
  ToggleGroupItem,
} from '@patternfly/react-core';
import { usePathname, useSearchParams } from 'next/navigation';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useText } from '@/components/ui/text';
import { fullResource } from '@/lib/k8s/access';
import { ABILITIES } from '@/lib/kinds/abilities';
import { accessStore, useAccess } from '@/lib/live/use-access';
import { useIdentity } from '@/lib/live/use-identity';
import { AbilityTable } from './ability-table';
import styles from './access.module.css';
import { type AccessQuery, formatAccessQuery, matchesWords, parseAccessQuery, SHOWN } from './access-query';
import { IdentityCard } from './identity-card';
import { NamespaceField } from './namespace-field';
import { RoleText } from './role-text';
import { RulesTable } from './rules-table';
import { judge, missingChecks } from './verdicts';

/** "What may I do?": who one is to the cluster, what of the console that allows, and what would allow the rest. */
export function AccessPage({ cluster }: { cluster: string }) {
  const t = useText();
  const [query, setQuery] = useAccessQuery();
  const { identity, error } = useIdentity(cluster);
  const namespace = query.namespace || undefined;
  const asked = useMemo(() => judge(ABILITIES, namespace, () => undefined), [namespace]);
  const answerOf = useAccess(
    cluster,
    asked.flatMap(({ checks }) => checks),
  );
  const round = useSyncExternalStore(accessStore.subscribe, accessStore.getVersion, () => 0);
  const verdicts = judge(ABILITIES, namespace, answerOf);
  const shown = verdicts.filter(
    ({ ability, verdict, checks }) =>
      (query.show === 'all' || (query.show === 'refused') === (verdict === 'refused')) &&
      matchesWords(query.text, [
        t(ability.label),
        t(`access.verdict.${verdict}`),
        ...checks.flatMap((check) => [check.verb, fullResource(check), check.group]),
      ]),
  );
  const picked = new Set(query.picked);
  const wanted = verdicts.filter(({ ability, verdict }) => verdict === 'refused' && picked.has(ability.id));
  const allowed = verdicts.filter(({ verdict }) => verdict === 'allowed').length;
  const isSettled = verdicts.every(({ verdict }) => verdict !== 'asking');

  return (
    <>
      <PageSection>
        <Title headingLevel="h1">{t('access.title')}</Title>
        <Content component="p">{t('access.intro', { cluster })}</Content>
      </PageSection>
      <PageSection isFilled aria-label={t('access.title')}>
        <IdentityCard identity={identity} error={error} />
        <section aria-labelledby="access-abilities" className={styles.part}>
          <Title headingLevel="h2" id="access-abilities">
            {t('access.table.title')}
          </Title>
          <div className={styles.tools}>
            <NamespaceField
              cluster={cluster}
              value={query.namespace}
              onChange={(next) => setQuery({ ...query, namespace: next, picked: [] }, 'push')}
            />
            <SearchInput
              className={styles.search}
              aria-label={t('access.filter')}
              placeholder={t('access.filter')}
              value={query.text}
              onChange={(_, text) => setQuery({ ...query, text }, 'replace')}
              onClear={() => setQuery({ ...query, text: '' }, 'replace')}
              resetButtonLabel={t('common.clear')}
            />
            <ToggleGroup aria-label={t('access.show.label')}>
              {SHOWN.map((show) => (
                <ToggleGroupItem
                  key={show}
                  buttonId={`access-show-${show}`}
                  text={t(`access.show.${show}`)}
                  isSelected={query.show === show}
                  onChange={() => setQuery({ ...query, show }, 'push')}
                />
              ))}
            </ToggleGroup>
            <span role="status" className={styles.subtle}>
              {isSettled && t('access.count', { allowed, total: verdicts.length })}
            </span>
          </div>
          <AbilityTable
            verdicts={shown}
            picked={picked}
            onPick={(ids, isPicked) => {
              const rest = query.picked.filter((id) => !ids.includes(id));
              setQuery({ ...query, picked: isPicked ? [...rest, ...ids] : rest }, 'replace');
            }}
          />
        </section>
        <section aria-labelledby="access-role" className={styles.part}>
          <Title headingLevel="h2" id="access-role">
            {t('access.picked.title')}
          </Title>
          {wanted.length === 0 ? (
            <Content component="p">{t('access.picked.none')}</Content>
          ) : (
            <RoleText checks={missingChecks(wanted)} user={identity?.username} />
          )}
        </section>
        <RulesTable
          cluster={cluster}
          namespace={query.namespace}
          filter={query.rules}
          onFilter={(rules) => setQuery({ ...query, rules }, 'replace')}
          round={round}
        />
      </PageSection>
    </>
  );
}

/**
 * The page's query, and a function that changes it and writes it into the URL. It is state of its own, because what
 * comes back from the URL comes too late for a field that is being typed into.
 */
function useAccessQuery(): [AccessQuery, (next: AccessQuery, how: 'replace' | 'push') => void] {
  const params = useSearchParams();
  const pathname = usePathname();
  const [query, setState] = useState(() => parseAccessQuery(new URLSearchParams(params)));
  const written = useRef(formatAccessQuery(query));
  // biome-ignore lint/correctness/useExhaustiveDependencies: `params` only tells that the address has changed
  useEffect(() => {
    // Back, or a link to this page: the address is another than the one written last.
    const now = parseAccessQuery(new URLSearchParams(window.location.search));
    const search = formatAccessQuery(now);
    if (search === written.current) return;
    written.current = search;
    setState(now);
  }, [params]);
  const setQuery = (next: AccessQuery, how: 'replace' | 'push') => {
    const search = formatAccessQuery(next);
    const url = search ? `${pathname}?${search}` : pathname;
    written.current = search;
    setState(next);
    if (how === 'replace') window.history.replaceState(null, '', url);
    else window.history.pushState(null, '', url);
  };
  return [query, setQuery];
}
