'use client';

import {
  Button,
  SearchInput,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from '@patternfly/react-core';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { useText } from '@/components/ui/text';
import type { VmQuery } from '@/lib/kinds/vm/query';
import { paths } from '@/lib/paths';
import { NamespaceFilter } from './namespace-filter';
import styles from './vm.module.css';

const TYPING_MS = 150;

/** Filters of the VM list, how many there are, and the way to a new one. */
export function VmToolbar({
  cluster,
  known,
  query,
  setQuery,
  shown,
  total,
}: {
  cluster: string;
  /** Namespaces to offer beyond those that may be listed. */
  known: string[];
  query: VmQuery;
  setQuery: (next: VmQuery, how: 'replace' | 'push') => void;
  shown: number;
  /** Undefined while nothing is known yet. */
  total: number | undefined;
}) {
  const t = useText();
  const only = query.namespaces.length === 1 ? query.namespaces[0] : undefined;
  return (
    <Toolbar inset={{ default: 'insetLg' }}>
      <ToolbarContent>
        <ToolbarItem className={styles.search}>
          <TextFilter text={query.text} onChange={(text) => setQuery({ ...query, text }, 'replace')} />
        </ToolbarItem>
        <ToolbarItem>
          <NamespaceFilter
            cluster={cluster}
            known={known}
            chosen={query.namespaces}
            onChange={(namespaces) => setQuery({ ...query, namespaces }, 'push')}
          />
        </ToolbarItem>
        <ToolbarGroup align={{ default: 'alignEnd' }}>
          <ToolbarItem alignSelf="center">
            <span className={styles.count} role="status">
              {total === undefined
                ? ''
                : shown < total
                  ? t('vm.list.countOf', { shown, total })
                  : t('vm.list.count', { total })}
            </span>
          </ToolbarItem>
          <ToolbarItem>
            <Button component={Link} href={paths.createVm(cluster, only)}>
              {t('vm.list.create')}
            </Button>
          </ToolbarItem>
        </ToolbarGroup>
      </ToolbarContent>
    </Toolbar>
  );
}

/** Shows each key at once and tells the query when typing rests. */
function TextFilter({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const t = useText();
  const [typed, setTyped] = useState(text);
  const told = useRef(text);
  const latest = useRef(onChange);
  latest.current = onChange;

  // Back, or a link with another filter.
  useEffect(() => {
    if (text === told.current) return;
    told.current = text;
    setTyped(text);
  }, [text]);

  useEffect(() => {
    if (typed === told.current) return;
    const timer = setTimeout(() => {
      told.current = typed;
      latest.current(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  return (
    <SearchInput
      aria-label={t('vm.list.filter')}
      placeholder={t('vm.list.filter')}
      value={typed}
      onChange={(_, value) => setTyped(value)}
      onClear={() => setTyped('')}
      resetButtonLabel={t('common.clear')}
    />
  );
}
