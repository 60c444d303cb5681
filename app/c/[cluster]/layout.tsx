import type { ReactNode } from 'react';
import { AppFrame } from '@/components/shell/app-frame';
import { UnknownCluster } from '@/components/shell/unknown-cluster';
import { requireSession } from '@/components/sign-in/require-session';
import { readInventory } from '@/lib/inventory/inventory';

export default async function ClusterLayout({
  params,
  children,
}: {
  params: Promise<{ cluster: string }>;
  children: ReactNode;
}) {
  const cluster = decodeURIComponent((await params).cluster);
  const clusters = await readInventory().listClusters();
  const known = clusters.find(({ name }) => name === cluster);
  if (!known) return <UnknownCluster cluster={cluster} clusters={clusters} />;
  await requireSession(known);
  return (
    <AppFrame cluster={cluster} clusters={clusters}>
      {children}
    </AppFrame>
  );
}
