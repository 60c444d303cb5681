import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Viewer } from '@/lib/auth/viewer';
import type { Guard } from '@/lib/inventory/transport';
import { type AccessCheck, fullResource } from '@/lib/k8s/access';
import { errorFromBody } from '@/lib/k8s/error';
import { shortText } from '../ask-cluster';
import type { Visitor } from '../auth/visitor';
import { isSecure } from '../client-address';
import { neededAccess } from '../needed-access';
import { requestHeaders, responseHeaders } from '../proxy/headers';
import type { ProxyTarget } from '../proxy/path';
import { afterUnauthorized, canSignInAgain } from '../refused-credentials';
import { endRefused, refuseUpgrade } from '../status';
import { describeFailure, type Upstream, type Upstreams } from '../upstream';
import { Splice } from './splice';

const HANDSHAKE_TIMEOUT_MS = 30_000;
/** What a refused handshake says is passed on up to here. */
const MAX_REFUSAL_BYTES = 256 * 1024;
/** How logs name a client that went away before it was answered. */
const CLIENT_LEFT = 499;
/** RFC 6455's own code, and two of the range that is left to applications. */
const GOING_AWAY = 1001;
const SIGNED_OUT = 4401;
const FORBIDDEN = 4403;

/**
 * Upgrades (VNC, serial console, port-forward, exec, watches over WebSocket) below `/api/k8s/<cluster>/`: the handshake
 * goes to the cluster with the credentials put in, its answer comes back unchanged, and from there on bytes are copied.
 */
export class Relay {
  private readonly splices = new Set<Splice>();
  private closed = false;
  private pings: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly upstreams: Upstreams,
    private readonly guard: Guard<Viewer>,
    private readonly pingEveryMs: number,
  ) {}

  get open(): number {
    return this.splices.size;
  }

  /** Resolves with the code by which the upgrade was answered: 101 when it was granted. */
  async accept(
    request: IncomingMessage,
    client: Socket,
    head: Buffer,
    target: ProxyTarget,
    visitor: Visitor,
  ): Promise<number> {
    const asked = { method: request.method ?? 'GET', path: target.path };
    client.on('error', () => client.destroy());
    let server = target.cluster;
    try {
      const viewer = await visitor.viewer(target.cluster);
      server = viewer.cluster.server;
      const upstream = await this.upstreams.open(viewer, asked);
      return await this.connect(upstream, request, client, head, target);
    } catch (cause) {
      const failure = describeFailure(cause, server, asked);
      if (!client.destroyed) refuseUpgrade(client, failure);
      return failure.code;
    }
  }

  /** Tells every client that the server goes away (1001), where the stream allows it, and ends all. */
  close(): void {
    this.closed = true;
    clearInterval(this.pings);
    for (const splice of this.splices) splice.end(GOING_AWAY);
  }

  private connect(
    upstream: Upstream,
    request: IncomingMessage,
    client: Socket,
    head: Buffer,
    target: ProxyTarget,
  ): Promise<number> {
    const asked = { method: request.method ?? 'GET', path: target.path };
    return new Promise((resolve, reject) => {
      const handshake = openHandshake(upstream, request, target);
      let isRefused = false;
      const timer = setTimeout(
        () => handshake.destroy(Object.assign(new Error('timeout'), { code: 'UND_ERR_HEADERS_TIMEOUT' })),
        HANDSHAKE_TIMEOUT_MS,
      );
      const leave = () => handshake.destroy();
      client.on('close', leave);
      handshake.on('error', reject);
      handshake.on('close', () => {
        clearTimeout(timer);
        client.off('close', leave);
        if (!isRefused) resolve(CLIENT_LEFT);
      });
      handshake.on('upgrade', (answer, socket: Socket, rest: Buffer) => {
        clearTimeout(timer);
        client.off('close', leave);
        const splice = this.begin(request, answer, { client, socket, head, rest });
        if (splice) this.endWithRights(splice, request, target, upstream.viewer);
        resolve(101);
      });
      handshake.on('response', (answer) => {
        if (answer.statusCode === 401) {
          void upstream.viewer.renew(upstream.credentials).catch(() => undefined);
          if (canSignInAgain(upstream.viewer)) {
            isRefused = true;
            void shortText(answer).then(
              (words) => reject(afterUnauthorized(upstream.viewer, errorFromBody(401, words, asked))),
              reject,
            );
            return;
          }
        }
        passRefusal(answer, client, isSecure(request));
        resolve(answer.statusCode ?? 502);
      });
      handshake.end();
    });
  }

  private begin(
    request: IncomingMessage,
    answer: IncomingMessage,
    { client, socket, head, rest }: { client: Socket; socket: Socket; head: Buffer; rest: Buffer },
  ): Splice | undefined {
    if (client.destroyed || this.closed) {
      client.destroy();
      socket.destroy();
      return undefined;
    }
    const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
    const secure = isSecure(request);
    client.write(
      headOf(answer, secure, ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? 'websocket']),
    );
    const splice = new Splice(client, socket, isWebSocket);
    this.splices.add(splice);
    splice.onClose(() => this.splices.delete(splice));
    splice.start(head, rest);
    this.pings ??= setInterval(() => {
      for (const open of this.splices) open.ping();
    }, this.pingEveryMs).unref();
    return splice;
  }

  /** Consoles close when their user signs out or may not open them any more. */
  private endWithRights(splice: Splice, request: IncomingMessage, target: ProxyTarget, who: Viewer): void {
    const release = this.guard.hold({
      who,
      checks: neededAccess(request.method ?? 'GET', target),
      over: ({ message }) => splice.end(SIGNED_OUT, message),
      denied: (check) => splice.end(FORBIDDEN, inWords(check)),
    });
    splice.onClose(release);
  }
}

function inWords({ verb, namespace, ...resource }: AccessCheck): string {
  return `Needs ${verb} on ${fullResource(resource)}${namespace ? ` in ${namespace}` : ''}`;
}

/** Sends the client's handshake to the cluster. */
function openHandshake(
  { origin, basePath, credentials, viewer }: Upstream,
  request: IncomingMessage,
  { path, query }: ProxyTarget,
): ClientRequest {
  const isTls = viewer.cluster.server.startsWith('https:');
  const { host, hostname, port } = new URL(origin);
  const headers = [
    'Host',
    host,
    'Connection',
    'Upgrade',
    'Upgrade',
    request.headers.upgrade ?? 'websocket',
    // The API server's own WebSocket endpoints answer 403 without an Origin; the browser's was checked before this.
    'Origin',
    origin,
    ...requestHeaders(request.rawHeaders, credentials.headers),
  ];
  const options = {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port || (isTls ? 443 : 80),
    method: request.method ?? 'GET',
    path: `${basePath}${path}${query}`,
    headers,
    agent: false,
  };
  return isTls ? httpsRequest({ ...options, ...credentials.tls }) : httpRequest(options);
}

/** A handshake that the cluster refused: its status and body are the answer. */
function passRefusal(answer: IncomingMessage, client: Duplex, secure: boolean): void {
  client.write(headOf(answer, secure, ['Connection', 'close']));
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_REFUSAL_BYTES) client.write(chunk);
    else answer.destroy();
  });
  answer.on('close', () => endRefused(client));
}

function headOf(answer: IncomingMessage, secure: boolean, extra: string[]): string {
  const headers = [...responseHeaders(answer.rawHeaders, { secure }), ...extra];
  let head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`;
  for (let index = 0; index + 1 < headers.length; index += 2)
    head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${head}\r\n`;
}
