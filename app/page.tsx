import { cookies } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { LAST_CLUSTER_COOKIE } from '@/components/shell/last-cluster';
import { readInventory } from '@/lib/inventory/inventory';
import { paths } from '@/lib/paths';

/** The cluster that this browser used last; else the only one there is, or the choice. */
export default async function Home() {
  const clusters = await readInventory().listClusters();
  const [first] = clusters;
  if (!first) notFound();
  const last = (await cookies()).get(LAST_CLUSTER_COOKIE)?.value;
  const known = clusters.find(({ name }) => name === last);
  if (!known && clusters.length > 1) redirect(paths.clusters());
  redirect(paths.cluster((known ?? first).name));
}
