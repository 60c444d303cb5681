import { Readable } from 'node:stream';
import type { ApiCall } from './api-call';
import { ApiError, badRequest, invalid, type StatusCause } from './errors';
import type { KubeObject } from './objects';
import { at, list } from './print-values';
import { requireObject } from './reads';
import { isTrue } from './request-path';
import type { Cluster } from './store';

/** What of a container's log is wanted, as PodLogOptions says it. */
export interface PodLogOptions {
  container?: string;
  follow: boolean;
  timestamps: boolean;
  previous: boolean;
  tailLines?: number;
  limitBytes?: number;
  /** Only what was printed from this moment on, in milliseconds. */
  sinceMs?: number;
}

export type PodLog = (namespace: string, name: string, options: PodLogOptions) => Readable | undefined;

/**
 * `GET` of `pods/x/log`: checks as kube-apiserver and the kubelet do, then the text from `podLog`.
 * @throws ApiError 400, 404, 422, 500
 */
export function podLogText(cluster: Cluster, call: ApiCall, podLog: PodLog | undefined): Readable {
  const pod = requireObject(cluster, call);
  const { name, namespace = '' } = pod.metadata;
  const container = containerFor(pod, call.query.get('container'));
  const options = logOptions(call.query, cluster.now().getTime());
  // A pod that nobody has taken on has no log, which is no mistake.
  if (!at(pod, 'spec', 'nodeName')) return Readable.from([]);
  requireReachable(cluster, pod, container);
  requireStarted(pod, container, options.previous);
  const text = podLog?.(namespace, name, { ...options, container });
  if (!text) throw waiting(container, name, 'ContainerCreating');
  return text;
}

/** The container that a call is about; without a name the only one there is. @throws ApiError 400 */
export function containerFor(pod: KubeObject, named: string | null): string {
  const { name } = pod.metadata;
  const containers = names(pod, 'containers');
  const init = names(pod, 'initContainers');
  if (named) {
    if ([...containers, ...init].includes(named)) return named;
    throw badRequest(`container ${named} is not valid for pod ${name}`);
  }
  const [only, ...more] = containers;
  if (only !== undefined && more.length === 0) return only;
  const asked = `a container name must be specified for pod ${name}`;
  if (only === undefined) throw badRequest(asked);
  const others = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
  throw badRequest(`${asked}, choose one of: [${containers.join(' ')}]${others}`);
}

function names(pod: KubeObject, field: string): string[] {
  return list(at(pod, 'spec', field)).map((container) => String(at(container, 'name')));
}

function logOptions(query: URLSearchParams, now: number): PodLogOptions {
  const causes: StatusCause[] = [];
  const number = (field: string, least: number): number | undefined => {
    const text = query.get(field);
    if (text === null || text === '') return undefined;
    const value = Number(text);
    if (!Number.isInteger(value)) {
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    }
    if (value < least) {
      const rule = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0';
      causes.push({ reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${rule}`, field });
    }
    return value;
  };
  const tailLines = number('tailLines', 0);
  const limitBytes = number('limitBytes', 1);
  const sinceSeconds = number('sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (sinceSeconds !== undefined && sinceTime) {
    const message = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified';
    causes.push({ reason: 'FieldValueForbidden', message, field: '' });
  }
  if (causes.length > 0) throw invalid('PodLogOptions', '', '', causes);
  const since = sinceSeconds === undefined ? Date.parse(sinceTime ?? '') : now - sinceSeconds * 1000;
  return {
    follow: isTrue(query.get('follow')),
    timestamps: isTrue(query.get('timestamps')),
    previous: isTrue(query.get('previous')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(Number.isNaN(since) ? {} : { sinceMs: since }),
  };
}

/** The apiserver asks the kubelet, and a lost node does not answer. @throws ApiError 500 */
export function requireReachable(cluster: Cluster, pod: KubeObject, container: string): void {
  const node = cluster.get('nodes', undefined, String(at(pod, 'spec', 'nodeName')));
  const ready = list(at(node, 'status', 'conditions')).find((one) => at(one, 'type') === 'Ready');
  if (at(ready, 'status') !== 'Unknown') return;
  const address = list(at(node, 'status', 'addresses')).find((one) => at(one, 'type') === 'InternalIP');
  const host = `${at(address, 'address')}:10250`;
  const { namespace, name } = pod.metadata;
  const url = `https://${host}/containerLogs/${namespace}/${name}/${container}`;
  throw new ApiError(500, 'InternalError', `Get "${url}": dial tcp ${host}: connect: no route to host`);
}

function requireStarted(pod: KubeObject, container: string, previous: boolean): void {
  const { name } = pod.metadata;
  const status = statusOf(pod, container);
  if (previous) {
    if (at(status, 'lastState', 'terminated')) return;
    throw badRequest(
      `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} not found`,
    );
  }
  const reason = at(status, 'state', 'waiting', 'reason');
  if (!status || at(status, 'lastState', 'terminated')) return;
  if (reason === undefined) return;
  if (reason === 'ErrImagePull') throw waiting(container, name, "image can't be pulled");
  if (reason === 'ImagePullBackOff') throw waiting(container, name, 'trying and failing to pull image');
  throw waiting(container, name, String(reason));
}

function waiting(container: string, pod: string, why: string): ApiError {
  return badRequest(
    `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod)} is waiting to start: ${why}`,
  );
}

/** What the kubelet reports of a container. */
export function statusOf(pod: KubeObject, container: string): unknown {
  return [
    ...list(at(pod, 'status', 'containerStatuses')),
    ...list(at(pod, 'status', 'initContainerStatuses')),
  ].find((status) => at(status, 'name') === container);
}
