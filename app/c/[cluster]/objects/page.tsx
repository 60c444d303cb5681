import type { Metadata } from 'next';
import { KindsPage } from '@/components/objects/kinds-page';
import { serverText } from '@/components/ui/server-text';

export const metadata: Metadata = { title: serverText('objects.title') };

export default async function ObjectsPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <KindsPage cluster={decodeURIComponent((await params).cluster)} />;
}
