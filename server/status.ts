import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiErrorJson, Status, StatusCause } from '@/lib/k8s/error';
import { isSecure } from './client-address';
import { SECURITY_HEADERS, securityHeaders } from './security-headers';

/** A refused client gets this long to read why. */
const LINGER_MS = 2_000;

/** A refusal by the console's own server, in the form in which the Kubernetes API refuses: kubectl prints it too. */
export function statusBody({ code, reason, message, causes }: Omit<ApiErrorJson, 'request'>): string {
  const status: Status & { metadata: object } = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
    ...(causes.length > 0 ? { details: { causes } } : {}),
  };
  return JSON.stringify(status);
}

export interface Refusal {
  code: number;
  reason: string;
  message: string;
  causes?: StatusCause[];
}

/** Answers a request with a Status; does nothing when an answer has begun. */
export function refuse(response: ServerResponse, { code, reason, message, causes = [] }: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = statusBody({ code, reason, message, causes });
  response.writeHead(code, {
    ...securityHeaders(isSecure(response.req)),
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    // What may still come of a refused body is not read.
    ...(response.req.complete ? {} : { Connection: 'close' }),
  });
  response.end(body);
}

/** The same for a socket that asked for an upgrade. */
export function refuseUpgrade(socket: Duplex, { code, reason, message, causes = [] }: Refusal): void {
  const body = statusBody({ code, reason, message, causes });
  const headers = {
    ...SECURITY_HEADERS,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? reason}\r\n${lines.join('')}\r\n${body}`);
  endRefused(socket);
}

/**
 * Ends a socket that asked for an upgrade and got none. Node has let go of it by then: unread, it would never notice
 * that the client has left, and stay open for ever.
 */
export function endRefused(socket: Duplex): void {
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}
