'use client';

import {
  Alert,
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  PageSection,
  Skeleton,
  Tab,
  Tabs,
  TabTitleText,
} from '@patternfly/react-core';
import { SearchIcon } from '@patternfly/react-icons';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useState } from 'react';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import type { Feed } from '@/lib/inventory/protocol';
import type { Ref } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import { vmFacts } from '@/lib/kinds/vm/facts';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { isForbidden } from '@/lib/live/live-state';
import { useObject } from '@/lib/live/use-live';
import { paths, VM_TABS, type VmTab } from '@/lib/paths';
import { PendingLine } from './configure/pending-line';
import type { EditTab } from './configure/vm-edit-tabs';
import styles from './vm.module.css';
import { VmActionsProvider } from './vm-actions';
import { VmEvents } from './vm-events';
import { VmBreadcrumb, VmHeader } from './vm-header';
import { VmOverview } from './vm-overview';

// Terminal, VNC and editor are the heavy parts; they come with their tabs.
const ConsoleTab = dynamic(() => import('@/components/console/console-tab').then((all) => all.ConsoleTab), {
  loading: () => <Skeleton height="24rem" />,
});
const VmEditTabs = dynamic(() => import('./configure/vm-edit-tabs').then((all) => all.VmEditTabs), {
  loading: () => <Skeleton height="24rem" />,
});
const DiagnoseTab = dynamic(() => import('./diagnose/diagnose-tab').then((all) => all.DiagnoseTab), {
  loading: () => <Skeleton height="16rem" />,
});

const SECTION_ID = 'vm-section';

/** What the server read for the first paint; the live socket takes over. */
export interface VmPageInitial {
  vm?: VirtualMachine | undefined;
  vmi?: VirtualMachineInstance | undefined;
}

/** The page of one VM: header, and the tab that the URL names. */
export function VmPage({ target, initial }: { target: Ref; initial: VmPageInitial }) {
  const { cluster, namespace, name } = target;
  const live = useObject<VirtualMachine>(cluster, RESOURCES.virtualMachines, namespace, name);
  const instance = useObject<VirtualMachineInstance>(
    cluster,
    RESOURCES.virtualMachineInstances,
    namespace,
    name,
  );
  const vm = live.object ?? (live.gone || isForbidden(live.feed) ? undefined : initial.vm);
  // Until both have come from the same source, the server's picture is the consistent one.
  const vmi = instance.gone || isForbidden(instance.feed) ? undefined : (instance.object ?? initial.vmi);
  return (
    <VmActionsProvider>
      {vm ? (
        <Shown target={target} vm={vm} vmi={vmi} gone={live.gone} isStale={live.feed.state === 'paused'} />
      ) : (
        <NotShown target={target} feed={live.feed} gone={live.gone} />
      )}
    </VmActionsProvider>
  );
}

function Shown({
  target,
  vm,
  vmi,
  gone,
  isStale,
}: {
  target: Ref;
  vm: VirtualMachine;
  vmi: VirtualMachineInstance | undefined;
  gone: boolean;
  isStale: boolean;
}) {
  const t = useText();
  const tab = useTab(target);
  const facts = vmFacts(vm, vmi);
  const stale = isStale ? 'portlight-stale' : undefined;
  const { name } = target;
  // What was begun in one of these tabs goes on while another shows.
  const [isEdited, setEdited] = useState(false);
  if (!isEdited && editTab(tab)) setEdited(true);
  // The address changes without asking the server: everything on the page is live already.
  const show = (next: VmTab) => window.history.pushState(null, '', paths.vm(target, next));

  return (
    <>
      <PageSection className={stale}>
        {gone && (
          <Alert
            isInline
            variant="warning"
            title={t('vm.page.goneTitle', { name })}
            className={styles.notice}
          >
            {t('vm.page.goneBody')} <ListLink target={target} />
          </Alert>
        )}
        <VmHeader target={target} vm={vm} vmi={vmi} facts={facts} gone={gone} onShow={show} />
        {vmi && !gone && tab !== 'configuration' && (
          <PendingLine vm={vm} vmi={vmi} onShow={() => show('configuration')} />
        )}
      </PageSection>
      <PageSection type="tabs">
        <Tabs activeKey={tab} usePageInsets component="nav" aria-label={t('vm.page.tabs')}>
          {VM_TABS.map((each) => (
            <Tab
              key={each}
              eventKey={each}
              tabContentId={SECTION_ID}
              href={paths.vm(target, each)}
              title={<TabTitleText>{t(`vm.page.tab.${each}`)}</TabTitleText>}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                show(each);
              }}
            />
          ))}
        </Tabs>
      </PageSection>
      <PageSection
        isFilled
        id={SECTION_ID}
        className={isOwnLayout(tab) ? styles.fill : stale}
        aria-label={t(`vm.page.tab.${tab}`)}
      >
        {tab === 'overview' && <VmOverview target={target} vm={vm} vmi={vmi} facts={facts} />}
        {tab === 'console' && <ConsoleTab {...target} />}
        {tab === 'events' && <VmEvents target={target} vmiUid={vmi?.metadata.uid} />}
        {tab === 'diagnose' && <DiagnoseTab target={target} facts={facts} />}
        {isEdited && (
          <VmEditTabs
            key={vm.metadata.uid}
            target={target}
            vm={vm}
            vmi={vmi}
            facts={facts}
            tab={editTab(tab)}
            isGone={gone}
          />
        )}
      </PageSection>
    </>
  );
}

function NotShown({ target, feed, gone }: { target: Ref; feed: Feed; gone: boolean }) {
  const t = useText();
  const { namespace, name } = target;
  const content = () => {
    if (feed.state === 'refused') {
      return <ErrorPanel error={feed.error} title={t('vm.page.refused', { name })} headingLevel="h1" />;
    }
    if (feed.state === 'paused') {
      return <ErrorPanel error={feed.error} title={t('vm.page.unreachable', { name })} headingLevel="h1" />;
    }
    if (!gone) return <Skeleton height="20rem" screenreaderText={t('common.loading')} />;
    return (
      <EmptyState titleText={t('vm.page.missingTitle', { name })} headingLevel="h1" icon={SearchIcon}>
        <EmptyStateBody>{t('vm.page.missingBody', { namespace })}</EmptyStateBody>
        <EmptyStateFooter>
          <EmptyStateActions>
            <ListLink target={target} />
          </EmptyStateActions>
        </EmptyStateFooter>
      </EmptyState>
    );
  };
  return (
    <PageSection isFilled aria-label={name}>
      <VmBreadcrumb target={target} />
      {content()}
    </PageSection>
  );
}

function ListLink({ target: { cluster, namespace } }: { target: Ref }) {
  const t = useText();
  return (
    <Button variant="link" isInline component={Link} href={paths.vms(cluster, { ns: namespace })}>
      {t('vm.page.toList', { namespace })}
    </Button>
  );
}

/** Console and editor fill the room and say by themselves when they are cut off. */
function isOwnLayout(tab: VmTab): boolean {
  return tab === 'console' || tab === 'yaml';
}

/** The tabs that look at the VM's edit. */
function editTab(tab: VmTab): EditTab | undefined {
  return tab === 'configuration' || tab === 'disks' || tab === 'networks' || tab === 'yaml' ? tab : undefined;
}

/** The tab that the address names. */
function useTab(target: Ref): VmTab {
  const pathname = usePathname();
  return VM_TABS.find((tab) => tab !== 'overview' && pathname === paths.vm(target, tab)) ?? 'overview';
}
