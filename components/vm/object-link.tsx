'use client';

import Link from 'next/link';
import { useParams } from 'next/navigation';
import type { Resource } from '@/lib/k8s/resource';
import { paths } from '@/lib/paths';

/** The name of an object of this page's cluster, which leads to its YAML. */
export function ObjectLink({
  resource,
  namespace,
  name,
}: {
  resource: Resource;
  namespace?: string | undefined;
  name: string;
}) {
  const { cluster } = useParams<{ cluster: string }>();
  const href = paths.object({ cluster: decodeURIComponent(cluster), resource, namespace, name });
  return <Link href={href}>{name}</Link>;
}
