'use client';

import {
  Button,
  EmptyState,
  EmptyStateBody,
  PageSection,
  SearchInput,
  Spinner,
  Title,
} from '@patternfly/react-core';
import { SearchIcon } from '@patternfly/react-icons';
import { css } from '@patternfly/react-styles';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { vmStatus } from '@/lib/kinds/vm/status';
import type { ClusterHits } from '@/lib/live/cluster-search';
import { useClusterSearch } from '@/lib/live/use-cluster-search';
import { useClusters } from '@/lib/live/use-clusters';
import { paths } from '@/lib/paths';
import { NotSearched } from './palette/not-searched';
import styles from './search-page.module.css';

const ROWS_PER_CLUSTER = 50;

/** Everything that matches in all clusters, live; the words stand in the URL. */
export function SearchPage({ clusters: initial }: { clusters: ClusterInfo[] }) {
  const t = useText();
  const { clusters, refresh } = useClusters(initial);
  useEffect(refresh, [refresh]);
  const inUrl = useSearchParams().get('q') ?? '';
  const [text, setText] = useState(inUrl);
  // Back, or another search from the palette.
  useEffect(() => setText(inUrl), [inUrl]);
  const { hits, searched, isSettled } = useClusterSearch(clusters, text, ROWS_PER_CLUSTER);
  const total = hits.reduce((sum, hit) => sum + hit.total, 0);
  const covered = hits.filter(({ state }) => state.kind === 'found').length;

  const change = (value: string) => {
    setText(value);
    window.history.replaceState(null, '', paths.search(value.trim()));
  };

  return (
    <>
      <PageSection>
        <Title headingLevel="h1">{t('search.page.title')}</Title>
        <SearchInput
          className={styles.field ?? ''}
          value={text}
          onChange={(_, value) => change(value)}
          onClear={() => change('')}
          aria-label={t('search.title')}
          placeholder={t('search.hint')}
          resetButtonLabel={t('common.clear')}
        />
        <p className={styles.count} role="status">
          {searched && isSettled ? t('search.page.count', { total, clusters: covered }) : ''}
        </p>
        {searched && <NotSearched hits={hits} returnTo={paths.search(searched)} />}
      </PageSection>
      {!searched && <Message title={t('search.page.start')} body={t('search.page.startBody')} />}
      {searched && isSettled && total === 0 && (
        <Message title={t('search.page.none', { text: searched })} body={t('search.page.noneBody')} />
      )}
      {hits.map((hit) => (
        <ClusterSection key={hit.cluster} hit={hit} text={searched} />
      ))}
    </>
  );
}

function Message({ title, body }: { title: string; body: string }) {
  return (
    <PageSection isFilled aria-label={title}>
      <EmptyState titleText={title} headingLevel="h2" icon={SearchIcon}>
        <EmptyStateBody>{body}</EmptyStateBody>
      </EmptyState>
    </PageSection>
  );
}

function ClusterSection({ hit, text }: { hit: ClusterHits; text: string }) {
  const t = useText();
  const { cluster, rows, total, state, only } = hit;
  if (state.kind === 'waiting') {
    return (
      <PageSection aria-label={cluster}>
        <Spinner size="md" aria-label={t('search.page.waiting', { cluster })} />
      </PageSection>
    );
  }
  if (rows.length === 0) return null;
  return (
    <PageSection aria-label={cluster} className={css(state.kind !== 'found' && 'portlight-stale')}>
      <div className={styles.head}>
        <Title headingLevel="h2" size="lg">
          {cluster}
        </Title>
        {total > rows.length && <span>{t('search.page.shown', { shown: rows.length, total })}</span>}
      </div>
      <Table variant="compact" aria-label={t('search.page.table', { cluster })}>
        <Thead>
          <Tr>
            <Th>{t('vm.list.columns.name')}</Th>
            <Th>{t('vm.list.columns.status')}</Th>
            <Th>{t('vm.list.columns.namespace')}</Th>
            <Th>{t('vm.list.columns.node')}</Th>
            <Th>{t('vm.list.columns.ip')}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {rows.map(({ uid, namespace, name, facts, reason, node, ips }) => {
            const { tone, text: word } = vmStatus(facts, reason);
            return (
              <Tr key={uid}>
                <Td dataLabel={t('vm.list.columns.name')}>
                  <Link href={paths.vm({ cluster, namespace, name })} prefetch={false}>
                    {name}
                  </Link>
                </Td>
                <Td dataLabel={t('vm.list.columns.status')}>
                  <StatusLabel tone={tone}>{t(word)}</StatusLabel>
                </Td>
                <Td dataLabel={t('vm.list.columns.namespace')}>{namespace}</Td>
                <Td dataLabel={t('vm.list.columns.node')}>{node || t('common.none')}</Td>
                <Td dataLabel={t('vm.list.columns.ip')}>{ips[0] ?? t('common.none')}</Td>
              </Tr>
            );
          })}
        </Tbody>
      </Table>
      {total > rows.length && (
        <Button
          variant="link"
          isInline
          component={Link}
          href={paths.vms(cluster, { ...(only ? { ns: only.join(',') } : {}), q: text })}
        >
          {t('search.page.all', { total, cluster })}
        </Button>
      )}
    </PageSection>
  );
}
