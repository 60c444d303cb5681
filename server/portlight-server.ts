import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { ClusterDirectory } from '@/lib/auth/cluster-directory';
import type { ClusterInfo } from '@/lib/inventory/inventory';
import { InventoryService } from '@/lib/inventory/inventory-service';
import { ACCESS_PREFIX, type AccessAsker, answerAccess, askerOf, reviewBy } from './access-endpoint';
import { AccessReviews } from './access-reviews';
import { TrustedProxies } from './client-address';
import { Front } from './front';
import { checkHost, checkOrigin, type HostRules } from './guard';
import { createHttpServer } from './http-server';
import { CONNECTION_LIMITS, type ConnectionLimits, checkPageMethod } from './limits';
import { LIVE_PATH, LiveSockets } from './live';
import { Metrics } from './metrics';
import { forwardRequest } from './proxy/forward';
import { isProxyUrl, parseProxyUrl } from './proxy/path';
import { Relay } from './relay/relay';
import { type Refusal, refuse, refuseUpgrade } from './status';
import { Upstreams } from './upstream';
import { WatchTransport } from './watch-transport';

const PING_EVERY_MS = 20_000;

/** Everything that is a page: Next, or nothing in tests. */
export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Only in development: Next's own socket. */
  upgrade?(request: IncomingMessage, socket: Socket, head: Buffer): void;
}

export interface PortlightServerOptions {
  directory: ClusterDirectory;
  hosts: HostRules;
  pages?: Pages;
  pingEveryMs?: number;
  /** With a certificate the port speaks HTTPS, and nothing else. */
  tls?: SecureContextOptions;
  trustedProxies?: TrustedProxies;
  connectionLimits?: Partial<ConnectionLimits>;
}

/** The HTTP server: health, proxy, relay, live socket, and pages behind them. */
export class PortlightServer {
  readonly inventory: InventoryService;
  private readonly http: Server;
  private readonly upstreams: Upstreams;
  private readonly access: AccessReviews<AccessAsker>;
  private readonly relay: Relay;
  private readonly live: LiveSockets;
  private readonly front: Front;
  private readonly metrics = new Metrics();
  private pages: Pages | undefined;
  private stopping = false;

  constructor(private readonly options: PortlightServerOptions) {
    const { directory, pingEveryMs = PING_EVERY_MS } = options;
    this.pages = options.pages;
    this.upstreams = new Upstreams(directory);
    this.inventory = new InventoryService({
      transport: new WatchTransport(this.upstreams),
      clusters: () => clusterInfos(directory),
    });
    this.access = new AccessReviews(reviewBy(this.upstreams));
    this.relay = new Relay(this.upstreams, pingEveryMs);
    this.live = new LiveSockets(this.inventory, pingEveryMs);
    const limits = { ...CONNECTION_LIMITS, ...options.connectionLimits };
    this.front = new Front(limits, options.trustedProxies ?? new TrustedProxies());
    this.http = createHttpServer(limits, options.tls, (request, response) => this.answer(request, response));
    this.http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.upgrade(request, socket, head),
    );
    this.metrics.gauge('portlight_live_sockets', () => this.live.open);
    this.metrics.gauge('portlight_relays', () => this.relay.open);
    this.metrics.gauge('portlight_watches', () => this.inventory.stats().watches);
    this.metrics.gauge('portlight_access_verdicts', () => this.access.size);
    this.metrics.gauge('portlight_queries', () => this.inventory.stats().queries);
  }

  /** Pages come when Next is prepared; until then `/readyz` says no. */
  setPages(pages: Pages): void {
    this.pages = pages;
  }

  /** A renewed certificate, for connections from now on. */
  setSecureContext(tls: SecureContextOptions): void {
    // Only a server that was made with a certificate is given another one.
    if (this.options.tls) (this.http as TlsServer).setSecureContext(tls);
  }

  /** @throws the listen error, e.g. EADDRINUSE. */
  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.http.once('error', reject);
      this.http.listen(port, host, () => {
        this.http.off('error', reject);
        resolve(this.http.address() as AddressInfo);
      });
    });
  }

  /** Stops accepting, ends sockets with 1001 and streams at once; cuts off after `graceMs` what is still there. */
  async close(graceMs: number): Promise<void> {
    this.stopping = true;
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    this.front.close();
    this.live.close();
    this.relay.close();
    this.inventory.close();
    await this.upstreams.close();
    this.http.closeIdleConnections();
    const timer = setTimeout(() => {
      this.live.terminate();
      this.http.closeAllConnections();
    }, graceMs);
    await closed;
    clearTimeout(timer);
    this.metrics.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    const proxied = isProxyUrl(url);
    const isAccess = url.startsWith(ACCESS_PREFIX);
    const isProbe = url === '/healthz' || url === '/readyz';
    // Kubernetes' probes name the pod's address, so they are answered whatever the Host is; they say nothing.
    const refusal =
      this.front.check(request, response) ??
      (isProbe ? undefined : this.foreign(request, proxied || isAccess, false));
    if (refusal) refuse(response, refusal);
    else if (url === '/healthz') sendText(response, 200, 'ok\n');
    else if (url === '/readyz') this.sendReadiness(response);
    else if (url === '/metrics') sendText(response, 200, this.metrics.print());
    else if (proxied) this.proxy(request, response, url);
    else if (isAccess) void answerAccess(request, response, this.access, askerOf(this.upstreams));
    else if (pathOf(url) === LIVE_PATH) refuse(response, NOT_A_PAGE);
    else this.page(request, response);
  }

  private page(request: IncomingMessage, response: ServerResponse): void {
    const refusal = checkPageMethod(request.method);
    if (refusal) refuse(response, refusal);
    else if (this.pages) this.pages.handle(request, response);
    else sendText(response, 503, 'The console is still starting.\n');
  }

  private proxy(request: IncomingMessage, response: ServerResponse, url: string): void {
    const target = parseProxyUrl(url);
    if ('problem' in target) {
      refuse(response, badRequest(target.problem));
      return;
    }
    response.on('finish', () =>
      this.metrics.count('portlight_proxied_total', `code="${response.statusCode}"`),
    );
    void forwardRequest(request, response, target, this.upstreams);
  }

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const url = request.url ?? '/';
    const proxied = isProxyUrl(url);
    const refusal =
      this.front.checkUpgrade(request, socket) ??
      this.foreign(request, true, true) ??
      (this.stopping ? STOPPING : undefined);
    const target = proxied && !refusal ? parseProxyUrl(url) : undefined;
    if (refusal) refuseUpgrade(socket, refusal);
    else if (target && 'problem' in target) refuseUpgrade(socket, badRequest(target.problem));
    else if (target) void this.relay.accept(request, socket, head, target);
    else if (pathOf(url) === LIVE_PATH) this.live.accept(request, socket, head);
    else if (this.pages?.upgrade) this.pages.upgrade(request, socket, head);
    else refuseUpgrade(socket, NO_SOCKET);
  }

  /** Pages look after their own origin; everything that reaches a cluster or its rows is looked after here. */
  private foreign(request: IncomingMessage, isApi: boolean, isUpgrade: boolean): Refusal | undefined {
    const { headers, method = 'GET' } = request;
    return (
      checkHost(headers, this.options.hosts) ?? (isApi ? checkOrigin(method, headers, isUpgrade) : undefined)
    );
  }

  private sendReadiness(response: ServerResponse): void {
    if (this.stopping) sendText(response, 503, 'stopping\n');
    else if (this.pages) sendText(response, 200, 'ready\n');
    else sendText(response, 503, 'starting\n');
  }
}

const NOT_A_PAGE: Refusal = { code: 426, reason: 'UpgradeRequired', message: 'This is a WebSocket.' };
const NO_SOCKET: Refusal = { code: 404, reason: 'NotFound', message: 'There is no socket at this address.' };
const STOPPING: Refusal = { code: 503, reason: 'ServiceUnavailable', message: 'The server is stopping.' };

function badRequest(message: string): Refusal {
  return { code: 400, reason: 'BadRequest', message };
}

function clusterInfos(directory: ClusterDirectory): ClusterInfo[] {
  const current = directory.current();
  return directory
    .list()
    .map(({ name, server, user, insecure, problem }) => ({
      name,
      server,
      user,
      insecure,
      ...(problem ? { problem } : {}),
    }))
    .sort((a, b) => Number(b.name === current) - Number(a.name === current));
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

function sendText(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(body);
}
