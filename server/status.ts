import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiErrorJson, Status } from '@/lib/k8s/error';

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
}

/** Answers a request with a Status; does nothing when an answer has begun. */
export function refuse(response: ServerResponse, { code, reason, message }: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = statusBody({ code, reason, message, causes: [] });
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** The same for a socket that asked for an upgrade. */
export function refuseUpgrade(socket: Duplex, { code, reason, message }: Refusal): void {
  const body = statusBody({ code, reason, message, causes: [] });
  socket.end(
    `HTTP/1.1 ${code} ${reason}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
