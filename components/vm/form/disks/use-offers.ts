'use client';

import { useMemo } from 'react';
import { useText } from '@/components/ui/text';
import type { Feed } from '@/lib/inventory/protocol';
import type { K8sObject } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import {
  type ClassOffer,
  classOffers,
  type DataSourceOffer,
  dataSourceOffer,
  imagesInOrder,
} from '@/lib/kinds/vm/form/storage-offers';
import { isForbidden } from '@/lib/live/live-state';
import { useObjects } from '@/lib/live/use-live';

/** A list for a chooser: what is known of it, and why it isn't known. */
export interface Offers<T> {
  offers: T[];
  isLoading: boolean;
  /** In words; the user may type a name. */
  error: string | undefined;
}

/** Why a list can't be shown: no right, no such kind, or the cluster does not answer. */
export function useListError(): (feed: Feed, kind: string) => string | undefined {
  const t = useText();
  return (feed, kind) => {
    if (feed.state === 'paused') return t('disks.list.unreachable', { kind });
    if (feed.state !== 'refused') return undefined;
    if (isForbidden(feed)) return t('disks.list.forbidden', { kind });
    return feed.error.code === 404 ? t('disks.list.missing', { kind }) : feed.error.message;
  };
}

/** Objects of one kind for a chooser. */
export function useOffers<T extends K8sObject = K8sObject>(
  cluster: string,
  resource: Resource,
  namespace?: string,
): Offers<T> {
  const say = useListError();
  const { objects, feed } = useObjects<T>(cluster, { resource, ...(namespace ? { namespace } : {}) });
  return { offers: objects, isLoading: feed.state === 'loading', error: say(feed, resource.kind) };
}

export function useStorageClasses(cluster: string): Offers<ClassOffer> {
  const { offers, ...rest } = useOffers(cluster, RESOURCES.storageClasses);
  const classes = useMemo(() => classOffers(offers), [offers]);
  return { offers: classes, ...rest };
}

/** Where installations keep the images that everybody may clone, for those who may not list the whole cluster. */
const IMAGE_NAMESPACES = ['openshift-virtualization-os-images', 'kubevirt-os-images', 'boot-images'];

/** The cluster's images. Who may not list all of them sees those of the namespace and of the usual places. */
export function useImages(cluster: string, namespace: string): Offers<DataSourceOffer> {
  const say = useListError();
  const all = useObjects(cluster, { resource: RESOURCES.dataSources });
  const isNarrow = isForbidden(all.feed);
  const part = (wanted: string | undefined) => ({
    resource: RESOURCES.dataSources,
    ...(isNarrow && wanted ? { namespace: wanted } : {}),
  });
  const own = useObjects(cluster, part(namespace));
  const first = useObjects(cluster, part(IMAGE_NAMESPACES[0]));
  const second = useObjects(cluster, part(IMAGE_NAMESPACES[1]));
  const third = useObjects(cluster, part(IMAGE_NAMESPACES[2]));
  const offers = useMemo(() => {
    const objects = isNarrow ? [own, first, second, third].flatMap((each) => each.objects) : all.objects;
    const once = new Map(objects.map((object) => [object.metadata.uid, object]));
    return imagesInOrder([...once.values()].map(dataSourceOffer), namespace);
  }, [isNarrow, own, first, second, third, all, namespace]);
  const parts = isNarrow ? [own, first, second, third] : [all];
  const hasSome = offers.length > 0;
  return {
    offers,
    isLoading: !hasSome && parts.some(({ feed }) => feed.state === 'loading'),
    // What may be seen of it is offered; only when that is nothing does the refusal count.
    error: hasSome ? undefined : say(all.feed, RESOURCES.dataSources.kind),
  };
}
