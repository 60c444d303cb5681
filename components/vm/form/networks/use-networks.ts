'use client';

import { useMemo } from 'react';
import { useText } from '@/components/ui/text';
import { RESOURCES } from '@/lib/kinds/resources';
import type { ChoiceOption } from '../choice-options';
import { useNames } from '../use-names';

/** Stands for the pod network among the choices; no NetworkAttachmentDefinition can be called so. */
export const POD = '/pod';

/** Where multus looks for networks that every namespace may use. */
const SHARED = 'default';

/** The networks that a card may be plugged into: the pod's, those of the namespace, and the shared ones. */
export function useNetworks(cluster: string, namespace: string) {
  const t = useText();
  const own = useNames(cluster, RESOURCES.networkAttachmentDefinitions, namespace);
  const shared = useNames(cluster, RESOURCES.networkAttachmentDefinitions, SHARED);
  const options = useMemo<ChoiceOption[]>(
    () => [
      { value: POD, label: t('networks.pod'), description: t('networks.podHelp') },
      ...own.names.map((name) => ({
        value: name,
        label: name,
        group: t('networks.ofNamespace', { namespace }),
      })),
      ...(namespace === SHARED ? [] : shared.names).map((name) => ({
        value: `${SHARED}/${name}`,
        label: `${SHARED}/${name}`,
        group: t('networks.shared'),
      })),
    ],
    [t, own.names, shared.names, namespace],
  );
  return { options, isLoading: own.isLoading || shared.isLoading, error: own.error };
}
