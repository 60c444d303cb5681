'use client';

import { Grid, GridItem, PageSection, Title } from '@patternfly/react-core';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { ErrorPanel } from '@/components/ui/error-panel';
import { type Say, useText } from '@/components/ui/text';
import type { Feed, VmGroups } from '@/lib/inventory/protocol';
import { cpuRatio, type KubeVirtSettings, nodeLoads } from '@/lib/kinds/platform/capacity';
import type { PlatformObject } from '@/lib/kinds/platform/trouble';
import type { Node } from '@/lib/kinds/pod';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmDimension, VmGroup } from '@/lib/kinds/vm/dimensions';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { useKnownNamespaces } from '@/lib/live/recent';
import { useTabSession } from '@/lib/live/sessions';
import { useObjects, useVmGroups } from '@/lib/live/use-live';
import { paths } from '@/lib/paths';
import { AttentionCard } from './attention-card';
import { CapacityCard } from './capacity-card';
import { ConsumersCard } from './consumers-card';
import { EventsCard } from './events-card';
import { NodesCard } from './nodes-card';
import styles from './overview.module.css';
import { StatusCard } from './status-card';
import { TasksCard } from './tasks-card';
import { type NodeMetricsState, useNodeMetrics } from './use-node-metrics';

const FirstVm = dynamic(() => import('./first-vm').then(({ FirstVm: found }) => found));

const BY_STATUS: VmDimension[] = ['status'];
const BY_NODE: VmDimension[] = ['node'];
const MAX_NODES = 1000;

/** How a cluster does: what needs attention, how many VMs do what, what is left, who takes most. Live. */
export function Overview({
  cluster,
  user,
  initial,
}: {
  cluster: string;
  /** Who was signed in when the page was rendered. */
  user: string;
  /** What the server counted for the page's HTML. */
  initial: { groups?: VmGroups | undefined; feed: Feed };
}) {
  const t = useText();
  const { known } = useKnownNamespaces(cluster, useTabSession(cluster)?.session.user ?? user);
  const counted = useVmGroups(cluster, DEFAULT_VM_QUERY, BY_STATUS, {
    known,
    ...(initial.groups ? { initial: initial.groups } : {}),
  });
  const { groups } = counted;
  const feed = counted.feed.state === 'loading' && initial.groups ? initial.feed : counted.feed;
  const byNode = useVmGroups(cluster, DEFAULT_VM_QUERY, BY_NODE, { known, limit: MAX_NODES }).groups;
  const nodes = useObjects<Node>(cluster, { resource: RESOURCES.nodes });
  const kubevirts = useObjects<PlatformObject & KubeVirtSettings>(cluster, { resource: RESOURCES.kubevirts });
  const metrics = useNodeMetrics(cluster, feed.state === 'live');
  const ratio = cpuRatio(kubevirts.objects[0]);
  const measured = metrics.state === 'measured' ? metrics.nodes : undefined;
  const loads = nodeLoads(nodes.objects, byNode?.groups.node?.groups ?? [], measured, ratio);
  const only = feed.state === 'live' ? feed.only : undefined;
  const isStale = feed.state === 'paused';
  const isEmpty = groups?.all.total === 0 && feed.state === 'live';

  return (
    <>
      <PageSection>
        <Title headingLevel="h1">{t('overview.title')}</Title>
        {only && (
          <p className={styles.scope} role="note">
            {t('overview.only', { count: only.namespaces.length, names: only.namespaces.join(', ') })}
          </p>
        )}
      </PageSection>
      <PageSection isFilled aria-label={t('overview.title')}>
        <Grid hasGutter>
          {feed.state === 'refused' && (
            <GridItem>
              <ErrorPanel error={feed.error} title={t('overview.refused')} hint={t('overview.refusedHint')} />
              <Link href={paths.vms(cluster)} prefetch={false}>
                {t('overview.nameNamespaces')}
              </Link>
            </GridItem>
          )}
          {feed.state === 'paused' && !groups && (
            <GridItem>
              <ErrorPanel error={feed.error} title={t('overview.unreachable')} />
            </GridItem>
          )}
          {isEmpty && (
            <GridItem>
              <FirstVm cluster={cluster} />
            </GridItem>
          )}
          <GridItem lg={7}>
            <AttentionCard
              cluster={cluster}
              known={known}
              nodes={nodes.objects}
              nodesFeed={nodes.feed}
              kubevirts={kubevirts}
            />
          </GridItem>
          {feed.state !== 'refused' && (
            <>
              <GridItem lg={5}>
                <StatusCard cluster={cluster} groups={groups} isStale={isStale} />
              </GridItem>
              <GridItem lg={5}>
                <CapacityCard
                  cluster={cluster}
                  all={groups?.all}
                  loads={loads}
                  nodesFeed={nodes.feed}
                  ratio={ratio}
                />
              </GridItem>
              <GridItem lg={7}>
                <ConsumersCard cluster={cluster} known={known} why={whyUnmeasured(t, metrics, groups?.all)} />
              </GridItem>
            </>
          )}
          <GridItem>
            <NodesCard cluster={cluster} loads={loads} feed={nodes.feed} />
          </GridItem>
          <GridItem lg={6}>
            <TasksCard cluster={cluster} />
          </GridItem>
          <GridItem lg={6}>
            <EventsCard cluster={cluster} />
          </GridItem>
        </Grid>
      </PageSection>
    </>
  );
}

/** Why there is nothing to rank. */
function whyUnmeasured(t: Say, { state }: NodeMetricsState, all: VmGroup | undefined): string {
  if (state === 'absent' || state === 'failing') return t(`overview.metrics.${state}`);
  if (all?.running === 0) return t('overview.metrics.idle');
  // Who may not read usage of nodes may still read that of their own namespaces' pods.
  return t('overview.metrics.soon');
}
