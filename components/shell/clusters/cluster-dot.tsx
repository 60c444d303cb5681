'use client';

import { useText } from '@/components/ui/text';
import type { ClusterReport } from '@/lib/inventory/cluster-report';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import styles from '../shell.module.css';

export type ReportState = ClusterReport['state'] | 'asking';

/** How a cluster does: what its files say comes before what it was heard to answer. */
export function reportState(cluster: ClusterInfo, report: ClusterReport | undefined): ReportState {
  if (cluster.problem) return 'broken';
  return report?.state ?? 'asking';
}

const DOTS = { answers: 'live', asking: 'connecting', silent: 'paused', broken: 'broken' } as const;

/** The dot beside a cluster's name; its word is for screen readers, and for the mouse. */
export function ClusterDot({ state }: { state: ReportState }) {
  const t = useText();
  const word = t(`clusters.state.${state}`);
  return (
    <>
      <span className={styles.clusterDot} data-state={DOTS[state]} title={word} aria-hidden="true" />
      <span className="pf-v6-screen-reader">{word} </span>
    </>
  );
}
