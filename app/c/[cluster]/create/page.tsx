import type { Metadata } from 'next';
import { serverText } from '@/components/ui/server-text';
import { CreateVmPage } from '@/components/vm/create/create-vm-page';

export const metadata: Metadata = { title: serverText('create.title') };

export default async function CreatePage({
  params,
  searchParams,
}: {
  params: Promise<{ cluster: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const cluster = decodeURIComponent((await params).cluster);
  const query = await searchParams;
  const word = (name: string) => [query[name]].flat()[0];
  const start = {
    namespace: word('namespace'),
    example: word('example'),
    template: word('template'),
    clone: word('clone'),
  };
  // Another start is another form; a step of the same one is not.
  return <CreateVmPage key={JSON.stringify(start)} cluster={cluster} start={start} />;
}
