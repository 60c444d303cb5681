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
import { BarsIcon, KeyIcon, PlusCircleIcon, VirtualMachineIcon } from '@patternfly/react-icons';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { useText } from '@/components/ui/text';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { paths } from '@/lib/paths';
import { ClusterMenu } from './cluster-menu';
import { LiveLine } from './live-line';
import { Logo } from './logo';
import styles from './shell.module.css';
import { TaskPanel } from './task-panel';
import { ThemeMenu } from './theme-menu';

const CONTENT_ID = 'content';

/** Masthead, navigation, the page, and the task panel along the bottom. */
export function AppFrame({
  cluster,
  clusters,
  children,
}: {
  cluster: string;
  clusters: ClusterInfo[];
  children: ReactNode;
}) {
  const t = useText();
  const pathname = usePathname();
  const places = [
    {
      href: paths.vms(cluster),
      label: t('shell.virtualMachines'),
      icon: <VirtualMachineIcon />,
      also: `/c/${cluster}/ns/`,
    },
    {
      href: paths.createVm(cluster),
      label: t('shell.createFromYaml'),
      icon: <PlusCircleIcon />,
      also: undefined,
    },
    {
      href: paths.access(cluster),
      label: t('shell.access'),
      icon: <KeyIcon />,
      also: undefined,
    },
  ];

  const masthead = (
    <Masthead>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton variant="plain" aria-label={t('shell.toggleNavigation')}>
            <BarsIcon />
          </PageToggleButton>
        </MastheadToggle>
        <MastheadBrand>
          <MastheadLogo component={(props) => <Link {...props} href={paths.vms(cluster)} />}>
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
              <ClusterMenu cluster={cluster} clusters={clusters} />
            </ToolbarItem>
            <ToolbarGroup align={{ default: 'alignEnd' }}>
              <ToolbarItem>
                <ThemeMenu />
              </ToolbarItem>
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );

  const sidebar = (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label={t('shell.navigation')}>
          <NavList>
            {places.map(({ href, label, icon, also }) => {
              const active = pathname === href || Boolean(also && pathname.startsWith(also));
              return (
                <NavItem key={href} isActive={active}>
                  <Link href={href} aria-current={active ? 'page' : undefined} className="pf-v6-c-nav__link">
                    <span className="pf-v6-c-nav__link-icon">{icon}</span>
                    <span className="pf-v6-c-nav__link-text">{label}</span>
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
      sidebar={sidebar}
      isManagedSidebar
      isContentFilled
      mainContainerId={CONTENT_ID}
      skipToContent={<SkipToContent href={`#${CONTENT_ID}`}>{t('shell.skipToContent')}</SkipToContent>}
      banner={<LiveLine cluster={cluster} />}
    >
      <div className={styles.content}>{children}</div>
      <TaskPanel />
    </Page>
  );
}
