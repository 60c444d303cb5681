import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { KeyRing } from '@/lib/auth/key-ring';
import { DEFAULT_LIMITS, type SessionLimits } from '@/lib/auth/ticket';
import type { Viewer } from '@/lib/auth/viewer';
import type { InventoryReader } from '@/lib/inventory/inventory';
import { InventoryThread, type InventoryThreadOptions } from '@/lib/inventory/thread/inventory-thread';
import { startInThisThread } from '@/lib/inventory/thread/start-in-this-thread';
import { ACCESS_PREFIX, answerAccess, reviewBy } from './access-endpoint';
import { AccessReviews } from './access-reviews';
import type { AuditLog } from './audit-log';
import { Auditor } from './auditor';
import { Auth } from './auth/auth';
import { AUTH_PREFIX } from './auth/endpoints';
import { sendError } from './auth/json';
import type { MethodHandlers } from './auth/method-handler';
import { PEER_PATH } from './auth/peers';
import { type Browser, currentVisitor } from './auth/visitor';
import { TrustedProxies } from './client-address';
import { answerReports, askVersion, ClusterReports, REPORTS_PATH } from './cluster-reports';
import { Front } from './front';
import { checkHost, checkOrigin, type HostRules } from './guard';
import { createHttpServer } from './http-server';
import { INVENTORY_PREFIX, InventoryExports } from './inventory-endpoint';
import { CONNECTION_LIMITS, type ConnectionLimits, checkPage } from './limits';
import { LIVE_PATH, LiveSockets } from './live';
import { Metrics } from './metrics';
import { forwardRequest } from './proxy/forward';
import { isProxyUrl, parseProxyUrl } from './proxy/path';
import { Readers } from './readers';
import { Relay } from './relay/relay';
import { StandingRights } from './standing-rights';
import { START_PATH, type StartGate, sendStartPage } from './start-gate';
import type { StaticFiles } from './static-files';
import { type Refusal, refuse, refuseUpgrade } from './status';
import { UPLOADS_PREFIX, Uploads } from './uploads';
import { Upstreams } from './upstream';
import { WatchTransport } from './watch-transport';

const PING_EVERY_MS = 20_000;

/** Everything that is a page: Next, or nothing in tests. */
export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Only in development: Next's own socket. */
  upgrade?(request: IncomingMessage, socket: Socket, head: Buffer): void;
  /** Files of the build that are compressed already. */
  files?: StaticFiles;
}

export interface PortlightServerOptions {
  directory: ClusterDirectory;
  hosts: HostRules;
  /** Encrypts sessions; a random one, whose sessions end with this process, by default. */
  ring?: KeyRing;
  limits?: () => SessionLimits;
  handlers?: MethodHandlers;
  /** The other replicas (PORTLIGHT_PEERS); they have the same keys. */
  peers?: readonly string[];
  pages?: Pages;
  pingEveryMs?: number;
  /** How often the rights to what is open are looked at; 30 s. */
  lookEveryMs?: number;
  /** With a certificate the port speaks HTTPS, and nothing else. */
  tls?: SecureContextOptions;
  trustedProxies?: TrustedProxies;
  connectionLimits?: Partial<ConnectionLimits>;
  auditLog?: AuditLog | undefined;
  /** Starts the inventory's thread; without it, lists and rows are the business of this thread too. */
  startInventory?: InventoryThreadOptions<Viewer>['start'];
  /** Beyond this machine: who may use a kubeconfig's credentials. */
  gate?: StartGate | undefined;
}

/** The HTTP server: health, proxy, relay, live socket, and pages behind them. */
export class PortlightServer {
  readonly inventory: InventoryThread<Viewer>;
  readonly auth: Auth;
  /** What pages read, each for whoever asked for it. */
  readonly reader: InventoryReader;
  private readonly http: Server;
  private readonly upstreams: Upstreams;
  private readonly rights: StandingRights;
  private readonly access: AccessReviews<Viewer>;
  private readonly relay: Relay;
  private readonly reports: ClusterReports;
  private readonly live: LiveSockets;
  private readonly exports: InventoryExports;
  private readonly uploads: Uploads;
  private readonly front: Front;
  private readonly audit: Auditor;
  private readonly metrics = new Metrics();
  private pages: Pages | undefined;
  private stopping = false;

  constructor(private readonly options: PortlightServerOptions) {
    const { directory, ring = new KeyRing(), handlers = {}, pingEveryMs = PING_EVERY_MS } = options;
    this.pages = options.pages;
    this.upstreams = new Upstreams();
    const sessionLimits = options.limits ?? (() => DEFAULT_LIMITS);
    const { upstreams } = this;
    const { peers = [] } = options;
    const { gate } = options;
    const lends = gate && ((browser: Browser) => gate.knows(browser));
    this.auth = new Auth({ directory, ring, limits: sessionLimits, handlers, lends, peers, upstreams });
    this.access = new AccessReviews(reviewBy(this.upstreams));
    this.reports = new ClusterReports(directory, askVersion(this.upstreams));
    this.rights = new StandingRights(this.access, { lookEveryMs: options.lookEveryMs });
    this.auth.revocations.onAdd(() => void this.rights.lookAtSessions());
    this.inventory = new InventoryThread<Viewer>({
      start: options.startInventory ?? startInThisThread,
      report: (sentence) => console.error(sentence),
      transport: new WatchTransport(this.upstreams, new Readers(directory)),
      guard: this.rights,
      may: (who, check, fresh) => this.access.may(who, check, fresh),
    });
    this.reader = this.auth.reader(this.inventory);
    this.relay = new Relay(this.upstreams, this.rights, pingEveryMs);
    this.live = new LiveSockets(this.inventory, pingEveryMs);
    this.exports = new InventoryExports(this.inventory);
    this.uploads = new Uploads(this.upstreams, this.rights);
    const limits = { ...CONNECTION_LIMITS, ...options.connectionLimits };
    this.front = new Front(limits, options.trustedProxies ?? new TrustedProxies());
    this.audit = new Auditor(options.auditLog);
    this.http = createHttpServer(limits, options.tls, (request, response) => this.answer(request, response));
    this.http.on(
      'upgrade',
      (request: IncomingMessage, socket: Socket, head: Buffer) => void this.upgrade(request, socket, head),
    );
    this.metrics.gauge('portlight_live_sockets', () => this.live.open);
    this.metrics.gauge('portlight_relays', () => this.relay.open);
    this.metrics.gauge('portlight_uploads', () => this.uploads.open);
    const stats = () => this.inventory.stats();
    this.metrics.gauge('portlight_watches', async () => (await stats()).watches);
    this.metrics.gauge('portlight_inventory_heap_bytes', async () => (await stats()).heapBytes);
    this.metrics.gauge(
      'portlight_event_loop_delay_max_ms{thread="inventory"}',
      async () => (await stats()).eventLoopDelayMaxMs,
    );
    this.metrics.gauge('portlight_access_verdicts', () => this.access.size);
    this.metrics.gauge('portlight_queries', async () => (await stats()).queries);
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

  /** Listens, and knows whom the other replicas signed out. @throws the listen error, e.g. EADDRINUSE. */
  async listen(port: number, host: string): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.http.once('error', reject);
      this.http.listen(port, host, () => {
        this.http.off('error', reject);
        resolve();
      });
    });
    await this.auth.peers.ask();
    return this.http.address() as AddressInfo;
  }

  /** Stops accepting, ends sockets with 1001 and streams at once; cuts off after `graceMs` what is still there. */
  async close(graceMs: number): Promise<void> {
    this.stopping = true;
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    this.front.close();
    this.live.close();
    this.rights.close();
    this.relay.close();
    this.uploads.close();
    this.inventory.close();
    await Promise.all([this.upstreams.close(), this.auth.close()]);
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
    const isProbe = url === '/healthz' || url === '/readyz';
    // Replicas reach each other by address; what they say is sealed.
    const isPeer = request.method === 'POST' && url === PEER_PATH;
    // Kubernetes' probes name the pod's address, so they are answered whatever the Host is; they say nothing.
    const refusal =
      this.front.check(request, response) ??
      (isProbe || isPeer ? undefined : this.foreign(request, isApi(request), false));
    const { gate } = this.options;
    if (refusal) this.refuse(request, response, refusal);
    else if (url === '/healthz') sendText(response, 200, 'ok\n');
    else if (url === '/readyz') this.sendReadiness(response);
    else if (gate && !isPeer) void this.passGate(gate, request, response);
    else this.route(request, response);
  }

  private async passGate(gate: StartGate, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isStart = pathOf(request.url ?? '/') === START_PATH;
    if (isStart && request.method === 'GET') {
      await gate.answer(request, response);
      return;
    }
    const refusal = await gate.check(request);
    if (!refusal) this.route(request, response);
    else if (isApi(request) || request.url?.startsWith('/api/')) this.refuse(request, response, refusal);
    else {
      this.audit.refused(request, refusal);
      sendStartPage(response);
    }
  }

  private route(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    if (url === '/metrics') void this.metrics.print().then((text) => sendText(response, 200, text));
    else if (isProxyUrl(url)) this.proxy(request, response, url);
    else if (url.startsWith(ACCESS_PREFIX)) this.reviewAccess(request, response);
    else if (url.startsWith(INVENTORY_PREFIX)) this.exportRows(request, response);
    else if (url.startsWith(UPLOADS_PREFIX)) this.upload(request, response);
    else if (url.startsWith(AUTH_PREFIX)) this.signIn(request, response);
    else if (pathOf(url) === REPORTS_PATH) void answerReports(request, response, this.reports);
    else if (pathOf(url) === LIVE_PATH) refuse(response, NOT_A_PAGE);
    else this.page(request, response);
  }

  private page(request: IncomingMessage, response: ServerResponse): void {
    const refusal = checkPage(request);
    if (refusal) this.refuse(request, response, refusal);
    else if (this.pages) {
      this.render(request, response, this.pages).catch((cause: unknown) =>
        sendError(response, cause, { method: 'GET', path: pathOf(request.url ?? '/') }),
      );
    } else sendText(response, 503, 'The console is still starting.\n');
  }

  /** Pages are made for whoever asks; a token that is due is renewed before, as Next has no cookies of ours to set. */
  private async render(request: IncomingMessage, response: ServerResponse, pages: Pages): Promise<void> {
    if (await pages.files?.answer(request, response)) return;
    const visitor = this.auth.visitor(request, { canGive: true, isActivity: request.method === 'GET' });
    const [, cluster] = /^\/(?:c|console)\/([^/?]+)/.exec(request.url ?? '') ?? [];
    if (cluster) {
      const viewer = await visitor.viewer(decoded(cluster)).catch(() => undefined);
      await viewer?.credentials().catch(() => undefined);
      const cookies = await visitor.cookies();
      if (cookies.length > 0) response.setHeader('set-cookie', cookies);
    }
    currentVisitor.run(visitor, () => pages.handle(request, response));
  }

  private reviewAccess(request: IncomingMessage, response: ServerResponse): void {
    const visitor = this.auth.visitor(request, { canGive: true, isActivity: false });
    void answerAccess(request, response, this.access, visitor);
  }

  private exportRows(request: IncomingMessage, response: ServerResponse): void {
    const visitor = this.auth.visitor(request, { canGive: true, isActivity: false });
    void this.exports.answer(request, response, visitor);
  }

  private upload(request: IncomingMessage, response: ServerResponse): void {
    const visitor = this.auth.visitor(request, { canGive: true, isActivity: true });
    void this.uploads.answer(request, response, visitor, (target) =>
      this.audit.proxied(request, response, target, visitor),
    );
  }

  private proxy(request: IncomingMessage, response: ServerResponse, url: string): void {
    const target = parseProxyUrl(url);
    if ('problem' in target) {
      this.refuse(request, response, badRequest(target.problem));
      return;
    }
    response.on('finish', () =>
      this.metrics.count('portlight_proxied_total', `code="${response.statusCode}"`),
    );
    const isActivity = !['GET', 'HEAD'].includes(request.method ?? 'GET');
    const visitor = this.auth.visitor(request, { canGive: true, isActivity });
    this.audit.proxied(request, response, target, visitor);
    void forwardRequest(
      request,
      response,
      target,
      { upstreams: this.upstreams, guard: this.rights },
      visitor,
    );
  }

  private async upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const url = request.url ?? '/';
    const refusal =
      this.front.checkUpgrade(request, socket) ??
      this.foreign(request, true, true) ??
      (await this.options.gate?.check(request)) ??
      (this.stopping ? STOPPING : undefined);
    const target = isProxyUrl(url) && !refusal ? parseProxyUrl(url) : undefined;
    const no = refusal ?? (target && 'problem' in target ? badRequest(target.problem) : undefined);
    if (no) {
      this.audit.refused(request, no);
      refuseUpgrade(socket, no);
    } else if (target && !('problem' in target)) {
      const visitor = this.auth.visitor(request, { canGive: false, isActivity: false });
      const started = Date.now();
      void this.relay
        .accept(request, socket, head, target, visitor)
        .then((code) => this.audit.upgraded(request, target, visitor, code, Date.now() - started));
    } else if (pathOf(url) === LIVE_PATH) {
      const visitor = this.auth.visitor(request, { canGive: false, isActivity: false });
      this.live.accept(request, socket, head, visitor);
    } else if (this.pages?.upgrade) this.pages.upgrade(request, socket, head);
    else refuseUpgrade(socket, NO_SOCKET);
  }

  /** Pages look after their own origin; everything that reaches a cluster or its rows is looked after here. */
  private foreign(request: IncomingMessage, isApi: boolean, isUpgrade: boolean): Refusal | undefined {
    const { headers, method = 'GET' } = request;
    return (
      checkHost(headers, this.options.hosts) ?? (isApi ? checkOrigin(method, headers, isUpgrade) : undefined)
    );
  }

  private signIn(request: IncomingMessage, response: ServerResponse): void {
    this.audit.signIn(request, response);
    this.auth.answer(request, response);
  }

  private refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    this.audit.refused(request, refusal);
    refuse(response, refusal);
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

const API_PREFIXES = [ACCESS_PREFIX, AUTH_PREFIX, INVENTORY_PREFIX, UPLOADS_PREFIX];

/** What is no page: programs and scripts ask for it, and no page of another site may. */
function isApi(request: IncomingMessage): boolean {
  const url = request.url ?? '/';
  const isOurs = isProxyUrl(url) || API_PREFIXES.some((prefix) => url.startsWith(prefix));
  return isOurs && !isCallback(request);
}

/** A provider sends the browser back with a navigation that another site began; what it brings is checked there. */
function isCallback({ method, url = '' }: IncomingMessage): boolean {
  return method === 'GET' && pathOf(url) === `${AUTH_PREFIX}callback`;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

function sendText(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(body);
}
