import type { ApiCall, Reply } from './api-call';
import { ApiError, methodNotAllowed, notFound } from './errors';
import type { KubeObject } from './objects';
import type { Cluster } from './store';

/** Who answers at `/metrics`. */
export interface MetricsEndpoints {
  all(): Promise<{ text: string; contentType: string }>;
  /** Undefined when nothing listens in the pod at that port. */
  ofPod(pod: KubeObject, port: string): Promise<{ text: string; contentType: string } | undefined>;
}

/** `[scheme:]name[:port]`, as the API takes the names of what it passes requests on to. */
const TARGET = /^(?:(https?):)?([^:]+)(?::([^:]+))?$/;

/** Whether a call goes to what listens in a pod. */
export function isPodProxy({ type, request }: ApiCall): boolean {
  return type.id === 'pods' && request.subresource === 'proxy';
}

/**
 * Passes a request on to a pod. Containers hold no programs here, but some of KubeVirt's answer at `/metrics`.
 * @throws ApiError 404 without the pod, 503 when nothing listens there
 */
export async function podProxy(
  { request, type }: ApiCall,
  cluster: Pick<Cluster, 'get'>,
  endpoints: MetricsEndpoints | undefined,
): Promise<Reply> {
  const [, , name = '', port = ''] = TARGET.exec(request.name ?? '') ?? [];
  const pod = cluster.get('pods', request.namespace, name);
  if (!pod) throw notFound(type, name);
  if (request.verb !== 'get') throw methodNotAllowed(type, request.verb);
  const answer = await endpoints?.ofPod(pod, port);
  if (!answer) {
    const why = `error trying to reach service: dial tcp ${addressOf(pod)}:${port || '80'}: connect: connection refused`;
    throw new ApiError(503, 'ServiceUnavailable', why);
  }
  const path = request.rest?.slice('proxy/'.length) ?? '';
  if (path !== 'metrics') return { status: 404, body: '404 page not found\n' };
  return { status: 200, body: answer.text, contentType: answer.contentType };
}

function addressOf({ status }: KubeObject): string {
  return typeof status === 'object' && status !== null && 'podIP' in status ? String(status.podIP) : '';
}
