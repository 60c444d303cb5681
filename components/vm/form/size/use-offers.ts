'use client';

import { useMemo } from 'react';
import type { Feed } from '@/lib/inventory/protocol';
import type { ApiErrorJson } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { isNamed, type Matcher, type SizeOffer, sizeOffer } from '@/lib/kinds/vm/form/instance-type';
import { type PreferenceOffer, preferenceOffer } from '@/lib/kinds/vm/form/preference';
import { useObjects } from '@/lib/live/use-live';

/** What there is to choose from in a namespace: its own objects and the cluster's. */
export interface Offers<T> {
  offers: readonly T[];
  isLoading: boolean;
  /** Why some or all of them are not known. */
  error: ApiErrorJson | undefined;
  find(matcher: Matcher): T | undefined;
}

/** The instance types that a VM in the namespace may have, live. */
export function useInstanceTypes(cluster: string, namespace: string): Offers<SizeOffer> {
  return useOffers(cluster, namespace, RESOURCES.clusterInstancetypes, RESOURCES.instancetypes, sizeOffer);
}

/** The preferences that a VM in the namespace may have, live. */
export function usePreferences(cluster: string, namespace: string): Offers<PreferenceOffer> {
  return useOffers(cluster, namespace, RESOURCES.clusterPreferences, RESOURCES.preferences, preferenceOffer);
}

function useOffers<T>(
  cluster: string,
  namespace: string,
  wide: Resource,
  own: Resource,
  made: (object: K8sObject) => T,
): Offers<T> {
  const ofCluster = useObjects(cluster, { resource: wide });
  const ofNamespace = useObjects(cluster, { resource: own, namespace });
  return useMemo(() => {
    const objects = [...ofNamespace.objects, ...ofCluster.objects];
    return {
      offers: objects.map(made),
      isLoading:
        objects.length === 0 && [ofCluster, ofNamespace].some(({ feed }) => feed.state === 'loading'),
      error: errorOf(ofCluster.feed) ?? errorOf(ofNamespace.feed),
      find: (matcher) => {
        const found = objects.find((object) => isNamed(matcher, object, object.kind === wide.kind));
        return found && made(found);
      },
    };
  }, [ofCluster, ofNamespace, wide, made]);
}

function errorOf(feed: Feed): ApiErrorJson | undefined {
  return feed.state === 'refused' || feed.state === 'paused' ? feed.error : undefined;
}
