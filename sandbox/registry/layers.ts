import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import type { Descriptor } from './manifest';
import { networkWords, type RegistryClient, RegistryError } from './registry-client';

const TRIES = 5;
const FIRST_PAUSE_MS = 200;

/**
 * Downloads a blob into `file`, which is there only when it is whole and what its digest says. What an earlier try
 * left beside it is gone on with; a connection that breaks is taken up again some times.
 * @param onBytes told how many bytes are there, from 0 on
 * @throws RegistryError in containerd's words
 */
export async function downloadBlob(
  client: RegistryClient,
  { digest, size }: Descriptor,
  file: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const part = `${file}.part`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await downloadRest(client, digest, size, part, onBytes);
      break;
    } catch (error) {
      const refused = error instanceof RegistryError && (error.status ?? 500) < 500;
      const failed =
        error instanceof RegistryError
          ? error.message
          : `failed to copy: httpReadSeeker: failed open: ${networkWords(error)}`;
      if (refused || attempt === TRIES) throw new RegistryError(failed);
      await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(part)) hash.update(chunk);
  const actual = `sha256:${hash.digest('hex')}`;
  if (actual !== digest) {
    await rm(part, { force: true });
    throw new RegistryError(
      `failed to copy: failed commit on ref "layer-${digest}": unexpected commit digest ${actual}, expected ${digest}: failed precondition`,
    );
  }
  await rename(part, file);
}

async function downloadRest(
  client: RegistryClient,
  digest: string,
  size: number,
  part: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const present = (await stat(part).catch(() => undefined))?.size ?? 0;
  const wanted = present < size ? present : 0;
  if (present === size && size > 0) return;
  const { from, body } = await client.blob(digest, wanted);
  const handle = await open(part, from > 0 ? 'r+' : 'w');
  try {
    let at = from;
    onBytes(at);
    for await (const chunk of body) {
      if (at + chunk.length > size)
        throw new RegistryError(`failed to copy: blob ${digest} is longer than ${size} bytes`, 400);
      await handle.write(chunk, 0, chunk.length, at);
      at += chunk.length;
      onBytes(at);
    }
    if (at < size) throw new RegistryError('failed to copy: httpReadSeeker: failed open: unexpected EOF');
  } finally {
    await handle.close();
  }
}

/** A layer's tar stream. Its first bytes say how it is compressed: media types are not always right about it. */
export async function openLayer(file: string): Promise<AsyncIterable<Buffer>> {
  const handle = await open(file, 'r');
  const magic = Buffer.alloc(4);
  try {
    await handle.read(magic, 0, 4, 0);
  } finally {
    await handle.close();
  }
  const raw = createReadStream(file, { highWaterMark: 256 * 1024 });
  if (magic.readUInt16BE(0) === 0x1f8b) {
    const plain = createGunzip({ chunkSize: 256 * 1024 });
    raw.on('error', (error) => plain.destroy(error));
    return raw.pipe(plain);
  }
  return magic.readUInt32LE(0) === 0xfd2fb528 ? zstd(raw) : raw;
}

/** Node before 22.15 has no Zstandard of its own; Debian's program is asked. */
async function* zstd(raw: Readable): AsyncGenerator<Buffer> {
  const child = spawn('zstd', ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk) => {
    words += chunk;
  });
  const code = new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (status) => resolve(status ?? 1));
  });
  child.stdin.on('error', () => {});
  raw.pipe(child.stdin);
  try {
    // A child's output is a stream of buffers while no encoding is set.
    yield* child.stdout as AsyncIterable<Buffer>;
    const status = await code;
    if (status === 127)
      throw new Error('the layer is compressed with zstd, and there is no program zstd to read it');
    if (status !== 0) throw new Error(words.trim() || `zstd ended with ${status}`);
  } finally {
    raw.destroy();
    child.kill();
  }
}
