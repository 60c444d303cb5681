import type { Metadata } from 'next';
import { Overview } from '@/components/overview/overview-page';
import { serverText } from '@/components/ui/server-text';
import { readInventory } from '@/lib/inventory/inventory';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';

export const metadata: Metadata = { title: serverText('overview.title') };

export default async function ClusterPage({ params }: { params: Promise<{ cluster: string }> }) {
  const cluster = decodeURIComponent((await params).cluster);
  const inventory = readInventory();
  const [clusters, initial] = await Promise.all([
    inventory.listClusters(),
    inventory.firstVmGroups(cluster, { query: DEFAULT_VM_QUERY, by: ['status'] }),
  ]);
  const user = clusters.find(({ name }) => name === cluster)?.user ?? '';
  return <Overview cluster={cluster} user={user} initial={initial} />;
}
