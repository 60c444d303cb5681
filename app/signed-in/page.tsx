import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { SignedIn } from '@/components/sign-in/signed-in';
import { serverText } from '@/components/ui/server-text';
import { readInventory } from '@/lib/inventory/inventory';

export const metadata: Metadata = { title: serverText('signIn.pageTitle') };

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<{ cluster?: string | string[] }>;
}) {
  const { cluster } = await searchParams;
  const clusters = await readInventory().listClusters();
  const known = clusters.find(({ name, signedIn }) => signedIn && name === cluster);
  if (!known) notFound();
  return <SignedIn cluster={known.name} />;
}
