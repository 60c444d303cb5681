'use client';

import {
  Divider,
  Dropdown,
  DropdownItem,
  type DropdownItemProps,
  DropdownList,
  MenuSearch,
  MenuSearchInput,
  MenuToggle,
  SearchInput,
} from '@patternfly/react-core';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { type KeyboardEvent, useCallback, useEffect, useId, useState } from 'react';
import { type Say, useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { useClusterReports } from '@/lib/live/use-cluster-reports';
import { paths, samePageOf } from '@/lib/paths';
import { hasSessions } from '@/lib/session/session';
import { ClusterDot, reportState } from './clusters/cluster-dot';
import { rememberCluster } from './last-cluster';
import styles from './shell.module.css';
import { useClusterHealth } from './use-cluster-health';

/** With more clusters than this, one types to find one. */
const MANY = 8;

/** The menu was opened to find one among many. */
const focusAtOnce = (input: HTMLInputElement | null) => input?.focus({ preventScroll: true });

interface ClusterMenuProps {
  clusters: ClusterInfo[];
  /** Asks who is signed in where, when the menu opens. */
  onOpen?: () => void;
}

/** Shows which cluster this page is about and leads to the others. */
export function ClusterMenu({ cluster, ...rest }: ClusterMenuProps & { cluster: string }) {
  const t = useText();
  const { state } = useClusterHealth(cluster);
  useEffect(() => rememberCluster(cluster), [cluster]);
  return (
    <Menu
      {...rest}
      cluster={cluster}
      label={`${t('shell.cluster.label', { cluster })}, ${t(`shell.cluster.health.${state}`)}`}
      dot={state}
    />
  );
}

/** The same on pages about all clusters. */
export function AllClustersMenu(props: ClusterMenuProps) {
  const t = useText();
  return <Menu {...props} label={t('clusters.chooseFromAll')} />;
}

function Menu({
  cluster,
  clusters,
  label,
  dot,
  onOpen,
}: ClusterMenuProps & { cluster?: string; label: string; dot?: string }) {
  const t = useText();
  const pathname = usePathname();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const listId = useId();
  const reports = useClusterReports(isOpen);
  const open = (next: boolean) => {
    setOpen(next);
    setText('');
    if (next) onOpen?.();
  };
  const close = () => open(false);
  // The menu's own keys begin at its entries; the field is none.
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
    event.preventDefault();
    event.stopPropagation();
    const first = document.getElementById(listId)?.querySelector<HTMLElement>('a[role="menuitem"]');
    if (event.key === 'Enter') first?.click();
    else first?.focus();
  };
  const shown = clusters.filter(({ name, server }) =>
    `${name} ${server}`.toLowerCase().includes(text.trim().toLowerCase()),
  );

  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={open}
      isScrollable
      popperProps={{ maxWidth: 'calc(100vw - 2rem)', preventOverflow: true }}
      // The field is where one types at once; without it, the first cluster.
      shouldFocusFirstItemOnOpen={clusters.length <= MANY}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          isExpanded={isOpen}
          onClick={() => open(!isOpen)}
          aria-label={label}
          className={styles.clusterToggle}
        >
          {dot && <span className={styles.clusterDot} data-state={dot} aria-hidden="true" />}
          <span className={styles.clusterName}>{cluster ?? t('clusters.all')}</span>
        </MenuToggle>
      )}
    >
      {clusters.length > MANY && (
        <>
          <MenuSearch>
            <MenuSearchInput>
              <SearchInput
                ref={focusAtOnce}
                onKeyDown={press}
                value={text}
                onChange={(_, value) => setText(value)}
                onClear={() => setText('')}
                aria-label={t('clusters.filter')}
                placeholder={t('clusters.filter')}
                resetButtonLabel={t('common.clear')}
              />
            </MenuSearchInput>
          </MenuSearch>
          <Divider />
        </>
      )}
      <DropdownList id={listId} aria-label={t('shell.cluster.choose')}>
        {shown.map((each) => {
          const { name, signedIn, problem } = each;
          const page = name === cluster ? paths.vms(name) : samePageOf(name, pathname);
          return (
            <LinkItem
              key={name}
              href={signedIn || problem ? page : paths.signIn(name, page)}
              isSelected={name === cluster}
              description={detailsOf(each, t)}
              icon={<ClusterDot state={reportState(each, reports.get(name))} />}
              onClick={close}
            >
              {name}
            </LinkItem>
          );
        })}
        {shown.length === 0 && <DropdownItem isDisabled>{t('clusters.noneMatch')}</DropdownItem>}
        {clusters.length > 1 && (
          <>
            <Divider component="li" />
            <LinkItem href={paths.clusters()} onClick={close}>
              {t('clusters.overview')}
            </LinkItem>
          </>
        )}
      </DropdownList>
    </Dropdown>
  );
}

/** A link, so that a middle click opens the other cluster in a tab of its own. */
function LinkItem({ href, ...props }: DropdownItemProps & { href: string }) {
  // The same component at every render: another one would be mounted anew, and the focus in it lost.
  const component = useCallback((own: object) => <Link {...own} href={href} prefetch={false} />, [href]);
  return <DropdownItem {...props} component={component} />;
}

/** Who one is there, or that one may sign in; where it is; and what is wrong with it. */
function detailsOf(cluster: ClusterInfo, t: Say): string {
  const { server, insecure, problem } = cluster;
  return [whoIn(cluster, t), server, insecure && t('clusters.insecure'), problem].filter(Boolean).join(' · ');
}

/** Whom a cluster knows this browser as, in words. */
export function whoIn({ signedIn, user, methods, problem }: ClusterInfo, t: Say): string {
  if (problem) return '';
  if (!signedIn) return t('clusters.signIn');
  if (!user) return t('clusters.signedIn');
  return t(hasSessions({ methods }) ? 'clusters.as' : 'clusters.asKubeconfig', { user });
}
