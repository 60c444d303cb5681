import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { UnknownCluster } from '@/components/shell/unknown-cluster';
import { SignInPage } from '@/components/sign-in/sign-in-page';
import { serverText } from '@/components/ui/server-text';
import { readInventory } from '@/lib/inventory/inventory';
import { paths } from '@/lib/paths';
import { returnPath } from '@/lib/session/return-path';
import { hasSessions, isBorrowed } from '@/lib/session/session';

export const metadata: Metadata = { title: serverText('signIn.pageTitle') };

interface Props {
  params: Promise<{ cluster: string }>;
  searchParams: Promise<{ return?: string | string[]; error?: string | string[] }>;
}

export default async function Page({ params, searchParams }: Props) {
  const name = decodeURIComponent((await params).cluster);
  const query = await searchParams;
  const wanted = returnPath(query.return);
  const returnTo = wanted === '/' ? paths.cluster(name) : wanted;
  const clusters = await readInventory().listClusters();
  const cluster = clusters.find((known) => known.name === name);
  if (!cluster) return <UnknownCluster cluster={name} clusters={clusters} />;
  if (!hasSessions(cluster) || (cluster.signedIn && !isBorrowed(cluster))) redirect(returnTo);
  const others = clusters.filter((other) => other.name !== name);
  return <SignInPage cluster={cluster} others={others} returnTo={returnTo} error={[query.error].flat()[0]} />;
}
