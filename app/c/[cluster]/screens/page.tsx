import type { Metadata } from 'next';
import { serverText } from '@/components/ui/server-text';
import { ScreensPage } from '@/components/vm/screens/screens-page';
import { readInventory } from '@/lib/inventory/inventory';

export const metadata: Metadata = { title: serverText('screens.title') };

export default async function Page({ params }: { params: Promise<{ cluster: string }> }) {
  const cluster = decodeURIComponent((await params).cluster);
  const clusters = await readInventory().listClusters();
  const user = clusters.find(({ name }) => name === cluster)?.user ?? '';
  return <ScreensPage cluster={cluster} user={user} />;
}
