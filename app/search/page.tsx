import type { Metadata } from 'next';
import { AppFrame } from '@/components/shell/app-frame';
import { SearchPage } from '@/components/shell/search-page';
import { serverText } from '@/components/ui/server-text';
import { readInventory } from '@/lib/inventory/inventory';

export const metadata: Metadata = { title: serverText('search.page.title') };

export default async function Search() {
  const clusters = await readInventory().listClusters();
  return (
    <AppFrame clusters={clusters}>
      <SearchPage clusters={clusters} />
    </AppFrame>
  );
}
