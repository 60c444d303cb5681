'use client';

import { Skeleton } from '@patternfly/react-core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import { useFromNow } from '@/components/ui/use-now';
import type { Feed } from '@/lib/inventory/protocol';
import {
  componentTroubles,
  isStuck,
  type Migration,
  migrationPhaseSince,
  nodeTroubles,
  type PlatformObject,
  type Trouble,
} from '@/lib/kinds/platform/trouble';
import type { Node } from '@/lib/kinds/pod';
import { RESOURCES } from '@/lib/kinds/resources';
import { DEFAULT_VM_QUERY, type VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import { vmStatus } from '@/lib/kinds/vm/status';
import { isForbidden } from '@/lib/live/live-state';
import { useObjects, useVmWindow } from '@/lib/live/use-live';
import { paths } from '@/lib/paths';
import { formatAge } from '@/lib/time';
import styles from './overview.module.css';
import { OverviewCard } from './overview-card';

const SHOWN = 5;
/** Migrations that are looked at: KubeVirt runs five at a time unless told otherwise. */
const MIGRATING = 20;

/** What is wrong, worst first, each with its cause in a sentence; or that nothing is. */
export function AttentionCard({
  cluster,
  known,
  nodes,
  nodesFeed,
  kubevirts,
}: {
  cluster: string;
  known: string[];
  nodes: Node[];
  nodesFeed: Feed;
  kubevirts: { objects: PlatformObject[]; feed: Feed };
}) {
  const t = useText();
  const errors = useVms(cluster, 'status:danger', known);
  const warnings = useVms(cluster, 'status:warning', known);
  const waiting = useVms(cluster, 'status:WaitingForVolumeBinding', known);
  const stuck = useStuckMigrations(cluster, known);
  const cdis = useObjects<PlatformObject>(cluster, { resource: RESOURCES.cdis });
  const converged = useObjects<PlatformObject>(cluster, { resource: RESOURCES.hyperConvergeds });

  const components = [...kubevirts.objects, ...cdis.objects, ...converged.objects].flatMap((object) =>
    componentTroubles(object).map((trouble) => ({ object, trouble })),
  );
  const troubledNodes = nodes.flatMap((node) => nodeTroubles(node).map((trouble) => ({ node, trouble })));
  const found =
    errors.total + warnings.total + waiting.total + stuck.length + components.length + troubledNodes.length;
  const feeds = [errors.feed, nodesFeed, kubevirts.feed, cdis.feed, converged.feed];
  const isLoading = feeds.some(({ state }) => state === 'loading');
  const isPart = [nodesFeed, kubevirts.feed].some(isForbidden);

  return (
    <OverviewCard title={t('overview.attention.title')} isStale={errors.feed.state === 'paused'}>
      {found === 0 && isLoading && <Skeleton height="4rem" screenreaderText={t('common.loading')} />}
      {found === 0 && !isLoading && (
        <p>{isPart ? t('overview.attention.noneSeen') : t('overview.attention.none')}</p>
      )}
      {(components.length > 0 || troubledNodes.length > 0) && (
        <ul className={styles.list} aria-label={t('overview.attention.list')}>
          {components.map(({ object, trouble }) => (
            <TroubleItem
              key={object.metadata.uid}
              trouble={trouble}
              kind={object.kind}
              what={<strong>{object.metadata.name}</strong>}
            />
          ))}
          {troubledNodes.map(({ node, trouble }) => (
            <TroubleItem
              key={`${node.metadata.uid} ${trouble.sentence.key}`}
              trouble={trouble}
              kind={t('overview.attention.node')}
              what={
                <Link href={paths.vms(cluster, { q: `node:${node.metadata.name}` })} prefetch={false}>
                  {node.metadata.name}
                </Link>
              }
            />
          ))}
        </ul>
      )}
      <VmList cluster={cluster} list={errors} title="overview.attention.errors" q="status:danger" />
      <VmList cluster={cluster} list={warnings} title="overview.attention.warnings" q="status:warning" />
      <VmList
        cluster={cluster}
        list={waiting}
        title="overview.attention.waiting"
        q="status:WaitingForVolumeBinding"
      />
      {stuck.length > 0 && (
        <ul className={styles.list}>
          {stuck.map((migration) => (
            <StuckItem key={migration.metadata.uid} cluster={cluster} migration={migration} />
          ))}
        </ul>
      )}
      {isPart && <p className={styles.subtle}>{t('overview.attention.notSeen')}</p>}
    </OverviewCard>
  );
}

interface VmsState {
  rows: VmRow[];
  total: number;
  feed: Feed;
}

function useVms(cluster: string, text: string, known: string[], count = SHOWN): VmsState {
  const query: VmQuery = { ...DEFAULT_VM_QUERY, text, sort: { column: 'status', descending: false } };
  const { rows, total, feed } = useVmWindow(cluster, query, { from: 0, count }, { known });
  return isForbidden(feed) ? { rows: [], total: 0, feed } : { rows, total, feed };
}

/** Migrations of the VMs that migrate now, as far as they take too long. */
function useStuckMigrations(cluster: string, known: string[]): Migration[] {
  const { rows } = useVms(cluster, 'status:Migrating', known, MIGRATING);
  const names = rows.map(({ name }) => name).sort();
  // Without names nothing is asked for: a label's value cannot be empty and set.
  const labelSelector = `kubevirt.io/vmi-name in (${names.join(',') || 'none-migrates'})`;
  const { objects } = useObjects<Migration>(cluster, { resource: RESOURCES.migrations, labelSelector });
  const stuck = useFromNow((now) =>
    objects
      .filter((migration) => isStuck(migration, now))
      .map(({ metadata }) => metadata.uid)
      .join(),
  );
  return objects.filter(({ metadata }) => stuck.split(',').includes(metadata.uid));
}

function VmList({
  cluster,
  list: { rows, total },
  title,
  q,
}: {
  cluster: string;
  list: VmsState;
  title: 'overview.attention.errors' | 'overview.attention.warnings' | 'overview.attention.waiting';
  q: string;
}) {
  const t = useText();
  if (total === 0) return null;
  const more = total - rows.length;
  return (
    <>
      <h3 className={styles.group}>
        <Link href={paths.vms(cluster, { q })} prefetch={false}>
          {t(title, { count: total })}
        </Link>
      </h3>
      <ul className={styles.list} aria-label={t(title, { count: total })}>
        {rows.map((row) => (
          <VmItem key={row.uid} cluster={cluster} row={row} />
        ))}
      </ul>
      {more > 0 && <p className={styles.subtle}>{t('overview.more', { count: more })}</p>}
    </>
  );
}

function VmItem({ cluster, row }: { cluster: string; row: VmRow }) {
  const t = useText();
  const { tone, text, detail } = vmStatus(row.facts, row.reason);
  return (
    <li className={styles.item}>
      <StatusLabel tone={tone}>{t(text)}</StatusLabel>
      <div className={styles.what}>
        <Link href={paths.vm({ cluster, namespace: row.namespace, name: row.name })} prefetch={false}>
          {row.name}
        </Link>{' '}
        <span className={styles.subtle}>{row.namespace}</span>
        {detail && <div>{t(detail)}</div>}
      </div>
    </li>
  );
}

function TroubleItem({ trouble, kind, what }: { trouble: Trouble; kind: string; what: ReactNode }) {
  const t = useText();
  return (
    <li className={styles.item}>
      <StatusLabel tone={trouble.tone}>{kind}</StatusLabel>
      <div className={styles.what}>
        {what}: {t(trouble.sentence)}
        {trouble.words && <div className={styles.subtle}>{trouble.words}</div>}
      </div>
    </li>
  );
}

function StuckItem({ cluster, migration }: { cluster: string; migration: Migration }) {
  const t = useText();
  const { metadata, spec, status } = migration;
  const age = useFromNow((now) => formatAge(migrationPhaseSince(migration), now));
  const name = spec?.vmiName ?? metadata.name;
  return (
    <li className={styles.item}>
      <StatusLabel tone="warning">{t('vm.status.Migrating')}</StatusLabel>
      <div className={styles.what}>
        <Link href={paths.vm({ cluster, namespace: metadata.namespace ?? '', name })} prefetch={false}>
          {name}
        </Link>{' '}
        <span className={styles.subtle}>{metadata.namespace}</span>
        <div suppressHydrationWarning>
          {t('overview.attention.stuck', { phase: status?.phase ?? 'Pending', age })}
        </div>
      </div>
    </li>
  );
}
