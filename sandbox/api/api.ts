import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Identities } from './access/identities';
import { openIdDocument } from './access/openid';
import type { ServiceAccountTokens } from './access/service-account-tokens';
import { answerTokenRequest } from './access/token-request';
import type { Admission, UserInfo } from './admission';
import { aggregatedMetrics, type MetricsSource } from './aggregated-metrics';
import type { ApiCall, Reply } from './api-call';
import type { Authenticator, ClientCertificate } from './authentication';
import type { Attributes, Authorize } from './authorization';
import { Discovery, type EphemeralResource } from './discovery';
import { badRequest, methodNotAllowed, notFound } from './errors';
import { bind, evict } from './eviction';
import { parseFieldSelector, pinnedName } from './field-selector';
import { SUBRESOURCE_GROUP } from './kubevirt-subresources';
import { OpenApiCalls } from './openapi-calls';
import { type PodLog, podLogText } from './pod-log-call';
import { isProxied, type MetricsEndpoints, proxied } from './pod-proxy';
import { isPodStream, type PodRuntime } from './pod-streams';
import { getObject, listObjects, requireObject } from './reads';
import { parseObjectBody } from './request-body';
import { parseResourcePath, type ResourceRequest } from './request-path';
import { type ResourceType, versionWarning } from './resource-type';
import { REVIEWS, type Reviews } from './reviews';
import { readScale, writeScale } from './scale';
import type { OpenApi } from './schema/openapi';
import type { Cluster } from './store';
import type { SubresourceServer } from './subresource';
import { notFoundPage, subresourceCall, subresourceReply } from './subresource-calls';
import { Writes } from './writes';

export interface ApiOptions {
  cluster: Cluster;
  authenticator: Authenticator;
  tokens: ServiceAccountTokens;
  authorize: Authorize;
  reviews: Reviews;
  admission?: Admission;
  openapi?: OpenApi;
  subresources?: SubresourceServer;
  podLog?: PodLog;
  /** What answers for metrics.k8s.io where its APIService is. */
  metrics?: MetricsSource;
  /** What `/metrics` says, of the whole cluster or at the port of one pod. */
  exposition?: MetricsEndpoints;
  /** What answers exec, attach, portforward and proxy of pods. */
  podRuntime?: PodRuntime;
}

export interface HttpRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** What the client showed of itself when it connected. */
  certificate?: ClientCertificate;
}

/** What a request comes to: a reply, a stream of text, or a watch that the transport has to run. */
export type Outcome = { reply: Reply } | { text: Readable } | { watch: ApiCall };

const GIT_VERSION = 'v1.34.2';
const VERSION = {
  major: '1',
  minor: '34',
  emulationMajor: '1',
  emulationMinor: '34',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '33',
  gitVersion: GIT_VERSION,
  gitCommit: '8cc511e399b929453cd98ae65b419c3cc227ec79',
  gitTreeState: 'clean',
  buildDate: '2025-11-11T19:03:24Z',
  goVersion: 'go1.24.9',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** The API server without its transport: who may, and what happens. */
export class Api {
  private readonly discovery: Discovery;
  private readonly writes: Writes;
  private readonly schemas: OpenApiCalls | undefined;
  private readonly identities: Identities;

  constructor(private readonly options: ApiOptions) {
    this.identities = new Identities(options.authenticator, options.authorize);
    this.discovery = new Discovery(options.cluster.registry, REVIEWS);
    this.schemas = options.openapi && new OpenApiCalls(options.openapi);
    this.writes = new Writes(options.cluster, options.admission);
  }

  /** @throws ApiError for everything that is refused. `warnings` collects texts for Warning headers. */
  async handle(request: HttpRequest, warnings: string[]): Promise<Outcome> {
    const user = await this.identities.identify(request);
    const parsed = parseResourcePath(request.method, request.path, request.query);
    if (!parsed) return { reply: await this.nonResource(request, user) };
    if (parsed.group === SUBRESOURCE_GROUP) return { reply: await this.subresource(request, parsed, user) };
    this.requireAccess(user, attributesOf(parsed, this.find(parsed), request.query));
    const review = REVIEWS.find((candidate) => isServed(candidate, parsed));
    if (review) {
      if (request.method !== 'POST') throw methodNotAllowed(review, parsed.verb);
      return { reply: await this.options.reviews.answer(review, { ...request, request: parsed, user }) };
    }
    const type = this.find(parsed);
    if (!type) return { reply: notFoundPage() };
    if (request.method === 'HEAD' && !type.custom) throw methodNotAllowed(type, 'head');
    const call: ApiCall = { ...request, request: parsed, type, user, warnings };
    const warning = versionWarning(type, parsed.version);
    if (warning !== undefined) warnings.push(warning);
    if (isProxied(call)) return { reply: await proxied(call, this.options.cluster, this.options) };
    return this.dispatch(call);
  }

  /**
   * The call that a WebSocket upgrade to subresources.kubevirt.io makes, or undefined for other paths.
   * @throws ApiError when authentication or authorization refuse it.
   */
  async subresourceUpgrade(request: HttpRequest) {
    const parsed = parseResourcePath(request.method, request.path, request.query);
    if (parsed?.group !== SUBRESOURCE_GROUP) return undefined;
    const user = await this.identities.identify(request);
    this.requireAccess(user, attributesOf(parsed, undefined, request.query));
    return this.toSubresource(request, parsed, user);
  }

  /** The call that an upgrade to a pod's exec, attach or portforward makes, or undefined for other paths. */
  async podUpgrade(request: HttpRequest): Promise<ApiCall | undefined> {
    const parsed = parseResourcePath(request.method, request.path, request.query);
    if (parsed?.group !== '' || parsed.resource !== 'pods' || !isPodStream(parsed.rest)) return undefined;
    const type = this.find(parsed);
    if (!type) return undefined;
    const user = await this.identities.identify(request);
    this.requireAccess(user, attributesOf(parsed, type, request.query));
    return { ...request, request: parsed, type, user, warnings: [] };
  }

  private requireAccess(user: UserInfo, attributes: Attributes): void {
    this.identities.requireAccess(user, attributes);
  }

  private find({ group, version, resource }: ResourceRequest): ResourceType | undefined {
    return this.options.cluster.registry.find(group, version, resource);
  }

  private dispatch(call: ApiCall): Outcome {
    const { cluster } = this.options;
    const { request, type } = call;
    if (request.name && type.namespaced && !request.namespace) return { reply: notFoundPage() };
    if (!type.namespaced && request.namespace) return { reply: notFoundPage() };
    if (request.subresource) return this.part(call);
    if (!type.verbs.some((verb) => verb === request.verb)) throw methodNotAllowed(type, request.verb);
    if (type.aggregatedBy) return { reply: aggregatedMetrics(call, this.options.metrics) };
    switch (request.verb) {
      case 'get':
        return { reply: getObject(cluster, call) };
      case 'list':
        return { reply: listObjects(cluster, call) };
      case 'watch':
        return { watch: call };
      case 'create':
        if (request.name) throw methodNotAllowed(type, request.verb);
        return { reply: this.writes.create(call) };
      case 'update':
        if (!request.name) throw methodNotAllowed(type, request.verb);
        return { reply: this.writes.replace(call) };
      case 'patch':
        if (!request.name) throw methodNotAllowed(type, request.verb);
        return { reply: this.writes.patch(call) };
      case 'delete':
        return { reply: this.writes.delete(call) };
      case 'deletecollection':
        return { reply: this.writes.deleteCollection(call) };
      default:
        throw methodNotAllowed(type, request.verb);
    }
  }

  /** Subresources of stored objects. */
  private part(call: ApiCall): Outcome {
    const { request, type } = call;
    if (type.id === 'pods' && request.rest === 'log' && request.verb === 'get')
      return { text: podLogText(this.options.cluster, call, this.options.podLog) };
    if (type.id === 'serviceaccounts' && request.rest === 'token') return { reply: this.token(call) };
    if (type.id === 'pods' && isPodStream(request.rest)) throw badRequest('Upgrade request required');
    if (type.id === 'pods' && request.verb === 'create') {
      if (request.rest === 'eviction') return { reply: evict(this.options.cluster, call) };
      if (request.rest === 'binding') return { reply: bind(this.options.cluster, call) };
    }
    if (type.scale && request.rest === 'scale') {
      if (request.verb === 'get') return { reply: readScale(this.options.cluster, call, type.scale) };
      return { reply: writeScale(this.options.cluster, call, type.scale) };
    }
    const finalize = type.id === 'namespaces' && request.rest === 'finalize';
    if (!finalize && !(type.status && request.rest === 'status')) {
      if (type.custom) throw notFound(type, request.name ?? '');
      return { reply: notFoundPage() };
    }
    if (request.verb === 'get') return { reply: getObject(this.options.cluster, call) };
    if (request.verb === 'update') return { reply: this.writes.replace(call) };
    if (request.verb === 'patch') return { reply: this.writes.patch(call) };
    throw methodNotAllowed(type, request.verb);
  }

  /** TokenRequest: the one verb is create. */
  private token(call: ApiCall): Reply {
    if (call.request.verb !== 'create') throw methodNotAllowed(call.type, call.request.verb);
    const account = requireObject(this.options.cluster, call);
    const { cluster, tokens } = this.options;
    return { status: 201, body: answerTokenRequest(parseObjectBody(call), account, cluster, tokens) };
  }

  private async subresource(request: HttpRequest, parsed: ResourceRequest, user: UserInfo): Promise<Reply> {
    this.requireAccess(user, attributesOf(parsed, undefined, request.query));
    const call = this.toSubresource(request, parsed, user);
    if ('refusal' in call) return call.refusal;
    const { subresources } = this.options;
    return subresources ? subresourceReply(await subresources.call(call)) : notFoundPage();
  }

  private toSubresource(request: HttpRequest, parsed: ResourceRequest, user: UserInfo) {
    const { method, query, body, headers } = request;
    return subresourceCall(
      { request: parsed, method, query, body, user, accept: headers.accept },
      this.options.authorize,
    );
  }

  private async nonResource({ method, path, headers, query }: HttpRequest, user: UserInfo): Promise<Reply> {
    this.requireAccess(user, { verb: method === 'HEAD' ? 'get' : method.toLowerCase(), path });
    if (path === '/version' || path === '/version/') return { status: 200, body: VERSION };
    if (/^\/(healthz|livez|readyz)(\/ping)?$/.test(path)) return { status: 200, body: 'ok' };
    if (path === '/metrics' && this.options.exposition) {
      const { text, contentType } = await this.options.exposition.all();
      return { status: 200, body: text, contentType };
    }
    if (path === '/openapi/v2' || /^\/openapi\/v3(\/|$)/.test(path)) {
      return this.schemas?.answer(path, query, headers) ?? notFoundPage();
    }
    const openid = openIdDocument(path, headers.host, this.options.tokens);
    if (openid) return openid;
    const found = this.discovery.document(path, headers.accept);
    if (!found) return notFoundPage();
    return {
      status: 200,
      body: found.body,
      ...(found.contentType ? { contentType: found.contentType } : {}),
    };
  }
}

function isServed(review: EphemeralResource, { group, version, resource }: ResourceRequest): boolean {
  return review.group === group && review.version === version && review.plural === resource;
}

/** A list or watch that is pinned to one name counts as a request for that name. */
function attributesOf(
  request: ResourceRequest,
  type: ResourceType | undefined,
  query: URLSearchParams,
): Attributes {
  const { verb, group, resource, subresource, namespace, name } = request;
  const selector = query.get('fieldSelector');
  const pinned = !name && type && selector ? pinnedName(parseFieldSelector(selector, type)) : undefined;
  const called = name ?? pinned;
  return {
    verb,
    group,
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(called ? { name: called } : {}),
  };
}
