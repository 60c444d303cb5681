'use client';

import { Button, Label, PageSection, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import Link from 'next/link';
import { useEffect } from 'react';
import { useText } from '@/components/ui/text';
import type { ClusterReport } from '@/lib/inventory/cluster-report';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { useClusterReports } from '@/lib/live/use-cluster-reports';
import { useClusters } from '@/lib/live/use-clusters';
import { paths } from '@/lib/paths';
import { whoIn } from '../cluster-menu';
import { ClusterDot, reportState } from './cluster-dot';
import styles from './clusters.module.css';
import { KubevirtVersion } from './kubevirt-version';
import { VmCounts } from './vm-counts';

/** All clusters of this console: how they do, who one is there, and what runs. */
export function ClustersPage({ clusters: initial }: { clusters: ClusterInfo[] }) {
  const t = useText();
  const { clusters, refresh } = useClusters(initial);
  useEffect(refresh, [refresh]);
  const reports = useClusterReports(true);
  return (
    <>
      <PageSection>
        <Title headingLevel="h1">{t('clusters.title')}</Title>
      </PageSection>
      <PageSection isFilled padding={{ default: 'noPadding' }} aria-label={t('clusters.title')}>
        <Table aria-label={t('clusters.title')} className={styles.table ?? ''}>
          <Thead>
            <Tr>
              <Th>{t('clusters.name')}</Th>
              <Th>{t('clusters.health')}</Th>
              <Th>{t('clusters.who')}</Th>
              <Th>{t('clusters.vms')}</Th>
              <Th>{t('clusters.versions')}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {clusters.map((cluster) => (
              <ClusterRow key={cluster.name} cluster={cluster} report={reports.get(cluster.name)} />
            ))}
          </Tbody>
        </Table>
      </PageSection>
    </>
  );
}

function ClusterRow({ cluster, report }: { cluster: ClusterInfo; report: ClusterReport | undefined }) {
  const t = useText();
  const { name, server, insecure, problem, signedIn } = cluster;
  const state = reportState(cluster, report);
  const words = problem ?? report?.words;
  return (
    <Tr>
      <Td dataLabel={t('clusters.name')}>
        <Link href={paths.cluster(name)} prefetch={false}>
          {name}
        </Link>
        <div className={styles.subtle}>{server}</div>
        {insecure && (
          <Label isCompact status="warning" variant="outline">
            {t('clusters.insecure')}
          </Label>
        )}
      </Td>
      <Td dataLabel={t('clusters.health')}>
        <div className={styles.health}>
          <ClusterDot state={state} />
          <span aria-hidden="true">{t(`clusters.state.${state}`)}</span>
        </div>
        {words && <div className={styles.subtle}>{words}</div>}
      </Td>
      <Td dataLabel={t('clusters.who')}>
        {signedIn || problem ? (
          whoIn(cluster, t) || t('clusters.unknown')
        ) : (
          <Button
            variant="secondary"
            size="sm"
            component={(props) => (
              <Link {...props} href={paths.signIn(name, paths.cluster(name))} prefetch={false} />
            )}
            aria-label={t('clusters.signInTo', { cluster: name })}
          >
            {t('clusters.signIn')}
          </Button>
        )}
      </Td>
      <Td dataLabel={t('clusters.vms')}>
        {signedIn && !problem ? <VmCounts cluster={name} user={cluster.user ?? ''} /> : t('clusters.unknown')}
      </Td>
      <Td dataLabel={t('clusters.versions')}>
        {report?.kubernetes && <div>{t('clusters.kubernetes', { version: report.kubernetes })}</div>}
        {signedIn && state === 'answers' && <KubevirtVersion cluster={name} />}
        {!report?.kubernetes && !(signedIn && state === 'answers') && t('clusters.unknown')}
      </Td>
    </Tr>
  );
}
