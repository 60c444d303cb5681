import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import { clientCertificate } from './access/client-certificate';
import type { OpenIdOptions } from './access/openid-options';
import { OpenIdTokens } from './access/openid-tokens';
import { RbacGuard } from './access/rbac-guard';
import { ServiceAccountTokens } from './access/service-account-tokens';
import { loadSigningKey } from './access/signing-key';
import { keepTokenSecrets } from './access/token-secrets';
import { answerUploadTokenRequest } from './access/upload-token';
import { Api, type ApiOptions, type HttpRequest } from './api';
import type { ApiCall } from './api-call';
import { Authenticator, loadTokens, readTokenFile } from './authentication';
import { type Authorize, RbacAuthorizer } from './authorization';
import { bootstrap } from './bootstrap';
import { loadServerIdentity } from './certificates';
import { ApiError } from './errors';
import { Faults } from './faults';
import { kubeconfigText, writeKubeconfig } from './kubeconfig';
import { commonHeaders, errorReply, sendReply, warningHeader } from './replies';
import { parseResourcePath } from './request-path';
import { Reviews } from './reviews';
import type { Cluster } from './store';
import { refuseUpgrade, Upgrades } from './upgrades';
import { Watch, type WatchSink } from './watch';
import { wireFormat } from './wire-format';

export interface ApiServerOptions
  extends Pick<
    ApiOptions,
    'admission' | 'openapi' | 'subresources' | 'podLog' | 'podRuntime' | 'metrics' | 'exposition'
  > {
  cluster: Cluster;
  /** Told of every answer; `resource` is empty for what is none. */
  onAnswer?: (verb: string, resource: string, code: number) => void;
  /** Where tokens, TLS identity and the last port are kept; undefined makes new ones each time. */
  directory?: string;
  /** Path of the kubeconfig to write. */
  kubeconfig?: string;
  /** Defaults to the port used last if it is free, else any. */
  port?: number;
  /** A file of people beyond the sandbox's own, in the format of kube-apiserver's --token-auth-file. */
  tokenAuthFile?: string;
  /** An OpenID Connect provider whose ID tokens are believed. */
  openId?: OpenIdOptions;
  /** Replaces RBAC over the stored roles. */
  authorize?: Authorize;
}

export interface ApiServer {
  url: string;
  port: number;
  /** PEM */
  ca: string;
  /** Bearer tokens by user name. */
  tokens: Record<string, string>;
  /** What tests may do to it that no client can. */
  steering: Steering;
  /** Ends watches and sockets and stops listening; takes a fraction of a second. */
  close(): Promise<void>;
}

/** The handles of a control endpoint. */
export interface Steering {
  faults: Faults;
  /** Cuts watches off without a word, of one resource (`plural.group`) or of all. Returns how many there were. */
  dropWatches(resource?: string): number;
  /** Forgets the history that watches resume from, and ends the open ones with 410 Expired. Returns how many. */
  expireWatches(): number;
  /** Whether somebody's tokens count as expired. False when nobody of that name holds one. */
  setTokensExpired(username: string, expired: boolean): boolean;
}

const HOST = '127.0.0.1';
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
// A busy machine needs a moment to flush the ends of watches; who is not done by then is cut off.
const CLOSE_GRACE_MS = 2000;
const CLOSE_LOOK_MS = 20;
const PORT_FILE = 'port';

/** Starts the Kubernetes API on TLS, seeds what a cluster always has, and writes the kubeconfig. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { cluster, directory } = options;
  if (directory !== undefined) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const identity = loadServerIdentity(directory);
  const tokens = loadTokens(directory);
  const { tokenAuthFile } = options;
  const others = tokenAuthFile === undefined ? [] : readTokenFile(readFileSync(tokenAuthFile, 'utf8'));
  const accounts = new ServiceAccountTokens(cluster, loadSigningKey(directory));
  const openId = options.openId && new OpenIdTokens(options.openId, cluster.now);
  const authenticator = new Authenticator(tokens, others, accounts, openId);
  const rbac = new RbacAuthorizer(cluster);
  const authorize = options.authorize ?? rbac.authorize.bind(rbac);
  const stopBootstrap = bootstrap(cluster, identity.ca);
  const stopTokenSecrets = keepTokenSecrets(cluster, accounts, identity.ca);
  const reviews = new Reviews(authorize, rbac, authenticator, cluster.now, (sent, namespace) =>
    answerUploadTokenRequest(sent, namespace, cluster),
  );
  const admission = new RbacGuard(rbac, authorize, options.admission);
  const api = new Api({ ...options, authenticator, authorize, reviews, admission, tokens: accounts });
  const transport = new Transport(api, options);
  const server = createServer({
    key: identity.key,
    cert: identity.certificate,
    ca: identity.ca,
    minVersion: 'TLSv1.2',
    // Asked for and never insisted on; whether to believe it is the authenticator's to say.
    requestCert: true,
    rejectUnauthorized: false,
  });
  transport.attach(server);
  const port = await listen(server, options.port ?? lastPort(directory));
  if (directory !== undefined) writeFileSync(path.join(directory, PORT_FILE), `${port}\n`);
  const url = `https://${HOST}:${port}`;
  if (options.kubeconfig) writeKubeconfig(options.kubeconfig, kubeconfigText(url, identity, tokens));
  return {
    url,
    port,
    ca: identity.ca,
    tokens,
    steering: { ...transport.steering, setTokensExpired: authenticator.setExpired.bind(authenticator) },
    async close() {
      stopBootstrap();
      stopTokenSecrets();
      await Promise.all([transport.close(server), openId?.close()]);
    },
  };
}

/** HTTP and WebSocket around the API. */
class Transport {
  private readonly watches = new Set<Watch>();
  private readonly faults = new Faults();
  private readonly sockets = new Set<Duplex>();
  private readonly upgrades: Upgrades;

  constructor(
    private readonly api: Api,
    private readonly options: ApiServerOptions,
  ) {
    const { cluster, subresources, podRuntime } = options;
    this.upgrades = new Upgrades(api, { cluster, subresources, podRuntime }, (call, sink) =>
      this.startWatch(call, sink),
    );
  }

  get steering(): Omit<Steering, 'setTokensExpired'> {
    const { cluster } = this.options;
    return {
      faults: this.faults,
      dropWatches: (resource) => {
        const chosen = [...this.watches].filter((watch) => !resource || watch.resource === resource);
        for (const watch of chosen) watch.cut();
        return chosen.length;
      },
      expireWatches: () => {
        cluster.state.forgetHistory(cluster.revision);
        const open = [...this.watches];
        for (const watch of open) watch.expire();
        return open.length;
      },
    };
  }

  attach(server: Server): void {
    // Clients such as kubectl keep connections for reuse; a short idle timeout makes them race with our close.
    server.keepAliveTimeout = 90_000;
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('request', (request, response) => void this.serve(request, response));
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      void this.upgrade(request, socket, head);
    });
  }

  async close(server: Server): Promise<void> {
    for (const watch of [...this.watches]) watch.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // A connection turns idle when its watch has been flushed to the end, and would then be kept for reuse.
    const look = setInterval(() => server.closeIdleConnections(), CLOSE_LOOK_MS);
    const force = setTimeout(() => {
      for (const socket of this.sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    await closed;
    clearInterval(look);
    clearTimeout(force);
    for (const socket of this.sockets) socket.destroy();
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const fault = await this.faults.strike(request.method ?? 'GET', request.url ?? '/');
    if (fault === 'hang up') socket.destroy();
    else if (fault) refuseUpgrade(socket, fault);
    else await this.upgrades.handle(request, socket, head, parsed(request, Buffer.alloc(0)));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.once('close', () => this.report(request, response.statusCode));
    const warnings: string[] = [];
    const format = wireFormat(request.headers, request.url ?? '/');
    try {
      const fault = await this.faults.strike(request.method ?? 'GET', request.url ?? '/');
      if (fault === 'hang up') {
        response.destroy();
        return;
      }
      if (fault) {
        await sendReply(response, fault, warnings, format);
        return;
      }
      const outcome = await this.api.handle(parsed(request, await readBody(request)), warnings);
      if ('reply' in outcome) await sendReply(response, outcome.reply, warnings, format);
      else if ('watch' in outcome) this.streamWatch(outcome.watch, response);
      else {
        response.writeHead(200, { ...commonHeaders(), 'Content-Type': 'text/plain' });
        response.flushHeaders();
        await pipeline(outcome.text, response);
      }
    } catch (error) {
      // The client hung up in the middle: nobody is left to be told.
      if (request.errored || response.destroyed) return;
      if (response.headersSent) response.destroy();
      else await sendReply(response, errorReply(error), warnings, format);
    }
  }

  private report({ method = 'GET', url = '/' }: IncomingMessage, code: number): void {
    const { onAnswer, cluster } = this.options;
    if (!onAnswer) return;
    const { pathname, searchParams } = new URL(url, 'https://sandbox');
    const { verb, resource, group, version } = parseResourcePath(method, pathname, searchParams) ?? {};
    // Whatever else somebody makes up is not worth a name.
    const known = resource && cluster.registry.find(group ?? '', version ?? '', resource);
    onAnswer(verb ?? method.toLowerCase(), known ? resource : '', code);
  }

  private streamWatch(call: ApiCall, response: ServerResponse): void {
    const sink: WatchSink = {
      write: (lines) => response.write(lines.join('')),
      onDrain: (resume) => response.once('drain', resume),
      end: () => response.end(),
      cut: () => response.destroy(),
    };
    const watch = this.startWatch(call, sink);
    const warnings = call.warnings.length > 0 ? { Warning: call.warnings.map(warningHeader) } : {};
    response.writeHead(200, { ...commonHeaders(), ...warnings, 'Content-Type': 'application/json' });
    response.flushHeaders();
    response.on('close', () => {
      watch.stop();
      this.watches.delete(watch);
    });
  }

  private startWatch(call: ApiCall, sink: WatchSink): Watch {
    const watch: Watch = new Watch(this.options.cluster, call, {
      ...sink,
      end: () => {
        this.watches.delete(watch);
        sink.end();
      },
    });
    this.watches.add(watch);
    return watch;
  }
}

function parsed(request: IncomingMessage, body: Buffer): HttpRequest {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const certificate = clientCertificate(request.socket as TLSSocket);
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers: withoutJoining(request),
    body,
    ...(certificate ? { certificate } : {}),
  };
}

/** Node joins repeated headers with commas, which the values of impersonation headers may hold. */
function withoutJoining({ headers, headersDistinct }: IncomingMessage): IncomingHttpHeaders {
  const apart = Object.entries(headersDistinct).filter(([name]) => name.startsWith('impersonate-'));
  return apart.length === 0 ? headers : { ...headers, ...Object.fromEntries(apart) };
}

/** @throws ApiError 413 above 3 MiB. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and dropped: a client that is still sending could not hear the answer.
    if (bytes <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  if (bytes > BODY_LIMIT_BYTES) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: limit is ${BODY_LIMIT_BYTES}`,
      {},
    );
  }
  return Buffer.concat(chunks);
}

function lastPort(directory: string | undefined): number {
  if (directory === undefined) return 0;
  try {
    return Number.parseInt(readFileSync(path.join(directory, PORT_FILE), 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
}

/** Listens on the wanted port, or on any when somebody else has it. */
async function listen(server: Server, wanted: number): Promise<number> {
  try {
    return await listenOn(server, wanted);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || wanted === 0) throw error;
    return listenOn(server, 0);
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
