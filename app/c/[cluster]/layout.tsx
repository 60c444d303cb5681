import type { ReactNode } from 'react';
import { AppFrame } from '@/components/shell/app-frame';
import { UnknownCluster } from '@/components/shell/unknown-cluster';
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
  if (!clusters.some(({ name }) => name === cluster))
    return <UnknownCluster cluster={cluster} clusters={clusters} />;
  return (
    <AppFrame cluster={cluster} clusters={clusters}>
      {children}
    </AppFrame>
  );
}
