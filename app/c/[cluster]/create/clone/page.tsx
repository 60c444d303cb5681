import type { Metadata } from 'next';
import { serverText } from '@/components/ui/server-text';
import { ClonePage } from '@/components/vm/create/kubevirt-clone/clone-page';
import type { CloneStart } from '@/lib/paths';

export const metadata: Metadata = { title: serverText('create.clone.title') };

export default async function CloneVmPage({
  params,
  searchParams,
}: {
  params: Promise<{ cluster: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const cluster = decodeURIComponent((await params).cluster);
  const query = await searchParams;
  const word = (name: string) => [query[name]].flat()[0] || undefined;
  const start: CloneStart = {
    namespace: word('namespace'),
    from: word('from') === 'snapshot' ? 'snapshot' : 'vm',
    source: word('source'),
    progress: word('progress'),
  };
  return <ClonePage key={JSON.stringify(start)} cluster={cluster} start={start} />;
}
