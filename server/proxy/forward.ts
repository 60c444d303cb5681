import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Transform } from 'node:stream';
import { type Dispatcher, request as send } from 'undici';
import type { Viewer } from '@/lib/auth/viewer';
import type { Guard } from '@/lib/inventory/transport';
import { errorFromBody } from '@/lib/k8s/error';
import { shortText } from '../ask-cluster';
import type { Visitor } from '../auth/visitor';
import { isSecure } from '../client-address';
import { neededAccess } from '../needed-access';
import { afterUnauthorized, canSignInAgain } from '../refused-credentials';
import { type Refusal, refuse } from '../status';
import { describeFailure, type Upstream, type Upstreams } from '../upstream';
import { headerOf, type RawHeaders, requestHeaders, responseHeaders } from './headers';
import type { ProxyTarget } from './path';
import { isRedirect, redirectWithin } from './redirect';

/** More than any object that etcd takes (1.5 MiB by default), as YAML or JSON. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Goes out in one piece with its headers; over before anybody could look whether its reader may still have it. */
const SHORT_ANSWER_BYTES = 64 * 1024;

class BodyTooLarge extends Error {}

const LEADS_AWAY: Refusal = {
  code: 502,
  reason: 'BadGateway',
  message:
    'The cluster answered with a redirect to another address than its own API; the console goes to none.',
};

/**
 * Passes a request on to a cluster's API and its answer back, both as streams with back-pressure, the credentials put
 * in on the way.
 *
 * This is no Next route handler: HTTP and upgrades share one path and its checks here, the URL arrives as it was sent
 * (Next normalises and decodes it), and the bytes of a watch pass without a web stream around them.
 */
export async function forwardRequest(
  request: IncomingMessage,
  response: ServerResponse,
  target: ProxyTarget,
  { upstreams, guard }: { upstreams: Upstreams; guard: Guard<Viewer> },
  visitor: Visitor,
): Promise<void> {
  const method = request.method ?? 'GET';
  const asked = { method, path: target.path };
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    refuseBody(response);
    return;
  }
  const hasBody = request.headers['content-length'] !== undefined || 'transfer-encoding' in request.headers;
  const gone = new AbortController();
  let isRead = false;
  // An abort makes an error with its stack, which an answer that was read to its end need not pay for.
  response.on('close', () => isRead || gone.abort());
  let server = target.cluster;
  try {
    const viewer = await visitor.viewer(target.cluster);
    server = viewer.cluster.server;
    const upstream = await upstreams.open(viewer, asked);
    const ask = (from: Upstream) =>
      sendTo(from, request, target, hasBody ? limited(request) : null, gone.signal);
    let answer = await ask(upstream);
    if (answer.statusCode === 401 && (await viewer.renew(upstream.credentials)) && !hasBody) {
      await answer.body.dump();
      answer = await ask(await upstreams.open(viewer, asked));
    }
    if (answer.statusCode === 401 && canSignInAgain(viewer)) {
      const words = await shortText(answer.body).catch(() => '');
      throw afterUnauthorized(viewer, errorFromBody(401, words, asked));
    }
    const raw = rawOf(answer);
    const asksFor = headerOf(raw, 'location');
    const location = asksFor && redirectWithin(asksFor, target, viewer.cluster.server);
    if (isRedirect(answer.statusCode) && asksFor && !location) {
      await answer.body.dump();
      refuse(response, LEADS_AWAY);
      return;
    }
    const context = {
      secure: isSecure(request),
      location,
      cacheable: target.path.startsWith('/openapi/v3/'),
    };
    const cookies = (await visitor.cookies()).flatMap((cookie) => ['set-cookie', cookie]);
    const headers = [...responseHeaders(raw, context), ...cookies];
    if (Number(headerOf(raw, 'content-length') ?? Number.NaN) <= SHORT_ANSWER_BYTES) {
      const body = Buffer.from(await answer.body.arrayBuffer());
      isRead = true;
      response.writeHead(answer.statusCode, headers);
      response.end(body);
      return;
    }
    response.writeHead(answer.statusCode, headers);
    // A watch may have nothing to say for minutes; its headers are the news that it is there.
    response.flushHeaders();
    endWithRights(response, method, target, await visitor.lasting().viewer(target.cluster), guard);
    pipeline(answer.body, response, () => undefined);
  } catch (cause) {
    if (gone.signal.aborted) return;
    if (cause instanceof BodyTooLarge || isCausedByBody(cause)) refuseBody(response);
    else refuse(response, describeFailure(cause, server, asked));
  }
}

/** What goes on for long (a watch, a followed log) is cut off when its reader signs out or may not read it any more. */
function endWithRights(
  response: ServerResponse,
  method: string,
  target: ProxyTarget,
  who: Viewer,
  guard: Guard<Viewer>,
): void {
  if (response.destroyed) return;
  const cut = () => response.destroy();
  const release = guard.hold({ who, checks: neededAccess(method, target), over: cut, denied: cut });
  response.once('close', release);
}

function sendTo(
  { origin, basePath, agent, credentials }: Upstream,
  request: IncomingMessage,
  { path, query }: ProxyTarget,
  body: Transform | null,
  signal: AbortSignal,
) {
  return send(`${origin}${basePath}${path}${query}`, {
    dispatcher: agent,
    method: (request.method ?? 'GET') as Dispatcher.HttpMethod,
    headers: requestHeaders(request.rawHeaders, credentials.headers),
    body,
    signal,
    responseHeaders: 'raw',
  });
}

/** With `responseHeaders: 'raw'` undici gives names and values in turn; its types do not say so. */
function rawOf(answer: { headers: unknown }): RawHeaders {
  return answer.headers as RawHeaders;
}

/**
 * The request's body, ending with BodyTooLarge after too many bytes: a chunked body says no length beforehand. The
 * request itself stays whole, so that the refusal still reaches the client.
 */
function limited(request: IncomingMessage): Transform {
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      done(bytes > MAX_BODY_BYTES ? new BodyTooLarge() : null, chunk);
    },
  });
  // undici listens while it sends; an error after that concerns nobody.
  limit.on('error', () => undefined);
  request.on('close', () => {
    if (!request.complete) limit.destroy(new Error('The client left.'));
  });
  return request.pipe(limit);
}

function isCausedByBody(cause: unknown): boolean {
  return cause instanceof Error && cause.cause instanceof BodyTooLarge;
}

function refuseBody(response: ServerResponse): void {
  refuse(response, {
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `The request is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB.`,
  });
}
