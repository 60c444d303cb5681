import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface LoadTarget {
  url: string;
  path: string;
  headers?: Record<string, string>;
  ca?: string;
}

export interface LoadResult {
  answers: number;
  bytes: number;
  seconds: number;
  /** Of each answer, in ms. */
  waits: number[];
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const END_OF_CHUNKS = Buffer.from('0\r\n\r\n');

/**
 * Asks the same again and again over some connections, each waiting for its answer: as wrk does, and like it with no
 * more understanding of HTTP than the ends of answers need, so that the client costs little.
 */
export async function loadFor(target: LoadTarget, connections: number, ms: number): Promise<LoadResult> {
  const result: LoadResult = { answers: 0, bytes: 0, seconds: 0, waits: [] };
  const from = performance.now();
  const until = from + ms;
  await Promise.all(Array.from({ length: connections }, () => ask(target, until, result)));
  result.seconds = (performance.now() - from) / 1_000;
  return result;
}

async function ask(
  { url, path, headers = {}, ca }: LoadTarget,
  until: number,
  result: LoadResult,
): Promise<void> {
  const { hostname, port, protocol, pathname } = new URL(url);
  const lines = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const request = `GET ${pathname.replace(/\/$/, '')}${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  const options = { host: hostname, port: Number(port) };
  const socket: Socket = protocol === 'https:' ? connectTls({ ...options, ca }) : connectPlain(options);
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    const reader = new AnswerReader();
    let sent = performance.now();
    const next = () => {
      if (performance.now() >= until) {
        socket.destroy();
        resolve();
        return;
      }
      sent = performance.now();
      socket.write(request);
    };
    socket.on(protocol === 'https:' ? 'secureConnect' : 'connect', next);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      result.bytes += chunk.length;
      if (!reader.take(chunk)) return;
      if (reader.status !== 200) {
        socket.destroy();
        reject(new Error(`${path} was answered with ${reader.status}`));
        return;
      }
      result.answers += 1;
      result.waits.push(performance.now() - sent);
      next();
    });
  });
}

/** Finds the end of an answer. */
class AnswerReader {
  status = 0;
  private head = Buffer.alloc(0);
  private left: number | 'chunks' | undefined;
  private tail = Buffer.alloc(0);

  /** Whether the answer is complete with this chunk. */
  take(chunk: Buffer): boolean {
    let rest = chunk;
    if (this.left === undefined) {
      this.head = Buffer.concat([this.head, chunk]);
      const end = this.head.indexOf(END_OF_HEAD);
      if (end < 0) return false;
      const head = this.head.subarray(0, end).toString('latin1');
      this.status = Number(head.slice(9, 12));
      const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
      this.left = length === undefined ? 'chunks' : Number(length);
      rest = this.head.subarray(end + END_OF_HEAD.length);
    }
    if (this.left === 'chunks') {
      this.tail = Buffer.concat([this.tail, rest.subarray(-END_OF_CHUNKS.length)]).subarray(
        -END_OF_CHUNKS.length,
      );
      return this.tail.equals(END_OF_CHUNKS) && this.reset();
    }
    this.left -= rest.length;
    return this.left <= 0 && this.reset();
  }

  private reset(): true {
    this.head = Buffer.alloc(0);
    this.tail = Buffer.alloc(0);
    this.left = undefined;
    return true;
  }
}
