import type { ApiCall, Reply } from './api-call';
import { ApiError, notFound } from './errors';
import type { KubeObject } from './objects';
import { listReply, objectReply } from './presentation';
import { isSelected, parseSelection } from './reads';

/** What stands behind metrics.k8s.io. Both give objects of that API, made at the moment. */
export interface MetricsSource {
  /** What pods of a namespace, or of all, take; those without a measurement are missing. */
  pods(namespace?: string): KubeObject[];
  nodes(): KubeObject[];
}

/**
 * Answers get and list as metrics-server does: nothing is stored, lists have no version and no pages.
 * @throws ApiError 400, 404, 503 without anything that measures
 */
export function aggregatedMetrics(call: ApiCall, source: MetricsSource | undefined): Reply {
  const { request, type } = call;
  if (!source)
    throw new ApiError(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
  const all = type.plural === 'pods' ? source.pods(request.namespace) : source.nodes();
  if (request.verb === 'get') {
    const found = all.find(({ metadata }) => metadata.name === request.name);
    if (found) return objectReply(call, found);
    const name = request.namespace ? `${request.namespace}/${request.name}` : (request.name ?? '');
    throw notFound({ group: type.group, plural: type.kind.toLowerCase() }, name);
  }
  const selection = parseSelection(call);
  return listReply(
    call,
    all.filter((metrics) => isSelected(selection, type, metrics)),
    {},
  );
}
