import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Api, HttpRequest } from './api';
import type { ApiCall, Reply } from './api-call';
import { badRequest } from './errors';
import { FORWARD_PROTOCOLS, type PodRuntime, podStream, REMOTE_PROTOCOLS } from './pod-streams';
import { commonHeaders, encoded, errorReply } from './replies';
import type { Cluster } from './store';
import type { SubresourceServer } from './subresource';
import { notFoundPage, subresourceReply } from './subresource-calls';
import type { WatchSink } from './watch';

/** virt-api's sub-protocol: echoed when offered, and never required. */
const PLAIN = 'plain.kubevirt.io';
/** Bytes on their way to the client above which the source is paused. */
const HIGH_WATER_BYTES = 1024 * 1024;
const PORT_FORWARD_PING_MS = 1000;
/** A client that answers no ping for so long has gone. */
const PONG_WAIT_MS = 60_000;

/** Answers an upgrade request: a console, a forwarded port, or a watch. */
export class Upgrades {
  private readonly consoles = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: (offered) => (offered.has(PLAIN) ? PLAIN : false),
  });
  private readonly watches = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: (offered) => [...offered].find((name) => !name.startsWith('base64url.bearer.')) ?? false,
  });

  private readonly remotes = serverOf(REMOTE_PROTOCOLS);
  private readonly forwards = serverOf(FORWARD_PROTOCOLS);

  constructor(
    private readonly api: Api,
    private readonly served: {
      cluster: Cluster;
      subresources: SubresourceServer | undefined;
      podRuntime: PodRuntime | undefined;
    },
    private readonly startWatch: (call: ApiCall, sink: WatchSink) => { stop(): void },
  ) {}

  async handle(incoming: IncomingMessage, socket: Duplex, head: Buffer, request: HttpRequest): Promise<void> {
    try {
      const reply = await this.upgrade(incoming, socket, head, request);
      if (reply) refuseUpgrade(socket, reply);
    } catch (error) {
      refuseUpgrade(socket, errorReply(error));
    }
  }

  /** Returns the refusal, if there is one. */
  private async upgrade(
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    request: HttpRequest,
  ): Promise<Refusal | undefined> {
    const podCall = await this.api.podUpgrade(request);
    if (podCall) return this.upgradePod(incoming, socket, head, podCall);
    const call = await this.api.subresourceUpgrade(request);
    if (!call) return this.upgradeWatch(incoming, socket, head, request);
    if ('refusal' in call) return proxied(call.refusal);
    if (!this.served.subresources) return notFoundPage();
    const answer = await this.served.subresources.upgrade(call);
    if ('refusal' in answer) return proxied(subresourceReply(answer.refusal));
    if (socket.destroyed) {
      answer.stream.destroy();
      return undefined;
    }
    this.consoles.handleUpgrade(incoming, socket, head, (webSocket) => {
      splice(webSocket, socket, answer.stream, call.action.startsWith('portforward'));
    });
    return undefined;
  }

  private upgradePod(
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    call: ApiCall,
  ): Refusal | undefined {
    const { cluster, podRuntime } = this.served;
    if (!podRuntime) return notFoundPage();
    if (incoming.headers.upgrade?.toLowerCase() !== 'websocket')
      throw badRequest('unable to upgrade: unsupported protocol');
    const run = podStream(cluster, call, podRuntime);
    const forwards = call.request.rest === 'portforward';
    const offered = (incoming.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const known = forwards ? FORWARD_PROTOCOLS : REMOTE_PROTOCOLS;
    if (!offered.some((name) => known.includes(name))) {
      throw badRequest(
        `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${known.join(' ')}]`,
      );
    }
    const server = forwards ? this.forwards : this.remotes;
    server.handleUpgrade(incoming, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      run(webSocket);
    });
    return undefined;
  }

  private async upgradeWatch(
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    request: HttpRequest,
  ): Promise<Refusal | undefined> {
    const outcome = await this.api.handle(request, []);
    if (!('watch' in outcome)) return 'reply' in outcome ? outcome.reply : notFoundPage();
    // The apiserver's WebSocket library insists on an Origin, and answers without it by a bare line.
    if (!incoming.headers.origin) return { status: 403, common: false };
    this.watches.handleUpgrade(incoming, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      try {
        const watch = this.startWatch(outcome.watch, webSocketSink(webSocket));
        webSocket.on('close', () => watch.stop());
      } catch (error) {
        webSocket.send(JSON.stringify({ type: 'ERROR', object: errorReply(error).body }));
        webSocket.close(1000);
      }
    });
    return undefined;
  }
}

/** A server that speaks the first of its protocols that the client offers. */
function serverOf(protocols: readonly string[]): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: (offered) => [...offered].find((name) => protocols.includes(name)) ?? false,
  });
}

/** A reply before the upgrade. `common` is false where the apiserver adds no headers of its own. */
type Refusal = Reply & { common?: false };

/** An upgrade's refusal by virt-api reaches the client as virt-api wrote it. */
function proxied(reply: Reply): Refusal {
  return { ...reply, common: false };
}

/** Writes a plain HTTP answer to a socket that asked for an upgrade. */
export function refuseUpgrade(socket: Duplex, reply: Refusal): void {
  const { bytes, contentType } = encoded(reply);
  const bare = reply.common === false && reply.body === undefined && !reply.headers;
  const headers = {
    ...(reply.common === false ? {} : commonHeaders()),
    ...(contentType ? { 'Content-Type': contentType } : {}),
    ...reply.headers,
    ...(bare ? {} : { Date: new Date().toUTCString(), 'Content-Length': String(bytes.length) }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}\r\n${lines.join('')}\r\n`;
  socket.on('error', () => socket.destroy());
  socket.end(Buffer.concat([Buffer.from(head), bytes]));
}

/** Copies bytes both ways until either side ends; the end is a closed socket without a close frame, as virt-api has it. */
function splice(webSocket: WebSocket, socket: Duplex, stream: Duplex, pings: boolean): void {
  let heard = performance.now();
  const keepAlive = () => {
    if (performance.now() - heard > PONG_WAIT_MS) webSocket.terminate();
    else if (webSocket.readyState === WebSocket.OPEN) webSocket.ping('keep alive');
  };
  const timer = pings ? setInterval(keepAlive, PORT_FORWARD_PING_MS) : undefined;
  webSocket.on('pong', () => {
    heard = performance.now();
  });
  const finish = () => {
    clearInterval(timer);
    stream.destroy();
    // Half-closing lets what is already written reach the client.
    if (webSocket.readyState === WebSocket.OPEN) socket.end(() => webSocket.terminate());
    else webSocket.terminate();
  };
  stream.on('data', (chunk: Buffer) => {
    if (webSocket.readyState !== WebSocket.OPEN) return;
    webSocket.send(chunk, { binary: true }, () => {
      if (stream.isPaused() && webSocket.bufferedAmount < HIGH_WATER_BYTES) stream.resume();
    });
    if (webSocket.bufferedAmount >= HIGH_WATER_BYTES) stream.pause();
  });
  stream.on('end', finish);
  stream.on('close', finish);
  stream.on('error', finish);
  webSocket.on('message', (message: Buffer, isBinary: boolean) => {
    // Text frames are dropped without a word.
    if (!isBinary || stream.writableEnded || stream.destroyed) return;
    if (stream.write(message)) return;
    webSocket.pause();
    stream.once('drain', () => webSocket.resume());
  });
  webSocket.on('close', finish);
  webSocket.on('error', finish);
}

function webSocketSink(webSocket: WebSocket): WatchSink {
  let waiting: (() => void) | undefined;
  const resume = () => {
    if (!waiting || webSocket.bufferedAmount >= HIGH_WATER_BYTES) return;
    const go = waiting;
    waiting = undefined;
    go();
  };
  return {
    write(lines) {
      for (const line of lines) webSocket.send(line, resume);
      return webSocket.bufferedAmount < HIGH_WATER_BYTES;
    },
    onDrain(callback) {
      waiting = callback;
      resume();
    },
    end: () => webSocket.close(1000),
    cut: () => webSocket.terminate(),
  };
}
