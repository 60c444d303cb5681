import { type ResourceType, resourceType } from './resource-type';
import { REVIEWS } from './reviews';

/** The questions that are posted and kept nowhere, as resources. */
export const REVIEW_TYPES: readonly ResourceType[] = REVIEWS.map(
  ({ group, version, plural, kind, namespaced }) =>
    resourceType({ group, version, plural, kind, namespaced, verbs: ['create'] }),
);
