'use client';

import {
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  FormSelect,
  FormSelectOption,
  PageSection,
  SearchInput,
  Title,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from '@patternfly/react-core';
import { DesktopIcon } from '@patternfly/react-icons';
import Link from 'next/link';
import { usePathname, useSearchParams } from 'next/navigation';
import { useDeferredValue, useState } from 'react';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { formatVmQuery, parseVmQuery } from '@/lib/kinds/vm/query';
import { useKnownNamespaces } from '@/lib/live/recent';
import { useTabSession } from '@/lib/live/sessions';
import { useVmWindow } from '@/lib/live/use-live';
import { paths } from '@/lib/paths';
import { NamespaceFilter } from '../namespace-filter';
import { ScreenTile } from './screen-tile';
import styles from './screens.module.css';
import { useScreens } from './use-screens';

const EVERY_S = [2, 5, 15, 60];
const DEFAULT_EVERY_S = 5;
const STEP = 60;
const MOST = 480;

/** A wall of live screens: those of the running VMs that the URL's query asks for. */
export function ScreensPage({ cluster, user }: { cluster: string; user: string }) {
  const t = useText();
  const params = useSearchParams();
  const pathname = usePathname();
  const query = parseVmQuery(new URLSearchParams(params));
  const asked = Number(params.get('every'));
  const everyS = EVERY_S.includes(asked) ? asked : DEFAULT_EVERY_S;
  const [count, setCount] = useState(STEP);
  const places = useKnownNamespaces(cluster, useTabSession(cluster)?.session.user ?? user);
  // Only what runs has a screen; what the URL asks for narrows that further.
  const wanted = { ...query, text: useDeferredValue(`${query.text} status:running,paused,migrating`.trim()) };
  const { rows, total, feed } = useVmWindow(cluster, wanted, { from: 0, count }, { known: places.known });
  const screens = useScreens(cluster, everyS * 1_000);

  const write = (changes: Record<string, string | undefined>) => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    window.history.replaceState(null, '', next.size > 0 ? `${pathname}?${next}` : pathname);
  };

  const isKnown = feed.state === 'live' || rows.length > 0;
  return (
    <>
      <PageSection>
        <Title headingLevel="h1">{t('screens.title')}</Title>
      </PageSection>
      <PageSection isFilled padding={{ default: 'noPadding' }} aria-label={t('screens.wall')}>
        <Toolbar inset={{ default: 'insetLg' }}>
          <ToolbarContent>
            <ToolbarItem className={styles.search}>
              <SearchInput
                aria-label={t('screens.filter')}
                placeholder={t('screens.filter')}
                value={query.text}
                onChange={(_, text) => write({ q: text })}
                onClear={() => write({ q: undefined })}
                resetButtonLabel={t('common.clear')}
              />
            </ToolbarItem>
            <ToolbarItem>
              <NamespaceFilter
                cluster={cluster}
                known={places.known}
                chosen={query.namespaces}
                onChange={(namespaces) => write({ ns: namespaces.join(',') })}
              />
            </ToolbarItem>
            <ToolbarItem>
              <FormSelect
                aria-label={t('screens.every')}
                value={String(everyS)}
                onChange={(_, value) =>
                  write({ every: Number(value) === DEFAULT_EVERY_S ? undefined : value })
                }
              >
                {EVERY_S.map((seconds) => (
                  <FormSelectOption
                    key={seconds}
                    value={String(seconds)}
                    label={t('screens.everySeconds', { seconds })}
                  />
                ))}
              </FormSelect>
            </ToolbarItem>
            <ToolbarGroup align={{ default: 'alignEnd' }}>
              <ToolbarItem alignSelf="center">
                <span role="status" className={styles.count}>
                  {isKnown &&
                    (rows.length < total
                      ? t('screens.countOf', { shown: rows.length, total })
                      : t('screens.count', { total }))}
                </span>
              </ToolbarItem>
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
        {feed.state === 'refused' && <ErrorPanel error={feed.error} title={t('screens.refused')} />}
        {feed.state === 'live' && rows.length === 0 && (
          <EmptyState titleText={t('screens.emptyTitle')} headingLevel="h2" icon={DesktopIcon}>
            <EmptyStateBody>{t('screens.emptyBody')}</EmptyStateBody>
            <EmptyStateFooter>
              <EmptyStateActions>
                <Button
                  variant="link"
                  component={(props) => <Link {...props} href={paths.vms(cluster, formatVmQuery(query))} />}
                >
                  {t('screens.toList')}
                </Button>
              </EmptyStateActions>
            </EmptyStateFooter>
          </EmptyState>
        )}
        {rows.length > 0 && (
          <ul className={styles.wall} aria-label={t('screens.wall')}>
            {rows.map((row) => (
              <ScreenTile
                key={row.uid}
                cluster={cluster}
                row={row}
                screens={screens}
                everyMs={everyS * 1_000}
              />
            ))}
          </ul>
        )}
        {rows.length < Math.min(total, MOST) && rows.length > 0 && (
          <div className={styles.more}>
            <Button variant="secondary" onClick={() => setCount(Math.min(count + STEP, MOST))}>
              {t('screens.more', { count: Math.min(STEP, total - rows.length) })}
            </Button>
          </div>
        )}
      </PageSection>
    </>
  );
}
