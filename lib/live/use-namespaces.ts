'use client';

import { useMemo } from 'react';
import { ACCESS, type Refusal } from '@/lib/kinds/abilities';
import { RESOURCES } from '@/lib/kinds/resources';
import { useRefusals } from './use-access';
import { useObjects } from './use-live';

const SUBSCRIPTION = { resource: RESOURCES.namespaces };
const NEEDED = [ACCESS.listNamespaces];

/** The cluster's namespaces by name, live; none, with the reason, for who may not list them (`edit` does not include it). */
export function useNamespaces(cluster: string): { names: string[]; refusal: Refusal | undefined } {
  const { objects } = useObjects(cluster, SUBSCRIPTION);
  const refusal = useRefusals(cluster, undefined, NEEDED).get(ACCESS.listNamespaces);
  const names = useMemo(() => objects.map(({ metadata }) => metadata.name).sort(), [objects]);
  return { names, refusal };
}
