'use client';

import { useEffect, useMemo, useState } from 'react';
import type { Feed } from '@/lib/inventory/protocol';
import { discoveryOf } from '@/lib/k8s/discovery';
import type { K8sObject } from '@/lib/k8s/object';
import { apiVersionOf } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { isForbidden } from '@/lib/live/live-state';
import { useObjects } from '@/lib/live/use-live';
import { TEMPLATE_LABEL, type Template, templateOfConfigMap, templateOfKubeVirt } from './template';

const KIND = RESOURCES.virtualMachineTemplates;

/** Whether the cluster knows KubeVirt's own templates; undefined until it has said so. */
export function useServesTemplates(cluster: string): boolean | undefined {
  const [serves, setServes] = useState<boolean>();
  useEffect(() => {
    let current = true;
    discoveryOf(cluster)
      .find(apiVersionOf(KIND), KIND.kind)
      .then(
        ({ found }) => {
          if (current) setServes(found);
        },
        () => {
          // Whoever can't be asked serves none: templates as ConfigMaps still work.
          if (current) setServes(false);
        },
      );
    return () => {
      current = false;
    };
  }, [cluster]);
  return serves;
}

/** The templates that one may see: everywhere, or where that is forbidden those of one namespace. */
export function useTemplates(cluster: string, namespace: string): { templates: Template[]; feed: Feed } {
  const serves = useServesTemplates(cluster);
  const everywhere = useObjects(cluster, { resource: RESOURCES.configMaps, labelSelector: TEMPLATE_LABEL });
  const here = useObjects(cluster, {
    resource: RESOURCES.configMaps,
    labelSelector: TEMPLATE_LABEL,
    namespace,
  });
  const maps = isForbidden(everywhere.feed) ? here : everywhere;
  // A kind that is not served has no list; asking for it would be answered by an error for ever.
  const own = useObjects(cluster, serves ? { resource: KIND } : NOTHING);
  const templates = useMemo(() => {
    const found = [
      ...maps.objects.flatMap((each: K8sObject) => templateOfConfigMap(each) ?? []),
      ...(serves ? own.objects.flatMap((each) => templateOfKubeVirt(each) ?? []) : []),
    ];
    return found.sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
  }, [maps.objects, own.objects, serves]);
  return { templates, feed: maps.feed };
}

/** A list that is followed anyway, in place of one that there is none of. */
const NOTHING = { resource: RESOURCES.namespaces };
