'use client';

import {
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  PageSection,
  Title,
} from '@patternfly/react-core';
import { SearchIcon, VirtualMachineIcon } from '@patternfly/react-icons';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { useKnownNamespaces } from '@/lib/live/recent';
import { useTabSession } from '@/lib/live/sessions';
import { useVmWindow, type VmRowsState } from '@/lib/live/use-live';
import { paths } from '@/lib/paths';
import styles from './list/list.module.css';
import type { ListSettings } from './list/list-settings';
import type { RowWindow } from './list/row-range';
import { TableBar } from './list/table-bar';
import { useHold } from './list/use-hold';
import { useListSettings } from './list/use-list-settings';
import { useRowCache } from './list/use-row-cache';
import { useSelection } from './list/use-selection';
import { type GridHandle, VmGrid } from './list/vm-grid';
import { NamespaceScope } from './namespace-scope';
import { TreeSide } from './tree/tree-side';
import { useVmQuery } from './use-vm-query';
import { VmActionsProvider } from './vm-actions';
import { VmToolbar } from './vm-toolbar';

const FIRST_WINDOW: RowWindow = { from: 0, count: 100 };

/** All VMs that the URL's query asks for, live. `initial` is what the server rendered. */
export function VmList({
  cluster,
  user,
  initial,
  settings: remembered,
}: {
  cluster: string;
  /** Who was signed in when the page was rendered. */
  user: string;
  initial: VmRowsState;
  settings: ListSettings;
}) {
  const t = useText();
  const [query, setQuery] = useVmQuery();
  const whose = useTabSession(cluster)?.session.user ?? user;
  const places = useKnownNamespaces(cluster, whose);
  const settings = useListSettings(remembered);
  const hold = useHold();
  const [window, setWindow] = useState(FIRST_WINDOW);
  const live = useVmWindow(cluster, query, window, { initial, known: places.known, hold: hold.hold });
  const { rows, total, feed } = live;
  const cache = useRowCache(whose, cluster, query, live, hold.hold);
  const selection = useSelection({ cluster, query, known: places.known, cache, rows });
  const only = feed.state === 'live' ? feed.only : undefined;
  const isFiltered = query.text !== '' || query.namespaces.length > 0;
  const isUnknown = total === 0 && feed.state !== 'live';
  const shownTotal = isUnknown || feed.state === 'refused' ? undefined : total;

  const grid = useRef<GridHandle>(null);
  const asked = JSON.stringify([cluster, query]);
  const before = useRef(asked);
  // Another answer is read from its beginning; one that the history leads back to brings its place along.
  useEffect(() => {
    if (before.current === asked) return;
    before.current = asked;
    setWindow(FIRST_WINDOW);
    grid.current?.toTop();
  }, [asked]);

  const content = () => {
    if (feed.state === 'refused') {
      // Without a role over all namespaces there may still be one in some of them.
      const isForbidden = feed.error.code === 403;
      const hint = isForbidden && query.namespaces.length === 0 ? t('vm.list.refusedHint') : undefined;
      return (
        <>
          <ErrorPanel error={feed.error} title={t('vm.list.refused')} hint={hint} />
          {hint && <NamespaceScope cluster={cluster} places={places} />}
        </>
      );
    }
    if (isUnknown && feed.state === 'paused') {
      return <ErrorPanel error={feed.error} title={t('vm.list.unreachable')} />;
    }
    if (total + cache.ghosts === 0 && feed.state === 'live') {
      return isFiltered ? (
        <NoMatch onClear={() => setQuery({ ...DEFAULT_VM_QUERY, sort: query.sort }, 'push')} />
      ) : (
        <NoVms cluster={cluster} />
      );
    }
    return (
      <>
        <TableBar
          cluster={cluster}
          query={query}
          known={places.known}
          total={shownTotal}
          feed={feed}
          moved={live.moved}
          onApply={hold.release}
          settings={settings}
          selection={selection}
        />
        <VmGrid
          cluster={cluster}
          cache={cache}
          total={shownTotal}
          window={window}
          onWindow={setWindow}
          settings={settings}
          sort={query.sort}
          onSort={(sort) => setQuery({ ...query, sort }, 'push')}
          selection={selection}
          hold={hold}
          stale={feed.state === 'paused'}
          handle={grid}
        />
      </>
    );
  };

  return (
    <VmActionsProvider>
      <PageSection>
        <Title headingLevel="h1">{t('vm.list.title')}</Title>
      </PageSection>
      <section className={styles.page} aria-label={t('vm.list.table')}>
        <TreeSide cluster={cluster} known={places.known} query={query} setQuery={setQuery}>
          <div className={styles.main}>
            <VmToolbar
              cluster={cluster}
              user={whose}
              known={only ? [...places.known, ...only.namespaces] : places.known}
              query={query}
              setQuery={setQuery}
            />
            {only && <NamespaceScope cluster={cluster} only={only} places={places} />}
            {content()}
          </div>
        </TreeSide>
      </section>
    </VmActionsProvider>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  const t = useText();
  return (
    <EmptyState titleText={t('vm.list.noMatchTitle')} headingLevel="h2" icon={SearchIcon}>
      <EmptyStateBody>{t('vm.list.noMatchBody')}</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button variant="link" onClick={onClear}>
            {t('vm.list.clearFilters')}
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

function NoVms({ cluster }: { cluster: string }) {
  const t = useText();
  return (
    <EmptyState titleText={t('vm.list.emptyTitle')} headingLevel="h2" icon={VirtualMachineIcon}>
      <EmptyStateBody>{t('vm.list.emptyBody')}</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button component={Link} href={paths.createVm(cluster)}>
            {t('vm.list.create')}
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
