'use client';

import { Alert } from '@patternfly/react-core';
import Link from 'next/link';
import { useText } from '@/components/ui/text';
import { paths } from '@/lib/paths';

/** A clone is an order of its own and not a manifest of a VM: says so, and leads to where it is given. */
export function CloneNote({
  kind,
  cluster,
  namespace,
}: {
  kind: 'vm' | 'vmSnapshot';
  cluster: string;
  namespace: string;
}) {
  const t = useText();
  const from = kind === 'vm' ? 'vm' : 'snapshot';
  return (
    <Alert
      isInline
      variant="info"
      title={t(`disks.image.${kind}`)}
      actionLinks={
        <Link href={paths.cloneVm(cluster, { namespace, from })}>{t(`disks.image.${kind}Link`)}</Link>
      }
    >
      {t(`disks.image.${kind}Note`)}
    </Alert>
  );
}
