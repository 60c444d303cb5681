import type { KubeObject } from './objects';
import type { ResourceView } from './resource-type';

/** core/v1 field → events.k8s.io/v1 field, for what only changes its name. */
const RENAMED = {
  involvedObject: 'regarding',
  message: 'note',
  reportingComponent: 'reportingController',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
};
const BACK = Object.fromEntries(Object.entries(RENAMED).map(([core, shown]) => [shown, core]));

function rename(object: KubeObject, names: Record<string, string>, apiVersion: string): KubeObject {
  const fields = Object.entries(object).map(([field, value]) => [names[field] ?? field, value]);
  return { ...(Object.fromEntries(fields) as KubeObject), apiVersion };
}

/** events.k8s.io serves the very objects of core/v1 under newer field names (pkg/apis/events/v1 conversion). */
export const eventsView: ResourceView = {
  of: 'events',
  show: (stored) => rename(stored, RENAMED, 'events.k8s.io/v1'),
  store: (shown) => rename(shown, BACK, 'v1'),
};
