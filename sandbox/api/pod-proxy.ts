import type { ApiCall, Reply } from './api-call';
import { ApiError, notFound } from './errors';
import type { KubeObject } from './objects';
import type { PodRuntime } from './pod-streams';
import { at, list } from './print-values';
import { passOn } from './proxied-request';
import type { Cluster } from './store';

/** Who answers at `/metrics`. */
export interface MetricsEndpoints {
  all(): Promise<{ text: string; contentType: string }>;
  /** Undefined when nothing listens in the pod at that port. */
  ofPod(pod: KubeObject, port: string): Promise<{ text: string; contentType: string } | undefined>;
}

const HTTP_PORT = 80;
/** `[scheme:]name[:port]`, as the API takes the names of what it passes requests on to. */
const TARGET = /^(?:(https?):)?([^:]+)(?::([^:]+))?$/;

/** Whether a call goes to what listens in a pod, or in one behind a service. */
export function isProxied({ type, request }: ApiCall): boolean {
  return (type.id === 'pods' || type.id === 'services') && request.subresource === 'proxy';
}

/**
 * Passes a request on to a pod, or to one that is ready behind a service. Containers hold no programs here, but guests
 * do, and some of KubeVirt's pods answer at `/metrics`.
 * @throws ApiError 404 without the object, 503 when nobody listens there
 */
export async function proxied(
  call: ApiCall,
  cluster: Pick<Cluster, 'get'>,
  { exposition, podRuntime }: { exposition?: MetricsEndpoints; podRuntime?: PodRuntime },
): Promise<Reply> {
  const { request, type } = call;
  const [, , name = '', port = ''] = TARGET.exec(request.name ?? '') ?? [];
  const object = cluster.get(type.id, request.namespace, name);
  if (!object) throw notFound(type, name);
  const target =
    type.id === 'services' ? backendOf(cluster, object, port) : { pod: object, port: portOf(object, port) };
  if (!target) {
    const why = `no endpoints available for service ${JSON.stringify(request.name)}`;
    throw new ApiError(503, 'ServiceUnavailable', why);
  }
  const metrics =
    request.verb === 'get' ? await exposition?.ofPod(target.pod, String(target.port)) : undefined;
  if (metrics) {
    const path = request.rest?.slice('proxy/'.length) ?? '';
    if (path !== 'metrics') return { status: 404, body: '404 page not found\n' };
    return { status: 200, body: metrics.text, contentType: metrics.contentType };
  }
  const stream = podRuntime?.listens(target.pod)
    ? await podRuntime.dial(target.pod, target.port).catch(() => undefined)
    : undefined;
  if (stream) return passOn(call, stream);
  const address = `${addressOf(target.pod)}:${target.port}`;
  const why = `error trying to reach service: dial tcp ${address}: connect: connection refused`;
  throw new ApiError(503, 'ServiceUnavailable', why);
}

/** The port that a name or number stands for in a pod; without one it is the first that the pod names, or 80. */
function portOf(pod: KubeObject, port: string): number {
  if (/^\d+$/.test(port)) return Number(port);
  const named = list(at(pod, 'spec', 'containers')).flatMap((container) => list(at(container, 'ports')));
  const found = port ? named.find((one) => at(one, 'name') === port) : named[0];
  return Number(at(found, 'containerPort') ?? HTTP_PORT);
}

/** The first pod that is ready behind a service, and its port there. */
function backendOf(
  cluster: Pick<Cluster, 'get'>,
  service: KubeObject,
  wanted: string,
): { pod: KubeObject; port: number } | undefined {
  const { namespace, name } = service.metadata;
  const ports = list(at(service, 'spec', 'ports'));
  const port = wanted
    ? ports.find((one) => at(one, 'name') === wanted || String(at(one, 'port')) === wanted)
    : ports[0];
  const label = at(port, 'name') ?? '';
  for (const subset of list(at(cluster.get('endpoints', namespace, name), 'subsets'))) {
    const number = list(at(subset, 'ports')).find((one) => (at(one, 'name') ?? '') === label);
    for (const address of port && number ? list(at(subset, 'addresses')) : []) {
      const pod = cluster.get('pods', namespace, String(at(address, 'targetRef', 'name')));
      if (pod) return { pod, port: Number(at(number, 'port')) };
    }
  }
  return undefined;
}

function addressOf(pod: KubeObject): string {
  return String(at(pod, 'status', 'podIP') ?? '');
}
