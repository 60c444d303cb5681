'use client';

import { Button, Toolbar, ToolbarContent, ToolbarGroup, ToolbarItem } from '@patternfly/react-core';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useText } from '@/components/ui/text';
import type { VmQuery } from '@/lib/kinds/vm/query';
import { paths } from '@/lib/paths';
import { NamespaceFilter } from './namespace-filter';
import { QueryBar } from './query/query-bar';
import { useToldQuery } from './query/use-told-query';
import styles from './vm.module.css';

// What reads the language is not needed where nothing is asked.
const QueryChips = dynamic(() => import('./query/query-chips').then((all) => all.QueryChips), {
  loading: () => null,
});

/** Filters of the VM list, and the way to a new VM. */
export function VmToolbar({
  cluster,
  user,
  known,
  query: inUrl,
  setQuery: setUrl,
}: {
  cluster: string;
  /** As the cluster calls who is looking. */
  user: string;
  /** Namespaces to offer beyond those that may be listed. */
  known: string[];
  query: VmQuery;
  setQuery: (next: VmQuery, how: 'replace' | 'push') => void;
}) {
  const t = useText();
  const [query, setQuery] = useToldQuery(inUrl, setUrl);
  const only = query.namespaces.length === 1 ? query.namespaces[0] : undefined;
  return (
    <Toolbar inset={{ default: 'insetLg' }}>
      <ToolbarContent>
        <ToolbarItem className={styles.search}>
          <QueryBar cluster={cluster} user={user} known={known} query={query} setQuery={setQuery} />
        </ToolbarItem>
        <ToolbarItem>
          <NamespaceFilter
            cluster={cluster}
            known={known}
            chosen={query.namespaces}
            onChange={(namespaces) => setQuery({ ...query, namespaces }, 'push')}
          />
        </ToolbarItem>
        {query.text && (
          <ToolbarItem alignSelf="center" className={styles.chips}>
            <QueryChips text={query.text} onChange={(text) => setQuery({ ...query, text }, 'push')} />
          </ToolbarItem>
        )}
        <ToolbarGroup align={{ default: 'alignEnd' }}>
          <ToolbarItem>
            <Button component={Link} href={paths.createVm(cluster, { namespace: only })}>
              {t('vm.list.create')}
            </Button>
          </ToolbarItem>
        </ToolbarGroup>
      </ToolbarContent>
    </Toolbar>
  );
}
