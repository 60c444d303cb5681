'use client';

import Link from 'next/link';
import { useText } from '@/components/ui/text';
import type { ObjectLink } from '@/lib/kinds/vm/diagnose/finding';
import { paths } from '@/lib/paths';

/** An object by kind and name, leading to its own page. */
export function ObjectName({ cluster, object }: { cluster: string; object: ObjectLink }) {
  const t = useText();
  return (
    <Link href={paths.object({ cluster, ...object })} prefetch={false}>
      {t('diagnose.object', { kind: object.resource.kind, name: object.name })}
    </Link>
  );
}
