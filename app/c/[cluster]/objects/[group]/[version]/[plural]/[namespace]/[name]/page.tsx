import type { Metadata } from 'next';
import { ObjectPage } from '@/components/objects/object-page';

interface Props {
  params: Promise<{
    cluster: string;
    group: string;
    version: string;
    plural: string;
    namespace: string;
    name: string;
  }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) };
}

export default async function AnyObjectPage({ params }: Props) {
  const { cluster, group, version, plural, namespace, name } = await params;
  return (
    <ObjectPage
      cluster={decodeURIComponent(cluster)}
      address={{
        group: decodeURIComponent(group),
        version: decodeURIComponent(version),
        plural: decodeURIComponent(plural),
      }}
      // No namespace is called so.
      namespace={namespace === '_' ? undefined : decodeURIComponent(namespace)}
      name={decodeURIComponent(name)}
    />
  );
}
