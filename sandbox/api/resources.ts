import type { ResourceType } from './resource-type';
import { CDI_RESOURCES } from './resources-cdi';
import { CORE_RESOURCES } from './resources-core';
import { KUBEVIRT_RESOURCES } from './resources-kubevirt';
import { METRICS_RESOURCES } from './resources-metrics';
import { NEIGHBOUR_RESOURCES } from './resources-neighbours';
import { PLATFORM_RESOURCES } from './resources-platform';
import { RECORD_RESOURCES } from './resources-records';
import { VIRT_RESOURCES } from './resources-virt';
import { WORKLOAD_RESOURCES } from './resources-workloads';

/** Everything the API serves, in discovery order. To add a kind, add an entry to one of these tables. */
export const RESOURCES: readonly ResourceType[] = [
  ...CORE_RESOURCES,
  ...PLATFORM_RESOURCES,
  ...WORKLOAD_RESOURCES,
  ...RECORD_RESOURCES,
  ...KUBEVIRT_RESOURCES,
  ...VIRT_RESOURCES,
  ...CDI_RESOURCES,
  ...NEIGHBOUR_RESOURCES,
  ...METRICS_RESOURCES,
];
