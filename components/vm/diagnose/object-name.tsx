'use client';

import { useText } from '@/components/ui/text';
import type { ObjectLink } from '@/lib/kinds/vm/diagnose/finding';

/** An object by kind and name. */
export function ObjectName({ object }: { object: ObjectLink }) {
  const t = useText();
  return <span>{t('diagnose.object', { kind: object.resource.kind, name: object.name })}</span>;
}
