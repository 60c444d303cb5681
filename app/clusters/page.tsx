import type { Metadata } from 'next';
import { AppFrame } from '@/components/shell/app-frame';
import { ClustersPage } from '@/components/shell/clusters/clusters-page';
import { serverText } from '@/components/ui/server-text';
import { readInventory } from '@/lib/inventory/inventory';

export const metadata: Metadata = { title: serverText('clusters.title') };

export default async function Clusters() {
  const clusters = await readInventory().listClusters();
  return (
    <AppFrame clusters={clusters}>
      <ClustersPage clusters={clusters} />
    </AppFrame>
  );
}
