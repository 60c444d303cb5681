import { notFound, redirect } from 'next/navigation';
import { readInventory } from '@/lib/inventory/inventory';
import { paths } from '@/lib/paths';

/** The kubeconfig's current context comes first in the list of clusters. */
export default async function Home() {
  const [first] = await readInventory().listClusters();
  if (!first) notFound();
  redirect(paths.vms(first.name));
}
