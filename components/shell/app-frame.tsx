'use client';

import {
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadLogo,
  MastheadMain,
  MastheadToggle,
  Nav,
  NavItem,
  NavList,
  Page,
  PageSidebar,
  PageSidebarBody,
  PageToggleButton,
  SkipToContent,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from '@patternfly/react-core';
import { BarsIcon } from '@patternfly/react-icons';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { SessionLine } from '@/components/sign-in/session-line';
import { useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { useClusters } from '@/lib/live/use-clusters';
import { paths } from '@/lib/paths';
import { AllClustersMenu, ClusterMenu } from './cluster-menu';
import { LiveLine } from './live-line';
import { Logo } from './logo';
import { Palette } from './palette/palette';
import { placesOf } from './places';
import styles from './shell.module.css';
import { GlobalShortcuts } from './shortcuts/global-shortcuts';
import { TaskPanel } from './tasks/task-panel';
import { ThemeMenu } from './theme-menu';
import { UserMenu } from './user-menu';

const CONTENT_ID = 'content';

/** Masthead, navigation, the page, and the task panel along the bottom. */
export function AppFrame({
  cluster,
  clusters,
  children,
}: {
  /** Absent on pages about all clusters, which have no navigation. */
  cluster?: string;
  clusters: ClusterInfo[];
  children: ReactNode;
}) {
  const t = useText();
  const pathname = usePathname();
  const { clusters: known, refresh } = useClusters(clusters);
  const session = clusters.find(({ name }) => name === cluster);
  const home = cluster === undefined ? paths.clusters() : paths.cluster(cluster);

  const masthead = (
    <Masthead>
      <MastheadMain>
        {cluster !== undefined && (
          <MastheadToggle>
            <PageToggleButton variant="plain" aria-label={t('shell.toggleNavigation')}>
              <BarsIcon />
            </PageToggleButton>
          </MastheadToggle>
        )}
        <MastheadBrand>
          <MastheadLogo component={(props) => <Link {...props} href={home} />}>
            <span className={styles.brand}>
              <Logo />
              <span className={styles.productName}>{t('shell.product')}</span>
            </span>
          </MastheadLogo>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isStatic>
          <ToolbarContent>
            <ToolbarItem>
              {cluster === undefined ? (
                <AllClustersMenu clusters={known} onOpen={refresh} />
              ) : (
                <ClusterMenu cluster={cluster} clusters={known} onOpen={refresh} />
              )}
            </ToolbarItem>
            <ToolbarItem>
              <Palette cluster={cluster} clusters={known} onOpen={refresh} />
            </ToolbarItem>
            <ToolbarGroup align={{ default: 'alignEnd' }}>
              <ToolbarItem>
                <ThemeMenu />
              </ToolbarItem>
              {session && (
                <ToolbarItem>
                  <UserMenu session={session} />
                </ToolbarItem>
              )}
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );

  const sidebar = cluster !== undefined && (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label={t('shell.navigation')}>
          <NavList>
            {placesOf(cluster).map(({ href, label, icon, also }) => {
              const active = pathname === href || Boolean(also && pathname.startsWith(also));
              return (
                <NavItem key={href} isActive={active}>
                  <Link href={href} aria-current={active ? 'page' : undefined} className="pf-v6-c-nav__link">
                    <span className="pf-v6-c-nav__link-icon">{icon}</span>
                    <span className="pf-v6-c-nav__link-text">{t(label)}</span>
                  </Link>
                </NavItem>
              );
            })}
          </NavList>
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );

  return (
    <Page
      masthead={masthead}
      sidebar={sidebar || undefined}
      isManagedSidebar={cluster !== undefined}
      isContentFilled
      mainContainerId={CONTENT_ID}
      skipToContent={<SkipToContent href={`#${CONTENT_ID}`}>{t('shell.skipToContent')}</SkipToContent>}
      banner={
        <>
          {session && <SessionLine session={session} />}
          {cluster !== undefined && <LiveLine cluster={cluster} />}
        </>
      }
    >
      <div className={styles.content}>{children}</div>
      <TaskPanel cluster={cluster} clusters={known} />
      <GlobalShortcuts cluster={cluster} />
    </Page>
  );
}
