import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { ConnectionLimits } from './limits';
import { securityHeaders } from './security-headers';

const TLS_HANDSHAKE = 0x16;

/**
 * An HTTP server, or an HTTPS server when there is a certificate, that gives up on clients which are too slow or send
 * too much, and answers what is no HTTP in one line.
 */
export function createHttpServer(
  limits: ConnectionLimits,
  tls: SecureContextOptions | undefined,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(limits.checkEveryMs, limits.headersTimeoutMs),
    requireHostHeader: true,
    insecureHTTPParser: false,
  };
  const server = tls
    ? createTlsServer(
        { ...options, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.tlsHandshakeTimeoutMs },
        answer,
      )
    : createServer(options, answer);
  // Node would leave out what is beyond this number in silence; limits.ts counts and refuses.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections;
  answerBrokenRequests(server, tls !== undefined);
  if (tls) answerPlainHttp(server, limits.tlsHandshakeTimeoutMs);
  return server;
}

const BROKEN_CODES: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

const BROKEN_TEXTS: Record<number, string> = {
  400: 'This is no HTTP request that can be understood.',
  408: 'The request took too long to arrive.',
  413: 'The chunks of the request carry too much besides the body.',
  431: 'The headers of the request are too large.',
};

const patient = new WeakSet<Socket>();

/** Lets a request take as long as it needs, e.g. an image on its way; its pace is watched all the same (pace.ts). */
export function letTakeLong({ socket }: IncomingMessage): void {
  patient.add(socket);
}

/** What the parser refuses. While another request of the same connection is being answered, an answer here would be taken for that one's. */
function answerBrokenRequests(server: Server, secure: boolean): void {
  const open = new WeakMap<Socket, number>();
  server.on('request', ({ socket }, response) => {
    open.set(socket, (open.get(socket) ?? 0) + 1);
    response.once('close', () => open.set(socket, (open.get(socket) ?? 1) - 1));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Node leaves the connection to whoever listens here, and counts its time once.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && patient.has(socket)) return;
    if (error.code === 'ECONNRESET' || !socket.writable || (open.get(socket) ?? 0) > 0) socket.destroy();
    else sendAndEnd(socket, BROKEN_CODES[error.code ?? ''] ?? 400, secure);
  });
}

/**
 * A browser that was told `http://` on a TLS port gets a sentence in place of a broken connection. The first byte says
 * which of the two speaks; Node's TLS takes up what has been read of the socket before.
 */
function answerPlainHttp(server: Server, timeoutMs: number): void {
  const accept = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const drop = () => socket.destroy();
    const timer = setTimeout(drop, timeoutMs).unref();
    socket.on('error', drop);
    socket.once('close', () => clearTimeout(timer));
    socket.once('data', (first: Buffer) => {
      clearTimeout(timer);
      socket.pause();
      if (first[0] !== TLS_HANDSHAKE) {
        sendAndEnd(socket, 400, false, 'This port speaks HTTPS only: begin the address with https://.');
        return;
      }
      socket.off('error', drop);
      socket.unshift(first);
      for (const listener of accept) listener.call(server, socket);
    });
  });
}

function sendAndEnd(socket: Socket, code: number, secure: boolean, text = BROKEN_TEXTS[code] ?? ''): void {
  const headers = {
    ...securityHeaders(secure),
    'Cache-Control': 'no-store',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(`${text}\n`)),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\n${lines.join('')}\r\n${text}\n`, () =>
    socket.destroySoon(),
  );
}
