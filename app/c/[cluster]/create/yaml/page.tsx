import type { Metadata } from 'next';
import { CreateFromYaml } from '@/components/form/create/create-from-yaml';
import { serverText } from '@/components/ui/server-text';

export const metadata: Metadata = { title: serverText('yaml.create.title') };

export default async function CreateYamlPage({
  params,
  searchParams,
}: {
  params: Promise<{ cluster: string }>;
  searchParams: Promise<{ namespace?: string | string[]; example?: string | string[] }>;
}) {
  const cluster = decodeURIComponent((await params).cluster);
  const { namespace, example } = await searchParams;
  return <CreateFromYaml cluster={cluster} namespace={[namespace].flat()[0]} example={[example].flat()[0]} />;
}
