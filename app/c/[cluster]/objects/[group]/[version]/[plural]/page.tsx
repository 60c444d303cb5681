import type { Metadata } from 'next';
import { ListPage } from '@/components/objects/list-page';

interface Props {
  params: Promise<{ cluster: string; group: string; version: string; plural: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).plural) };
}

export default async function ObjectListPage({ params }: Props) {
  const { cluster, group, version, plural } = await params;
  const address = {
    group: decodeURIComponent(group),
    version: decodeURIComponent(version),
    plural: decodeURIComponent(plural),
  };
  return (
    <ListPage key={Object.values(address).join()} cluster={decodeURIComponent(cluster)} address={address} />
  );
}
