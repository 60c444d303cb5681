import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Access, User } from './access';
import { discovery, kindOf } from './discovery';
import type { Estate } from './estate';
import { serveList, serveOne } from './lists';
import { type Counters, sendJson, sendStatus, type Target, targetOf } from './request';
import { Watches } from './watches';

interface ServerOptions {
  tls?: { cert: string; key: string };
}

/** An API of VMs over HTTP or HTTPS, as far as consoles and kubectl need one; it can be dropped, expired and restarted. */
export class ApiServer {
  readonly counters: Counters = {
    connections: 0,
    openConnections: 0,
    requests: 0,
    lists: {},
    pages: {},
    listBytes: 0,
    watches: {},
    openWatches: 0,
    watchBytes: 0,
  };
  readonly watches: Watches;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly echoes = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  private readonly isTls: boolean;
  private port = 0;

  constructor(
    readonly estate: Estate,
    private readonly access: Access,
    { tls }: ServerOptions = {},
  ) {
    this.isTls = tls !== undefined;
    this.watches = new Watches(estate, this.counters);
    const answer = (request: IncomingMessage, response: ServerResponse) =>
      void this.answer(request, response);
    this.server = tls ? createTlsServer(tls, answer) : createServer(answer);
    this.server.keepAliveTimeout = 60_000;
    this.server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      this.counters.connections += 1;
      this.counters.openConnections += 1;
      this.sockets.add(socket);
      socket.on('close', () => {
        this.counters.openConnections -= 1;
        this.sockets.delete(socket);
      });
    });
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  get url(): string {
    return `${this.isTls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Refuses connections for so long, as an API that is started anew; watches begin from what it still knows. */
  async restart(ms: number): Promise<void> {
    await this.stop();
    await new Promise((resolve) => setTimeout(resolve, ms));
    await this.listen();
  }

  /** Ends every connection. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.counters.requests += 1;
    const url = new URL(request.url ?? '/', 'http://api');
    const user = this.access.user(request.headers.authorization, !this.isTls);
    if (!user) {
      sendStatus(response, 401, 'Unauthorized', 'Unauthorized');
      return;
    }
    const told = request.method === 'GET' ? discovery(url.pathname.replace(/\/$/, '')) : undefined;
    if (told) sendJson(response, 200, told);
    else if (['/healthz', '/readyz', '/livez'].includes(url.pathname)) response.end('ok');
    else if (request.method === 'POST') await this.review(request, response, user, url);
    else this.serve(request, response, user, targetOf(url));
  }

  private serve(request: IncomingMessage, response: ServerResponse, user: User, target?: Target): void {
    const kind = target && kindOf(target.groupVersion, target.plural);
    if (!target || !kind) {
      sendStatus(response, 404, 'NotFound', 'the server could not find the requested resource');
      return;
    }
    const { plural, namespace, groupVersion, name, query } = target;
    // Everybody may ask for one namespace of their own by name, as with a role in it.
    if (!this.access.may(user, plural === 'namespaces' && name ? name : namespace)) {
      const [group = ''] = groupVersion.includes('/') ? groupVersion.split('/') : [''];
      const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
      const what = `${plural}${group ? `.${group}` : ''} is forbidden: User "${user.name}" cannot list resource "${plural}" in API group "${group}" ${where}`;
      sendStatus(response, 403, 'Forbidden', what);
    } else if (name) serveOne(this.estate, target, request, response);
    else if (['true', '1'].includes(query.get('watch') ?? '')) this.watches.serve(target, request, response);
    else serveList(this.estate, this.counters, target, kind, request, response);
  }

  private async review(
    request: IncomingMessage,
    response: ServerResponse,
    user: User,
    url: URL,
  ): Promise<void> {
    if (!request.headers['content-type']?.includes('json')) {
      sendStatus(response, 415, 'UnsupportedMediaType', 'This API reads JSON only');
      return;
    }
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const plural = url.pathname.split('/').at(-1) ?? '';
    const answer = this.access.review(user, plural, JSON.parse(text || '{}'));
    if (answer) sendJson(response, 201, answer);
    else sendStatus(response, 405, 'MethodNotAllowed', 'This API is for measuring and takes no writes');
  }

  /** A console of any machine: what is sent comes back. */
  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (!this.access.user(request.headers.authorization, !this.isTls)) {
      socket.destroy();
      return;
    }
    this.echoes.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (message: Buffer, binary: boolean) => client.send(message, { binary }));
      client.on('error', () => client.terminate());
    });
  }
}
