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
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { useKnownNamespaces } from '@/lib/live/recent';
import { useTabSession } from '@/lib/live/sessions';
import { useVmWindow, type VmRowsState } from '@/lib/live/use-live';
import { paths } from '@/lib/paths';
import { NamespaceScope } from './namespace-scope';
import { TreeSide } from './tree/tree-side';
import { useVmQuery } from './use-vm-query';
import { VmActionsProvider } from './vm-actions';
import { VmTable } from './vm-table';
import { VmToolbar } from './vm-toolbar';

/** More rows than these are counted but not drawn. */
const DRAWN = { from: 0, count: 500 };

/** All VMs that the URL's query asks for, live. `initial` is what the server rendered. */
export function VmList({
  cluster,
  user,
  initial,
}: {
  cluster: string;
  /** Who was signed in when the page was rendered. */
  user: string;
  initial: VmRowsState;
}) {
  const t = useText();
  const [query, setQuery] = useVmQuery();
  const viewer = useTabSession(cluster)?.session.user ?? user;
  const places = useKnownNamespaces(cluster, viewer);
  const { rows, total, feed } = useVmWindow(cluster, query, DRAWN, { initial, known: places.known });
  const only = feed.state === 'live' ? feed.only : undefined;
  const isFiltered = query.text !== '' || query.namespaces.length > 0;
  const isUnknown = rows.length === 0 && feed.state !== 'live';

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
    if (rows.length === 0 && feed.state === 'live') {
      return isFiltered ? (
        <NoMatch onClear={() => setQuery({ ...DEFAULT_VM_QUERY, sort: query.sort }, 'push')} />
      ) : (
        <NoVms cluster={cluster} />
      );
    }
    return (
      <VmTable
        cluster={cluster}
        rows={isUnknown ? undefined : rows}
        sort={query.sort}
        onSort={(sort) => setQuery({ ...query, sort }, 'push')}
        stale={feed.state === 'paused'}
      />
    );
  };

  return (
    <VmActionsProvider>
      <PageSection>
        <Title headingLevel="h1">{t('vm.list.title')}</Title>
      </PageSection>
      <PageSection isFilled padding={{ default: 'noPadding' }} aria-label={t('vm.list.table')}>
        <TreeSide cluster={cluster} known={places.known} query={query} setQuery={setQuery}>
          <VmToolbar
            cluster={cluster}
            user={viewer}
            known={only ? [...places.known, ...only.namespaces] : places.known}
            query={query}
            setQuery={setQuery}
            shown={rows.length}
            total={isUnknown || feed.state === 'refused' ? undefined : total}
          />
          {only && <NamespaceScope cluster={cluster} only={only} places={places} />}
          {content()}
        </TreeSide>
      </PageSection>
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
