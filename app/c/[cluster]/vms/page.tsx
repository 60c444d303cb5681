import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { serverText } from '@/components/ui/server-text';
import { LIST_COOKIE, parseListSettings } from '@/components/vm/list/list-settings';
import { VmList } from '@/components/vm/vm-list';
import { readInventory } from '@/lib/inventory/inventory';
import { parseVmQuery, type SearchParams } from '@/lib/kinds/vm/query';

export const metadata: Metadata = { title: serverText('vm.list.title') };

export default async function VmsPage({
  params,
  searchParams,
}: {
  params: Promise<{ cluster: string }>;
  searchParams: Promise<SearchParams>;
}) {
  const cluster = decodeURIComponent((await params).cluster);
  const query = parseVmQuery(await searchParams);
  const inventory = readInventory();
  const [clusters, initial] = await Promise.all([
    inventory.listClusters(),
    inventory.firstVmWindow(cluster, query),
  ]);
  const user = clusters.find(({ name }) => name === cluster)?.user ?? '';
  const settings = parseListSettings((await cookies()).get(LIST_COOKIE)?.value);
  return <VmList cluster={cluster} user={user} initial={initial} settings={settings} />;
}
