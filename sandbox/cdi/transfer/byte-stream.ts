import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Compression, compressionOf, HEAD_BYTES } from './image-format';
import { TransferError } from './transfer-error';

const CHUNK_BYTES = 1 << 20;
const PROGRAMS = {
  xz: ['xz', '--decompress', '--stdout'],
  zst: ['zstd', '--decompress', '--stdout'],
} as const;

export type ByteStream = AsyncIterable<Buffer>;

/** The first bytes of a stream (fewer when it is shorter), and all of it, those included. */
export async function peek(
  stream: ByteStream,
  bytes = HEAD_BYTES,
): Promise<{ head: Buffer; whole: Readable }> {
  const iterator = stream[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const { done, value } = await iterator.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield* first;
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(first).subarray(0, bytes), whole: Readable.from(all(), { objectMode: true }) };
}

/** Calls `take` with every chunk that goes by. */
export async function* tap(stream: ByteStream, take: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    take(chunk);
    yield chunk;
  }
}

/** Unpacks a stream as its first bytes ask for, also when it is packed twice; others come out as they are. */
export async function unpack(stream: ByteStream, signal: AbortSignal): Promise<Readable> {
  const { head, whole } = await peek(stream);
  const packed = compressionOf(head);
  return packed ? unpack(inflate(whole, packed, signal), signal) : whole;
}

/** The threads of zlib and the processes of the others unpack: the loop only hands chunks on. */
function inflate(packed: Readable, compression: Compression, signal: AbortSignal): Readable {
  if (compression === 'gz') {
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    pipeline(packed, gunzip, { signal }).catch((error) => gunzip.destroy(error));
    return gunzip;
  }
  const [program, ...args] = PROGRAMS[compression];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(new TransferError(`could not start ${program}: ${error.message}`)));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(new TransferError(`could not create ${compression} reader: ${complaint.trim() || 'killed'}`));
    });
  });
  ended.catch(() => {});
  async function* unpacked(): AsyncGenerator<Buffer> {
    const feeding = pipeline(packed, child.stdin, { signal });
    feeding.catch(() => child.kill('SIGKILL'));
    try {
      // A pipe of a child yields buffers as long as nobody sets an encoding.
      for await (const chunk of child.stdout) yield chunk as Buffer;
      // Where the source breaks off, that is what went wrong, and not what the program makes of it.
      await feeding.catch((error) => {
        if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      });
      await ended;
    } finally {
      child.kill('SIGKILL');
    }
  }
  return Readable.from(unpacked(), { objectMode: true });
}
