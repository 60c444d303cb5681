'use client';

import { BookmarkIcon, FilterIcon, HelpIcon } from '@patternfly/react-icons';
import dynamic from 'next/dynamic';
import { useText } from '@/components/ui/text';
import type { VmQuery } from '@/lib/kinds/vm/query';
import { Popout } from './popout';
import styles from './query.module.css';
import { QueryInput } from './query-input';
import { useStartView } from './use-start-view';

const FacetPanel = dynamic(() => import('./facet-panel').then((all) => all.FacetPanel), { ssr: false });
const ViewsPanel = dynamic(() => import('./views-panel').then((all) => all.ViewsPanel), { ssr: false });
const QueryHelp = dynamic(() => import('./query-help').then((all) => all.QueryHelp), { ssr: false });

/** The list's query: its text with completion, facets to choose from, views to come back to, and how it is written. */
export function QueryBar({
  cluster,
  user,
  known,
  query,
  setQuery,
}: {
  cluster: string;
  /** As the cluster calls who is looking; views are kept for each. */
  user: string;
  /** Namespaces to look into when the whole cluster may not be listed. */
  known: string[];
  query: VmQuery;
  setQuery: (next: VmQuery, how: 'replace' | 'push') => void;
}) {
  const t = useText();
  useStartView(cluster, user);
  const setText = (text: string) => setQuery({ ...query, text }, 'push');
  return (
    <div className={styles.bar}>
      <QueryInput
        cluster={cluster}
        known={known}
        query={query}
        onChange={(text) => setQuery({ ...query, text }, 'replace')}
      />
      <Popout label={t('query.facets.open')} icon={<FilterIcon />}>
        {() => <FacetPanel cluster={cluster} known={known} query={query} onChange={setText} />}
      </Popout>
      <Popout label={t('query.views.open')} icon={<BookmarkIcon />}>
        {(close) => <ViewsPanel cluster={cluster} user={user} onClose={close} />}
      </Popout>
      <Popout label={t('query.help.open')} icon={<HelpIcon />} isPlain>
        {() => <QueryHelp />}
      </Popout>
    </div>
  );
}
