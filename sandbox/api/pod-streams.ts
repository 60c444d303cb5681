import type { Duplex, Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ApiCall } from './api-call';
import { badRequest, internalError, type Status } from './errors';
import type { KubeObject } from './objects';
import { containerFor, requireReachable, statusOf } from './pod-log-call';
import { at } from './print-values';
import { requireObject } from './reads';
import { isTrue } from './request-path';
import type { Cluster } from './store';

/** What containers do when somebody calls on them. */
export interface PodRuntime {
  /** Runs a program to its end, or says in the container runtime's words why it cannot. */
  run(
    pod: KubeObject,
    container: string,
    command: string[],
  ): { stdout: string; exitCode: number } | { failure: string };
  /** What the container prints from now on. */
  attach(pod: KubeObject, container: string): Readable;
  /** A connection to a port of the pod. Rejects with the container runtime's text when nobody answers. */
  dial(pod: KubeObject, port: number, protocol?: 'tcp' | 'udp'): Promise<Duplex>;
  /** Whether anything runs in the pod that may answer on a port. */
  listens(pod: KubeObject): boolean;
}

/** The channels of remote command: the first byte of every message names one. */
const CHANNEL = { stdout: 1, stderr: 2, error: 3, close: 255 };
/** Newest first. Only the last version can close single channels; all others differ in the error's shape alone. */
export const REMOTE_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'base64.channel.k8s.io',
  'channel.k8s.io',
];
export const FORWARD_PROTOCOLS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'];

const STREAMS = ['exec', 'attach', 'portforward'];

export function isPodStream(rest: string | undefined): boolean {
  return rest !== undefined && STREAMS.includes(rest);
}

/** What to do with the WebSocket once it is open. */
export type PodStream = (webSocket: WebSocket) => void;

/**
 * Prepares exec, attach or portforward: everything that is refused before the upgrade is refused here.
 * @throws ApiError 400, 404, 500
 */
export function podStream(cluster: Cluster, call: ApiCall, runtime: PodRuntime): PodStream {
  const pod = requireObject(cluster, call);
  const { name } = pod.metadata;
  const { query, request } = call;
  if (!at(pod, 'spec', 'nodeName')) throw badRequest(`pod ${name} does not have a host assigned`);
  if (request.rest === 'portforward') return forward(pod, ports(query), runtime);
  const container = containerFor(pod, query.get('container'));
  requireReachable(cluster, pod, container);
  const command = query.getAll('command');
  if (request.rest === 'exec' && command.length === 0) {
    throw badRequest('you must specify at least 1 command for the container');
  }
  if (!at(statusOf(pod, container), 'state', 'running')) {
    throw internalError(`unable to upgrade connection: container not found (${JSON.stringify(container)})`);
  }
  const lowest = isTrue(query.get('stdout'))
    ? CHANNEL.stdout
    : isTrue(query.get('stderr'))
      ? CHANNEL.stderr
      : CHANNEL.error;
  return (webSocket) => {
    const send = sender(webSocket);
    // Tells the client that the connection stands.
    send(lowest, Buffer.alloc(0));
    if (request.rest === 'attach') attach(webSocket, send, runtime.attach(pod, container));
    else exec(webSocket, send, runtime.run(pod, container, command));
  };
}

type Send = (channel: number, bytes: Buffer) => void;

/** Frames messages as the negotiated protocol wants them: raw bytes, or base64 behind a digit. */
function sender(webSocket: WebSocket): Send {
  const encoded = webSocket.protocol.includes('base64');
  return (channel, bytes) => {
    if (webSocket.readyState !== webSocket.OPEN) return;
    if (encoded) webSocket.send(`${channel}${bytes.toString('base64')}`);
    else webSocket.send(Buffer.concat([Buffer.from([channel]), bytes]), { binary: true });
  };
}

function exec(webSocket: WebSocket, send: Send, result: ReturnType<PodRuntime['run']>): void {
  if ('failure' in result) {
    finish(webSocket, send, internalError(`error executing command in container: ${result.failure}`).status);
    return;
  }
  if (result.stdout) send(CHANNEL.stdout, Buffer.from(result.stdout));
  finish(webSocket, send, exitStatus(result.exitCode));
}

function attach(webSocket: WebSocket, send: Send, output: Readable): void {
  output.on('data', (chunk: Buffer) => send(CHANNEL.stdout, chunk));
  output.once('end', () => finish(webSocket, send, exitStatus(0)));
  output.once('error', () => webSocket.close(1000));
  webSocket.once('close', () => output.destroy());
}

/** How a program ended, as the error channel says it. */
export function exitStatus(code: number): Partial<Status> {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

function finish(webSocket: WebSocket, send: Send, status: Partial<Status>): void {
  send(CHANNEL.error, Buffer.from(JSON.stringify(status)));
  webSocket.close(1000);
}

function ports(query: URLSearchParams): number[] {
  const texts = query.getAll('ports').flatMap((text) => text.split(','));
  if (texts.length === 0) throw badRequest('query parameter "ports" is required');
  return texts.map((text) => {
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw badRequest(`query parameter "ports" contains invalid port ${JSON.stringify(text)}`);
    }
    return port;
  });
}

/** Two channels for each port, data and error; each begins with the port's number. */
function forward(pod: KubeObject, numbers: readonly number[], runtime: PodRuntime): PodStream {
  return (webSocket) => {
    const send = sender(webSocket);
    const connections = new Map<number, Promise<Duplex | undefined>>();
    for (const [index, port] of numbers.entries()) {
      const head = Buffer.alloc(2);
      head.writeUInt16LE(port);
      send(2 * index, head);
      send(2 * index + 1, head);
      const connection = runtime.dial(pod, port).catch((error: Error) => {
        send(2 * index + 1, Buffer.from(error.message));
        return undefined;
      });
      connections.set(2 * index, connection);
      void connection.then((stream) => carry(webSocket, stream, (bytes) => send(2 * index, bytes)));
    }
    webSocket.on('message', (message: Buffer, binary: boolean) => {
      const channel = binary ? message[0] : Number(message.subarray(0, 1).toString());
      const rest = message.subarray(1);
      const bytes = binary ? rest : Buffer.from(rest.toString(), 'base64');
      void connections.get(channel ?? -1)?.then((stream) => stream?.write(bytes));
    });
    webSocket.once('close', () => {
      for (const connection of connections.values()) void connection.then((stream) => stream?.destroy());
    });
    // Without any connection there is nothing to wait for.
    void Promise.all(connections.values()).then((streams) => {
      if (!streams.some(Boolean)) webSocket.close(1000);
    });
  };
}

/** Copies what a connection brings; its end is the socket's. */
function carry(webSocket: WebSocket, stream: Duplex | undefined, take: (bytes: Buffer) => void): void {
  if (!stream) return;
  if (webSocket.readyState !== webSocket.OPEN) stream.destroy();
  stream.on('data', take);
  stream.on('error', () => webSocket.close(1000));
  stream.once('close', () => webSocket.close(1000));
}
