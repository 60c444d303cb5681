import type { ResourceType } from './resource-type';
import { CORE_RESOURCES } from './resources-core';
import { KUBEVIRT_RESOURCES } from './resources-kubevirt';
import { PLATFORM_RESOURCES } from './resources-platform';

/** Everything the API serves, in discovery order. To add a kind, add an entry to one of these tables. */
export const RESOURCES: readonly ResourceType[] = [
  ...CORE_RESOURCES,
  ...PLATFORM_RESOURCES,
  ...KUBEVIRT_RESOURCES,
];
